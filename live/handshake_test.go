package live

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

func TestServe_ErrorsBeforeTheFirstByte(t *testing.T) {
	refused := errors.New("not any more")
	for name, c := range map[string]struct {
		change func(f *fixture, s *Subscription)
		want   error
	}{
		"no such room":        {func(_ *fixture, s *Subscription) { s.Room = uuid.New() }, db.ErrNotFound},
		"the store fails":     {func(f *fixture, _ *Subscription) { f.store.fail(errStore) }, errStore},
		"the right has ended": {func(_ *fixture, s *Subscription) { s.Check = func(context.Context) error { return refused } }, refused},
		"the hub is closed":   {func(f *fixture, _ *Subscription) { f.hub.Close() }, ErrClosed},
		"the hub closes just now": {func(f *fixture, s *Subscription) {
			s.Check = func(context.Context) error { go f.hub.Close(); <-f.hub.ctx.Done(); return nil }
		}, ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				s := reads(1, f.store.room("a", 1), 0)
				c.change(f, &s)
				st := f.open(s)
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

func TestStream_OfAUsersOwn(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		st, html := f.open(reads(1, uuid.Nil, 0)), f.open(reads(1, uuid.Nil, 0).as(HTML))
		st.wants("data: {\"revision\":0}\nevent: ready\n\n")
		html.wants("data: {\"revision\":0}\nevent: ready\n\ndata: user1's rooms: a 0\n\n")
		time.Sleep(entriesPace) // the lists of pages that open are told in rounds as well
		f.post(room, 2, "hello")
		st.wants("data: user1's rooms: a 1\nevent: unread\n\n")
		html.wants("data: entry a 1 0\n\n")
	})
}

func TestStream_OfAPage(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		s := reads(1, room, 1).as(Page)
		s.Head, s.Tail, s.Bytes = []byte("<ol>\n"), []byte("</ol>\n"), 40
		st := f.open(s)
		st.wants("<ol>\n")
		f.post(room, 2, "first of all")
		st.wants("m1 first of all\n")
		time.Sleep(pace)
		f.post(room, 2, "the last one")
		st.wants("m2 the last one\n")
		time.Sleep(pace)
		f.post(room, 2, "over")
		st.wants("m3 over\n</ol>\n")
		if !st.ended() {
			t.Error("the page goes on beyond its size")
		}
	})
}
