package db_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestComingAndGoingAreChangesOfTheRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindPrivate, alice)
		told := record(s)
		add := func() error { return s.AddMember(t.Context(), alice, room, bob.ID) }
		gone := []db.Right{{UserID: bob.ID, Room: room}}
		for i, step := range []struct {
			name  string
			do    func() error
			event db.Event
			ended []db.Right
		}{
			{"added", add, db.Event{Type: db.EventAdded, UserID: bob.ID, UserName: "bob"}, nil},
			{"left", func() error { return s.LeaveRoom(t.Context(), bob, room) }, db.Event{Type: db.EventLeft}, gone},
			{"added again", add, db.Event{Type: db.EventAdded, UserID: bob.ID, UserName: "bob"}, nil},
			{"removed", func() error { return s.RemoveMember(t.Context(), alice, room, bob.ID) },
				db.Event{Type: db.EventRemoved, UserID: bob.ID, UserName: "bob"}, gone},
		} {
			noError(t, step.do())
			n, event := told.coming(t)
			if diff := cmp.Diff(event, &step.event); diff != "" {
				t.Errorf("%s: the event: %s", step.name, diff)
			}
			revision := int64(2*i + 2)
			if n.Room != room || n.Revision != revision || n.Changed.RoomRevision != revision || n.Message != nil {
				t.Errorf("%s: %+v", step.name, n)
			}
			if diff := cmp.Diff(n.Users, []int64{bob.ID}); diff != "" {
				t.Errorf("%s: whose rooms changed: %s", step.name, diff)
			}
			if diff := cmp.Diff(n.Ended, step.ended); diff != "" {
				t.Errorf("%s: rights ended: %s", step.name, diff)
			}
		}
	})
}

func TestWhoMayBringAndSendAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		admin, creator := dbtest.User(t, s, "admin"), dbtest.User(t, s, "creator")
		bob, carol := dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindPrivate, creator, bob)
		direct := must[*db.RoomView](t)(s.DirectRoom(t.Context(), creator, bob.ID)).ID
		told := record(s)

		wantError(t, s.RemoveMember(t.Context(), admin, room, bob.ID), db.ErrNotFound) // no member
		wantError(t, s.RemoveMember(t.Context(), bob, room, creator.ID), db.ErrForbidden)
		wantError(t, s.RemoveMember(t.Context(), creator, room, carol.ID), db.ErrNotFound)
		wantError(t, s.RemoveMember(t.Context(), creator, direct, bob.ID), db.ErrForbidden)
		wantError(t, s.LeaveRoom(t.Context(), bob, direct), db.ErrForbidden)
		wantError(t, s.AddMember(t.Context(), bob, direct, carol.ID), db.ErrForbidden)
		wantInvalid(t, s.AddMember(t.Context(), bob, room, 999), "user", db.UnknownUser)
		noError(t, s.AddMember(t.Context(), creator, room, bob.ID)) // in already
		wantEqual(t, "notices", len(told.take()), 0)

		noError(t, s.AddMember(t.Context(), bob, room, admin.ID))
		noError(t, s.RemoveMember(t.Context(), admin, room, creator.ID))
		wantEqual(t, "members", names(must[[]*db.User](t)(s.Members(t.Context(), bob, room, 0, 10))), "bob admin")
	})
}

func TestMembersByThePageInTheOrderTheyCame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		var people []*db.User
		for _, name := range []string{"dora", "alice", "carol", "bob", "eve"} {
			people = append(people, dbtest.User(t, s, name))
		}
		room := dbtest.Room(t, s, db.KindOpen, people...)
		first := must[[]*db.User](t)(s.Members(t.Context(), people[0], room, 0, 3))
		rest := must[[]*db.User](t)(s.Members(t.Context(), people[0], room, first[2].ID, 3))
		wantEqual(t, "pages", names(first)+" | "+names(rest), "dora alice carol | bob eve")
		wantEqual(t, "password hash in the list", first[1].PasswordHash, "")
	})
}

func TestTheReadMarkMovesForwardOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		for range 5 {
			dbtest.Post(t, s, alice, room, "x")
		}
		told := record(s)
		for _, step := range []struct {
			position, wantMark int64
			wantUnread         int
			wantTold           bool
		}{
			{0, 0, 5, false}, {3, 3, 2, true}, {2, 3, 2, false}, {3, 3, 2, false}, {-1, 3, 2, false}, {1 << 62, 5, 0, true}, {9, 5, 0, false},
		} {
			view := must[*db.RoomView](t)(s.MarkRead(t.Context(), bob, room, step.position))
			wantEqual(t, "mark", view.ReadPosition, step.wantMark)
			wantEqual(t, "unread", view.Unread, step.wantUnread)
			notices := told.take()
			wantEqual(t, "told", len(notices) == 1, step.wantTold)
			for _, n := range notices {
				if n.Room != (uuid.UUID{}) || n.Changed != nil || n.Read == nil || *n.Read != (db.ReadMark{UserID: bob.ID, Room: room}) {
					t.Errorf("%+v", n)
				}
			}
		}
	})
}

// TestMembersAreCounted has people come, leave and be deactivated; a room shows how many are there,
// and nobody counts twice.
func TestMembersAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s, ctx := open(), t.Context()
		admin, boram, minsu := dbtest.User(t, s, "jimin"), dbtest.User(t, s, "boram"), dbtest.User(t, s, "minsu")
		room := dbtest.Room(t, s, db.KindOpen, admin)
		wants := func(when string, want int) {
			t.Helper()
			wantEqual(t, when, must[*db.RoomView](t)(s.Room(ctx, admin, room)).Members, want)
		}
		wants("at first", 1)
		for range 2 {
			must[*db.RoomView](t)(s.Visit(ctx, boram, room))
		}
		must[*db.RoomView](t)(s.Visit(ctx, minsu, room))
		wants("after two have come", 3)
		for range 2 {
			must[*db.User](t)(s.SetActive(ctx, admin, boram.ID, false))
		}
		wants("after one was deactivated", 2)
		if err := s.RemoveMember(ctx, admin, room, boram.ID); err != nil {
			t.Fatal(err)
		}
		wants("after somebody deactivated was put out", 2)
		must[*db.User](t)(s.SetActive(ctx, admin, boram.ID, true))
		wants("after somebody who is not in was let in again", 2)
		if err := s.LeaveRoom(ctx, minsu, room); err != nil {
			t.Fatal(err)
		}
		wants("after one has left", 1)
	})
}
