package live

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

var (
	roomA = uuid.NewSHA1(uuid.Nil, []byte("a"))
	roomB = uuid.NewSHA1(uuid.Nil, []byte("b"))
)

// TestRight_EndsItsStreams opens the same streams each time and looks which of them end, with which
// reason.
func TestRight_EndsItsStreams(t *testing.T) {
	for name, c := range map[string]struct {
		right  db.Right
		reason string
		ended  string
	}{
		"a person is deactivated":                {db.Right{UserID: 1}, "deactivated", "1a 1b 1own 1token"},
		"a person leaves a room":                 {db.Right{UserID: 1, Room: roomA}, "removed", "1a"},
		"a person signs out one browser":         {db.Right{UserID: 1, Session: "s2"}, "signed_out", "1b"},
		"a session alone":                        {db.Right{Session: "s2"}, "signed_out", "1b"},
		"a token is deleted":                     {db.Right{UserID: 1, Token: 5}, "token_deleted", "1token"},
		"a token alone":                          {db.Right{Token: 5}, "token_deleted", "1token"},
		"a new password ends older sessions":     {db.Right{UserID: 1, Epoch: 8}, "signed_out", "1a 1own"},
		"a new password, a session in one room":  {db.Right{UserID: 1, Epoch: 8, Room: roomA}, "signed_out", "1a"},
		"a room is gone for everybody":           {db.Right{Room: roomA}, "removed", "1a 2a"},
		"everything":                             {db.Right{}, "deactivated", "1a 1b 1own 1token 2a"},
		"somebody who is not here":               {db.Right{UserID: 9}, "", ""},
		"somebody's room where somebody else is": {db.Right{UserID: 2, Room: roomB}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				streams := f.openForRights()
				for _, st := range streams {
					st.next()
				}
				f.hub.Notify(db.Notice{Ended: []db.Right{c.right}})
				var ended []string
				for _, name := range []string{"1a", "1b", "1own", "1token", "2a"} {
					if streams[name].ended() {
						ended = append(ended, name)
						streams[name].wants("data: {\"reason\":\"" + c.reason + "\"}\nevent: close\n\n")
					}
				}
				if got := strings.Join(ended, " "); got != c.ended {
					t.Errorf("ended %q, want %q", got, c.ended)
				}
			})
		})
	}
}

func (f *fixture) openForRights() map[string]*stream {
	f.store.room("a", 1, 2)
	f.store.room("b", 1)
	open := func(user int64, room uuid.UUID, session string, token, epoch int64) *stream {
		s := reads(user, room, FromNow)
		s.Session, s.Token, s.Epoch = session, token, epoch
		return f.open(s)
	}
	return map[string]*stream{
		"1a":     open(1, roomA, "s1", 0, 7),
		"1b":     open(1, roomB, "s2", 0, 8),
		"1own":   open(1, uuid.Nil, "s1", 0, 7),
		"1token": open(1, roomB, "", 5, 0),
		"2a":     open(2, roomA, "s3", 0, 1),
	}
}

func TestRight_EndsStreamsOfEachFormat(t *testing.T) {
	for format, want := range map[Format]string{
		JSON: "data: {\"reason\":\"removed\"}\nevent: close\n\n", HTML: "data: {\"reason\":\"removed\"}\nevent: close\n\n",
		Text: "", Page: "</ol>",
	} {
		t.Run(string(format), func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				room := f.store.room("a", 1)
				s := reads(1, room, FromNow).as(format)
				if format == Page {
					s.Tail = []byte("</ol>")
				}
				st := f.open(s)
				st.next()
				f.hub.Notify(db.Notice{Ended: []db.Right{{UserID: 1, Room: room}}})
				st.wants(want)
				if !st.ended() {
					t.Error("the stream goes on")
				}
			})
		})
	}
}

// TestRight_NothingIsSentAfterItsEnd loses the right while a message waits behind a write that
// hangs.
func TestRight_NothingIsSentAfterItsEnd(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		st := f.open(reads(1, room, FromNow))
		st.next()
		st.stall()
		f.post(room, 2, "in flight")
		st.text()
		f.post(room, 2, "secret")
		f.hub.Notify(db.Notice{Ended: []db.Right{{UserID: 1}}})
		f.post(room, 2, "secret")
		start := time.Now()
		<-st.done
		if took := time.Since(start); took > time.Second {
			t.Errorf("the stalled stream ended after %v, want within a second", took)
		}
		if strings.Contains(st.written.String(), "secret") {
			t.Error("a message was written after the right had ended")
		}
	})
}

func TestRight_EndsDuringTheHandshake(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		f.store.post(room, 2, "secret")
		s := reads(1, room, 0)
		s.Check = func(context.Context) error {
			f.hub.Notify(db.Notice{Ended: []db.Right{{UserID: 1}}})
			return nil
		}
		st := f.open(s)
		if got, want := st.text(), "data: {\"reason\":\"deactivated\"}\nevent: close\n\n"; got != want || st.err != nil {
			t.Errorf("sent %q, %v, want %q", got, st.err, want)
		}
	})
}

func TestRight_Expires(t *testing.T) {
	for name, in := range map[string]time.Duration{"in ten minutes": 10*time.Minute + time.Second, "long ago": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				s := reads(1, f.store.room("a", 1), 0)
				s.Expires = time.Now().Add(in)
				st := f.open(s)
				if in > 0 {
					time.Sleep(in - 1)
					st.next()
					if st.ended() {
						t.Error("ended too early")
					}
					time.Sleep(time.Nanosecond)
				}
				st.wants("data: {\"reason\":\"expired\"}\nevent: close\n\n")
				if !st.ended() {
					t.Error("the stream goes on")
				}
			})
		})
	}
}
