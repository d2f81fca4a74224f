package db_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestMyRoomsAreThoseIAmIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		shared := dbtest.Room(t, s, db.KindOpen, alice, bob, carol)
		private := dbtest.Room(t, s, db.KindPrivate, alice, bob)
		own := dbtest.Room(t, s, db.KindOpen, carol)
		direct := must[*db.RoomView](t)(s.DirectRoom(t.Context(), alice, bob.ID)).ID
		dbtest.Post(t, s, bob, private, "newest in private")
		dbtest.Post(t, s, carol, shared, "newest in shared")

		for _, test := range []struct {
			user *db.User
			want []uuid.UUID // most recently active first
		}{
			{alice, []uuid.UUID{shared, private, direct}},
			{bob, []uuid.UUID{shared, private, direct}},
			{carol, []uuid.UUID{shared, own}},
		} {
			rooms := must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), test.user))
			if diff := cmp.Diff(ids(rooms), test.want); diff != "" {
				t.Errorf("rooms of %s: %s", test.user.Name, diff)
			}
			if got := rooms[0].Newest; got.Body != "newest in shared" || got.Author.Name != "carol" || got.Author.PasswordHash != "" {
				t.Errorf("newest of %s: %+v by %+v", test.user.Name, got, got.Author)
			}
		}
		rooms := must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), alice))
		if rooms[2].Newest != nil || rooms[0].Other != nil {
			t.Errorf("newest of an empty room: %+v; other person of an open room: %+v", rooms[2].Newest, rooms[0].Other)
		}
		openRooms := must[[]*db.Room](t)(s.OpenRooms(t.Context(), alice, "", db.RoomCursor{}, 10))
		if len(openRooms) != 1 || openRooms[0].ID != own {
			t.Errorf("open rooms to join: %+v", openRooms)
		}
		roomIDs := must[[]uuid.UUID](t)(s.RoomIDsOf(t.Context(), carol.ID))
		wantEqual(t, "ids of carol's rooms", len(roomIDs), 2)
		memberships := must[[]*db.UsersOnRoom](t)(s.MembershipsOf(t.Context(), []int64{carol.ID, 0}))
		for _, m := range memberships {
			if m.UserID != carol.ID || !slices.Contains(roomIDs, m.RoomID) || m.Notify != "all" {
				t.Errorf("a membership of carol: %+v", m)
			}
		}
		wantEqual(t, "carol's memberships", len(memberships), 2)
	})
}

func ids(rooms []*db.RoomView) []uuid.UUID {
	var list []uuid.UUID
	for _, r := range rooms {
		list = append(list, r.ID)
	}
	return list
}

func TestFiftyFirstVisitsAtOnceMakeOneMembership(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		dbtest.Post(t, s, alice, room, "before bob came")
		told := record(s)
		atOnce(50, func(int) {
			if view, err := s.Visit(t.Context(), bob, room); err != nil || view.ID != room || view.Unread != 0 || view.Members != 2 {
				t.Errorf("view %+v, error %v", view, err)
			}
		})
		n, _ := told.coming(t)
		if n.Room != room || n.Changed == nil || n.Changed.RoomRevision != n.Revision || len(n.Users) != 1 || n.Users[0] != bob.ID {
			t.Errorf("notice %+v", n)
		}
		wantEqual(t, "head", must[int64](t)(s.Head(t.Context(), room)), n.Revision+1)
		wantEqual(t, "members", names(must[[]*db.User](t)(s.Members(t.Context(), alice, room, 0, 10))), "alice bob")
		must[*db.RoomView](t)(s.Visit(t.Context(), bob, room))
		wantEqual(t, "notices of another visit", len(told.take()), 0)
	})
}

func TestVisitsEndAtAPrivateDoor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		private := dbtest.Room(t, s, db.KindPrivate, alice)
		direct := must[*db.RoomView](t)(s.DirectRoom(t.Context(), alice, bob.ID)).ID
		for _, room := range []uuid.UUID{private, direct, uuid.New(), {}} {
			_, err := s.Visit(t.Context(), carol, room)
			wantError(t, err, db.ErrNotFound)
		}
		must[*db.RoomView](t)(s.Visit(t.Context(), alice, private))
	})
}

