package db_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestChangesByThePage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice) // revision 1
		for range 4 {
			dbtest.Post(t, s, alice, room, "x") // 2 to 5
		}
		must[*db.RoomView](t)(s.RenameRoom(t.Context(), alice, room, "new"))             // 6, and 7 for the event
		must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 1, "edited"))       // 8, was 2
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 3))               // 9, was 4
		must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 1, "edited again")) // 10, was 8
		tests := []struct {
			after int64
			limit int
			want  string
		}{
			{0, 10, "m2=3 m4=5 room=6 m5=7 m3=9 m1=10, up to 10"},
			{0, 5, "m2=3 m4=5 room=6 m5=7 m3=9 m1=10, up to 10"},
			{0, 2, "m2=3 m4=5, up to 5, more"},
			{5, 3, "room=6 m5=7 m3=9 m1=10, up to 10"},
			{0, 3, "m2=3 m4=5 room=6 m5=7, up to 7, more"},
			{5, 1, "room=6 m5=7, up to 7, more"},
			{9, 1, "m1=10, up to 10"},
			{10, 1, ", up to 10"},
			{50, 1, ", up to 10"}, // a cursor from the future
		}
		for _, test := range tests {
			changes := must[*db.RoomChanges](t)(s.Changes(t.Context(), room, test.after, test.limit))
			wantEqual(t, fmt.Sprintf("after %d, at most %d", test.after, test.limit), describe(changes), test.want)
			wantEqual(t, "head", changes.Head, int64(10))
		}
		_, err := s.Changes(t.Context(), uuid.New(), 0, 1)
		wantError(t, err, db.ErrNotFound)
		_, err = s.Head(t.Context(), uuid.New())
		wantError(t, err, db.ErrNotFound)
	})
}

// describe tells changes in the order of their revisions.
func describe(c *db.RoomChanges) string {
	text, room := "", c.Room
	add := func(what string, revision int64) {
		if text != "" {
			text += " "
		}
		text += fmt.Sprintf("%s=%d", what, revision)
	}
	for _, m := range c.Messages {
		if room != nil && room.RoomRevision < m.Revision {
			add("room", room.RoomRevision)
			room = nil
		}
		add(fmt.Sprint("m", m.Position), m.Revision)
	}
	if room != nil {
		add("room", room.RoomRevision)
	}
	text += fmt.Sprint(", up to ", c.Revision)
	if c.More {
		text += ", more"
	}
	return text
}

func TestChangesAreCompleteStates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		told := record(s)
		room := must[*db.RoomView](t)(s.CreateRoom(t.Context(), alice, "사랑방", db.KindPrivate))
		posted, _, err := s.PostMessage(t.Context(), alice, room.ID, "hello", "key")
		noError(t, err)
		notices := told.take()
		changes := must[*db.RoomChanges](t)(s.Changes(t.Context(), room.ID, 0, 10))
		if diff := cmp.Diff(changes.Messages[0], posted); diff != "" {
			t.Errorf("message: read -, posted +: %s", diff)
		}
		want := must[*db.RoomView](t)(s.Room(t.Context(), alice, room.ID)).Room
		if diff := cmp.Diff(changes.Room, &want); diff != "" {
			t.Errorf("room: changes -, room +: %s", diff)
		}
		wantEqual(t, "password hash in a notice", notices[1].Message.Author.PasswordHash, "")
	})
}
