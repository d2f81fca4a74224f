package db_test

import (
	"fmt"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestMemberMarks_AreThoseThatAreShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob, carol)
		wants := func(what, want string) {
			t.Helper()
			wantEqual(t, what, fmt.Sprint(must[[]db.MemberMark](t)(s.MemberMarks(t.Context(), room))), want)
		}
		m := dbtest.Post(t, s, alice, room, "hello")
		wants("after a post", "[{1 1} {2 0} {3 0}]")
		must[*db.RoomView](t)(s.MarkRead(t.Context(), bob, room, 1))
		wants("read by bob", "[{1 1} {2 1} {3 0}]")
		wantEqual(t, "unread by", fmt.Sprint(db.Unread(must[[]db.MemberMark](t)(s.MemberMarks(t.Context(), room)), m)), "[3]")

		told := record(s)
		hidden := db.Profile{DisplayName: "carol", Language: "en", TimeZone: "UTC", HidesReads: true}
		must[*db.User](t)(s.UpdateProfile(t.Context(), carol, db.ProfileChange{Profile: &hidden}))
		wants("carol hides it", "[{1 1} {2 1}]")
		moved := 0
		for _, n := range told.take() {
			if n.Read != nil && n.Read.Room == room {
				moved++
			}
		}
		wantEqual(t, "notices", moved, 1)
		must[*db.RoomView](t)(s.SetRoomSettings(t.Context(), alice, room, db.RoomSettings{HidesReads: true}))
		wants("the room hides it", "[]")
		must[*db.RoomView](t)(s.SetRoomSettings(t.Context(), alice, room, db.RoomSettings{}))
		must[*db.User](t)(s.SetActive(t.Context(), alice, bob.ID, false))
		wants("bob is deactivated", "[{1 1}]")
		for i := range db.MaxCountedReaders - 1 {
			join(t, s, dbtest.User(t, s, fmt.Sprint("member", i)), room)
		}
		wants("in a large room", "[]")
	})
}
