package db_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/internal/testseed"
)

func TestUnreadIsExactAfterEveryKindOfAction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		ctx := t.Context()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		steps := []struct {
			name              string
			do                func() error
			alice, bob, carol int // unread; -1: not in the room
		}{
			{"alice posts", post(s, alice, room), 0, 1, -1},
			{"alice posts again", post(s, alice, room), 0, 2, -1},
			{"bob posts", post(s, bob, room), 1, 2, -1},
			{"carol joins", func() error { return second(s.Visit(ctx, carol, room)) }, 1, 2, 0},
			{"alice posts a third time", post(s, alice, room), 1, 3, 1},
			{"alice edits", func() error { return second(s.EditMessage(ctx, alice, room, 5, "edited")) }, 1, 3, 1},
			{"alice deletes the first", func() error { return second(s.DeleteMessage(ctx, alice, room, 1)) }, 1, 2, 1},
			{"alice deletes it again", func() error { return second(s.DeleteMessage(ctx, alice, room, 1)) }, 1, 2, 1},
			{"bob reads the deleted one", func() error { return second(s.MarkRead(ctx, bob, room, 1)) }, 1, 2, 1},
			{"bob reads one", func() error { return second(s.MarkRead(ctx, bob, room, 2)) }, 1, 1, 1},
			{"carol leaves", func() error { return s.LeaveRoom(ctx, carol, room) }, 1, 1, -1},
			{"bob posts with something unread", post(s, bob, room), 2, 1, -1},
			{"carol comes back", func() error { return second(s.Visit(ctx, carol, room)) }, 2, 1, 0},
			{"the newest is deleted", func() error { return second(s.DeleteMessage(ctx, bob, room, 7)) }, 1, 1, 0},
			{"carol posts", post(s, carol, room), 2, 2, 0},
			{"the room is renamed", func() error { return second(s.RenameRoom(ctx, alice, room, "new")) }, 2, 2, 0},
			{"alice reads all", func() error { return second(s.MarkRead(ctx, alice, room, 9)) }, 0, 2, 0},
		}
		for _, step := range steps {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			wantEqual(t, step.name+": alice", unread(t, s, alice, room), step.alice)
			wantEqual(t, step.name+": bob", unread(t, s, bob, room), step.bob)
			wantEqual(t, step.name+": carol", unread(t, s, carol, room), step.carol)
		}
	})
}

func post(s *db.Store, author *db.User, room uuid.UUID) func() error {
	return func() error {
		_, _, err := s.PostMessage(context.Background(), author, room, "x", "")
		return err
	}
}

// unread is what the list of rooms says, or -1 without the room.
func unread(t *testing.T, s *db.Store, u *db.User, room uuid.UUID) int {
	t.Helper()
	for _, r := range must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), u)) {
		if r.ID == room {
			single := must[*db.RoomView](t)(s.Room(t.Context(), u, room))
			wantEqual(t, "unread of the room itself", single.Unread, r.Unread)
			return r.Unread
		}
	}
	return -1
}

func TestUnreadIsWhatCountingAllMessagesGives(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		people := []*db.User{dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")}
		room := dbtest.Room(t, s, db.KindOpen, people...)
		dice := rand.New(rand.NewPCG(testseed.New(t), 7))
		for range 150 {
			u := people[dice.IntN(len(people))]
			position := dice.Int64N(60) + 1
			switch dice.IntN(5) {
			case 0:
				_, _ = s.DeleteMessage(t.Context(), u, room, position)
			case 1:
				must[*db.RoomView](t)(s.MarkRead(t.Context(), u, room, position))
			default:
				noError(t, post(s, u, room)())
			}
		}
		page := must[*db.MessagePage](t)(s.Messages(t.Context(), people[0], room, db.Window{After: 0, Limit: 1000}))
		for _, u := range people {
			view := must[*db.RoomView](t)(s.Room(t.Context(), u, room))
			want := 0
			for _, m := range page.Messages {
				if m.Position > view.ReadPosition && m.AuthorID != u.ID && m.DeletedAt == nil && m.Kind == db.MessageText {
					want++
				}
			}
			wantEqual(t, "unread of "+u.Name, view.Unread, want)
		}
	})
}

func TestCountingUnreadStopsAtTheBound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		atOnce(db.UnreadBound+5, func(int) {
			if err := post(s, alice, room)(); err != nil {
				t.Error(err)
			}
		})
		wantEqual(t, "unread", unread(t, s, bob, room), db.UnreadBound)
		must[*db.RoomView](t)(s.MarkRead(t.Context(), bob, room, 6))
		wantEqual(t, "unread", unread(t, s, bob, room), db.UnreadBound-1)
	})
}

func TestWhoHasReadEverythingHasReadItsOwnMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		for _, step := range []struct {
			author     *db.User
			alice, bob int64
		}{{alice, 1, 0}, {alice, 2, 0}, {bob, 2, 0}, {alice, 2, 0}} {
			dbtest.Post(t, s, step.author, room, "x")
			wantEqual(t, "alice's mark", must[*db.RoomView](t)(s.Room(t.Context(), alice, room)).ReadPosition, step.alice)
			wantEqual(t, "bob's mark", must[*db.RoomView](t)(s.Room(t.Context(), bob, room)).ReadPosition, step.bob)
		}
	})
}
