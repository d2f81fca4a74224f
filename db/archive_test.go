package db_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestArchivedRoom_TakesNoPostsAndLeavesTheList(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		admin, alice, bob := dbtest.User(t, s, "admin"), dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		dbtest.Post(t, s, bob, room, "before")
		told := record(s)

		_, err := s.ArchiveRoom(t.Context(), bob, room, true)
		wantError(t, err, db.ErrForbidden)
		_, err = s.ArchiveRoom(t.Context(), admin, room, true)
		wantError(t, err, db.ErrNotFound)
		view := must[*db.RoomView](t)(s.ArchiveRoom(t.Context(), alice, room, true))
		if view.ArchivedAt == nil || view.Unread != 1 || len(told.take()) != 3 {
			t.Errorf("archived: %+v", view)
		}
		wantEqual(t, "event", *newestEvent(t, s, bob, room), db.Event{Type: db.EventArchived})
		must[*db.RoomView](t)(s.ArchiveRoom(t.Context(), alice, room, true))
		wantEqual(t, "notices of archiving twice", len(told.take()), 0)

		_, _, err = s.PostMessage(t.Context(), bob, room, "late", "")
		wantError(t, err, db.ErrArchived)
		_, err = s.EditMessage(t.Context(), bob, room, 1, "late")
		wantError(t, err, db.ErrArchived)
		_, _, err = s.PostMessage(t.Context(), admin, room, "a stranger", "")
		if !errors.Is(err, db.ErrNotFound) || errors.Is(err, db.ErrArchived) {
			t.Errorf("a stranger's post: %v", err)
		}
		_, err = s.Visit(t.Context(), admin, room)
		wantError(t, err, db.ErrNotFound)
		wantError(t, s.AddMember(t.Context(), alice, room, admin.ID), db.ErrArchived)
		wantEqual(t, "open rooms", len(must[[]*db.Room](t)(s.OpenRooms(t.Context(), admin, "", db.RoomCursor{}, 9))), 0)
		for _, u := range []*db.User{alice, bob} {
			wantEqual(t, u.Name+"'s rooms", len(must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), u))), 0)
			wantEqual(t, u.Name+"'s archived rooms", len(must[[]*db.RoomView](t)(s.ArchivedRooms(t.Context(), u))), 1)
		}

		must[*db.RoomView](t)(s.ArchiveRoom(t.Context(), alice, room, false))
		wantEqual(t, "event", *newestEvent(t, s, bob, room), db.Event{Type: db.EventRestored})
		dbtest.Post(t, s, bob, room, "after")
		wantEqual(t, "rooms", len(must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), bob))), 1)
		wantEqual(t, "archived rooms", len(must[[]*db.RoomView](t)(s.ArchivedRooms(t.Context(), bob))), 0)
	})
}

// newestEvent returns what the newest message of a room tells, which has to be an event.
func newestEvent(t *testing.T, s *db.Store, viewer *db.User, room uuid.UUID) *db.Event {
	t.Helper()
	page := must[*db.MessagePage](t)(s.Messages(t.Context(), viewer, room, db.Window{Limit: 1}))
	if len(page.Messages) != 1 || page.Messages[0].Event() == nil {
		t.Fatalf("the newest message is no event: %+v", page.Messages)
	}
	return page.Messages[0].Event()
}

func TestDeletedMessage_NamesWhoModerated(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		s := dbtest.Open(t, db.Options{URL: url})
		admin, alice, bob := dbtest.User(t, s, "admin"), dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob, admin)
		for _, c := range []struct {
			by   *db.User
			name string
		}{{bob, ""}, {alice, alice.DisplayName}, {admin, admin.DisplayName}} {
			m := dbtest.Post(t, s, bob, room, "x")
			if c.by != bob {
				_, err := s.EditMessage(t.Context(), c.by, room, m.Position, "forged")
				wantError(t, err, db.ErrForbidden)
			}
			must[*db.Message](t)(s.DeleteMessage(t.Context(), c.by, room, m.Position))
			m = must[*db.Message](t)(s.Message(t.Context(), bob, room, m.Position))
			if m.DeletedByName != c.name || (m.DeletedBy != nil) != (c.by != bob) {
				t.Errorf("deleted by %s: %v %q", c.by.Name, m.DeletedBy, m.DeletedByName)
			}
		}
		direct := must[*db.RoomView](t)(s.DirectRoom(t.Context(), admin, bob.ID)).ID
		m := dbtest.Post(t, s, bob, direct, "between us")
		_, err := s.DeleteMessage(t.Context(), admin, direct, m.Position)
		wantError(t, err, db.ErrForbidden)
	})
}

func TestLastSeen_IsTheNewestMark(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		s := dbtest.Open(t, db.Options{URL: url})
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		at := time.Date(2026, time.March, 2, 1, 0, 0, 0, time.UTC)
		for i := range 2 {
			at = at.Add(time.Hour * time.Duration(i))
			if err := s.MarkSeen(t.Context(), []int64{alice.ID}, at); err != nil {
				t.Fatal(err)
			}
		}
		if seen := must[time.Time](t)(s.LastSeen(t.Context(), bob, alice.ID)); !seen.Equal(at) {
			t.Errorf("seen %v, want %v", seen, at)
		}
		if seen := must[time.Time](t)(s.LastSeen(t.Context(), alice, bob.ID)); !seen.IsZero() {
			t.Errorf("never seen, but %v", seen)
		}
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		counts, err := s.MemberCounts(t.Context(), []uuid.UUID{room, uuid.New()})
		if err != nil || len(counts) != 1 || counts[room] != 2 {
			t.Errorf("counts %v, %v", counts, err)
		}
	})
}
