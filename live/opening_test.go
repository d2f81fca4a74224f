package live

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

func TestErrorsBeforeTheFirstByte(t *testing.T) {
	refused := errors.New("not any more")
	for name, c := range map[string]struct {
		change func(w *world, s *Subscription)
		want   error
	}{
		"no such room":        {func(_ *world, s *Subscription) { s.Room = uuid.New() }, db.ErrNotFound},
		"the store fails":     {func(w *world, _ *Subscription) { w.store.fail(errStore) }, errStore},
		"the right has ended": {func(_ *world, s *Subscription) { s.Check = func(context.Context) error { return refused } }, refused},
		"the hub is closed":   {func(w *world, _ *Subscription) { w.hub.Close() }, ErrClosed},
		"the hub closes just now": {func(w *world, s *Subscription) {
			s.Check = func(context.Context) error { go w.hub.Close(); <-w.hub.ctx.Done(); return nil }
		}, ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				s := reads(1, w.store.room("a", 1), 0)
				c.change(w, &s)
				st := w.open(s)
				if st.text() != "" || st.status != 0 || len(st.header) != 0 {
					t.Errorf("written: status %d, %v, %q", st.status, st.header, st.text())
				}
				if !st.ended() || !errors.Is(st.err, c.want) {
					t.Errorf("error %v, want %v", st.err, c.want)
				}
			})
		})
	}
}

func TestOwnStream(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		room := w.store.room("a", 1)
		st, html := w.open(reads(1, uuid.Nil, 0)), w.open(reads(1, uuid.Nil, 0).as(HTML))
		st.wants("data: {\"revision\":0}\nevent: ready\n\n")
		html.wants("data: {\"revision\":0}\nevent: ready\n\ndata: user1's rooms: a 0\n\n")
		time.Sleep(unreadPause) // the lists of pages that open are told in rounds as well
		w.post(room, 2, "hello")
		st.wants("data: user1's rooms: a 1\nevent: unread\n\n")
		html.wants("data: user1's rooms: a 1\n\n")
	})
}

func TestPage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		room := w.store.room("a", 1)
		s := reads(1, room, 1).as(Page)
		s.Head, s.Tail, s.Bytes = []byte("<ol>\n"), []byte("</ol>\n"), 40
		st := w.open(s)
		st.wants("<ol>\n")
		w.post(room, 2, "first of all")
		st.wants("m1 first of all\n")
		time.Sleep(pace)
		w.post(room, 2, "the last one")
		st.wants("m2 the last one\n")
		time.Sleep(pace)
		w.post(room, 2, "over")
		st.wants("m3 over\n</ol>\n")
		if !st.ended() {
			t.Error("the page goes on beyond its size")
		}
	})
}