func TestRenaming(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindPrivate, alice, bob)
		before := must[int64](t)(s.Head(t.Context(), room))
		told := record(s)
		_, err := s.RenameRoom(t.Context(), bob, room, "bob's")
		wantError(t, err, db.ErrForbidden)
		_, err = s.SetRoomSettings(t.Context(), bob, room, db.RoomSettings{MembersMayRename: true})
		wantError(t, err, db.ErrForbidden)
		must[*db.RoomView](t)(s.SetRoomSettings(t.Context(), alice, room, db.RoomSettings{MembersMayRename: true}))
		must[*db.RoomView](t)(s.SetRoomSettings(t.Context(), alice, room, db.RoomSettings{MembersMayRename: true}))
		wantEqual(t, "revision of the settings", told.one(t).Revision, before+1)
		view := must[*db.RoomView](t)(s.RenameRoom(t.Context(), bob, room, "새 이름 ?0 '\\?"))
		wantEqual(t, "title", view.Title, "새 이름 ?0 '\\?")
		n, event := told.coming(t)
		if n.Revision != before+2 || n.Changed.Title != view.Title || view.Revision != before+3 || view.RoomRevision != before+2 {
			t.Errorf("notice %+v, view %+v", n, view)
		}
		wantEqual(t, "event", *event, db.Event{Type: db.EventRenamed, Title: view.Title})
		must[*db.RoomView](t)(s.RenameRoom(t.Context(), bob, room, view.Title))
		wantEqual(t, "notices of the same title", len(told.take()), 0)
		direct := must[*db.RoomView](t)(s.DirectRoom(t.Context(), alice, bob.ID)).ID
		_, err = s.RenameRoom(t.Context(), alice, direct, "ours")
		wantError(t, err, db.ErrForbidden)
	})
}

func TestNobodyMakesADirectRoomByHand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		_, err := s.CreateRoom(t.Context(), dbtest.User(t, s, "alice"), "x", db.KindDirect)
		wantError(t, err, db.ErrForbidden)
	})
}

func TestTheSamePairGetsTheSameDirectRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		stores := []*db.Store{open(), open()} // two processes
		s := stores[0]
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		pair := []*db.User{alice, bob}
		rooms := make([]*db.RoomView, 20)
		atOnce(len(rooms), func(i int) {
			var err error
			if rooms[i], err = stores[i/2%2].DirectRoom(t.Context(), pair[i%2], pair[1-i%2].ID); err != nil {
				t.Error(err)
			}
		})
		if t.Failed() {
			return
		}
		for i, r := range rooms {
			me, other := pair[i%2], pair[1-i%2]
			if r.ID != rooms[0].ID || r.Kind != db.KindDirect || r.Members != 2 || r.Other.ID != other.ID || r.Title != other.DisplayName {
				t.Errorf("%s's room: %+v with %+v", me.Name, r, r.Other)
			}
		}
		wantEqual(t, "rooms of alice", len(must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), alice))), 1)
		another := must[*db.RoomView](t)(s.DirectRoom(t.Context(), alice, carol.ID))
		if another.ID == rooms[0].ID {
			t.Error("carol got bob's room")
		}
		_, err := s.DirectRoom(t.Context(), alice, 999)
		wantError(t, err, db.ErrNotFound)
	})
}

func TestARoomWithOneself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		told := record(s)
		mine := must[*db.RoomView](t)(s.DirectRoom(t.Context(), alice, alice.ID))
		if mine.Other.ID != alice.ID || mine.Members != 1 || mine.Title != "alice" {
			t.Errorf("%+v with %+v", mine, mine.Other)
		}
		if diff := cmp.Diff(told.one(t).Users, []int64{alice.ID}); diff != "" {
			t.Error(diff)
		}
		dbtest.Post(t, s, alice, mine.ID, "note")
		again := must[*db.RoomView](t)(s.DirectRoom(t.Context(), alice, alice.ID))
		if again.ID != mine.ID || again.Newest.Body != "note" || again.Unread != 0 {
			t.Errorf("%+v", again)
		}
	})
}

func TestTheFirstMessageOfADirectRoomReachesTheOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		told := record(s)
		room := must[*db.RoomView](t)(s.DirectRoom(t.Context(), alice, bob.ID)).ID
		if diff := cmp.Diff(told.one(t).Users, []int64{alice.ID, bob.ID}); diff != "" {
			t.Errorf("whose list has a new room: %s", diff)
		}
		dbtest.Post(t, s, alice, room, "hello")
		rooms := must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), bob))
		if len(rooms) != 1 || rooms[0].Unread != 1 || rooms[0].Title != "alice" {
			t.Errorf("bob's rooms: %+v", rooms[0])
		}
		people := must[*db.RoomChanges](t)(s.Changes(t.Context(), room, 0, 10))
		if people.Room == nil || len(people.Messages) != 1 {
			t.Errorf("%+v", people)
		}
	})
}
