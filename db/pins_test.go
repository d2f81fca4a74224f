package db_test

import (
	"fmt"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestPins_AreKeptAtHand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		for i := range db.MaxPins + 1 {
			dbtest.Post(t, s, alice, room, fmt.Sprint(i+1))
		}
		wants := func(what string, pins int64, first ...int64) {
			t.Helper()
			view := must[*db.RoomView](t)(s.Room(t.Context(), bob, room))
			pinned := must[[]*db.Message](t)(s.PinnedMessages(t.Context(), bob, room))
			wantEqual(t, what, fmt.Sprint(view.Pins, len(pinned)), fmt.Sprint(pins, pins))
			for i, position := range first {
				wantEqual(t, what, pinned[i].Position, position)
			}
		}
		pin := func(position int64, pinned bool) error {
			_, err := s.PinMessage(t.Context(), bob, room, position, pinned)
			return err
		}
		told := record(s)
		noError(t, pin(3, true))
		if notices := told.take(); len(notices) != 2 || notices[0].Message.PinnedAt == nil || notices[1].Changed.Pins != 1 {
			t.Errorf("told %v", notices)
		}
		noError(t, pin(3, true))
		wantEqual(t, "told again", len(told.take()), 0)
		noError(t, pin(1, true))
		wants("two", 2, 1, 3)
		noError(t, pin(1, false))
		wants("one", 1, 3)
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 3))
		wants("none", 0)
		wantError(t, pin(3, true), db.ErrConflict)
		for i := range int64(db.MaxPins) {
			if i != 2 {
				noError(t, pin(i+1, true))
			}
		}
		noError(t, pin(db.MaxPins+1, true))
		m := dbtest.Post(t, s, alice, room, "one too many")
		wantError(t, pin(m.Position, true), db.ErrTooManyPins)
		wantError(t, pin(1000, true), db.ErrNotFound)
		must[*db.RoomView](t)(s.ArchiveRoom(t.Context(), alice, room, true))
		wantError(t, pin(1, false), db.ErrArchived)
	})
}
