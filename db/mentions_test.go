package db_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// rename gives a user another display name.
func rename(t *testing.T, s *db.Store, u *db.User, display string) {
	t.Helper()
	p := db.Profile{DisplayName: display, Language: u.Language, TimeZone: u.TimeZone}
	must[*db.User](t)(s.UpdateProfile(t.Context(), u, db.ProfileChange{Profile: &p}))
}

func TestMentions_AreResolvedWithTheMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, jimin, jiminNim := dbtest.User(t, s, "alice"), dbtest.User(t, s, "지민"), dbtest.User(t, s, "지민님")
		bob, outside := dbtest.User(t, s, "bob"), dbtest.User(t, s, "outside")
		rename(t, s, bob, "김민준")
		room := dbtest.Room(t, s, db.KindOpen, alice, jimin, jiminNim, bob)
		names := map[int64]string{alice.ID: "alice", jimin.ID: "지민", jiminNim.ID: "지민님", bob.ID: "bob", outside.ID: "outside"}
		for name, c := range map[string]struct {
			body string
			want []string
		}{
			"nobody":          {"안녕", nil},
			"one":             {"@Alice 안녕", []string{"alice"}},
			"two, each once":  {"@bob @alice @bob", []string{"bob", "alice"}},
			"a particle":      {"@지민에게", []string{"지민"}},
			"the longest":     {"@지민님이 왔다", []string{"지민님"}},
			"a display name":  {"@김민준님, 봐 주세요", []string{"bob"}},
			"not in the room": {"@outside", nil},
			"nobody's name":   {"@somebody", nil},
			"an address":      {"write to x@bob", nil},
		} {
			m := dbtest.Post(t, s, alice, room, c.body)
			stored := must[*db.Message](t)(s.Message(t.Context(), alice, room, m.Position))
			var got []string
			for _, id := range stored.Mentions.All() {
				got = append(got, names[id])
			}
			wantEqual(t, name, strings.Join(got, " "), strings.Join(c.want, " "))
			wantEqual(t, name+": told and stored", *m.Mentions, *stored.Mentions)
		}
	})
}

func TestMentions_AreCountedAmongTheUnread(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		other := dbtest.Room(t, s, db.KindOpen, alice, bob)
		counts := func(what string, unread, mentions int) {
			t.Helper()
			for _, view := range must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), bob)) {
				if view.ID == room {
					wantEqual(t, what, [2]int{view.Unread, view.Mentions}, [2]int{unread, mentions})
				}
			}
		}
		say := func(author *db.User, room uuid.UUID, body string) { dbtest.Post(t, s, author, room, body) }
		say(alice, room, "@bob")      // 1
		say(alice, room, "@alice")    // 2
		say(alice, other, "@bob")     // of another room
		say(alice, room, "@bob @bob") // 3
		say(alice, room, "네")         // 4
		counts("posted", 4, 2)
		must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 4, "@bob 네"))
		counts("edited", 4, 3)
		must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 1, "아니"))
		counts("edited away", 4, 2)
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 3))
		counts("deleted", 3, 1)
		must[*db.RoomView](t)(s.MarkRead(t.Context(), bob, room, 3))
		counts("read in part", 1, 1)
		must[*db.RoomView](t)(s.MarkUnread(t.Context(), bob, room, 1))
		counts("unread again", 3, 1)
		must[*db.RoomView](t)(s.MarkRead(t.Context(), bob, room, 4))
		counts("read", 0, 0)
		say(bob, room, "@bob")
		counts("by oneself", 0, 0)
	})
}

func TestMarkUnread_BringsBackWhatWasRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		for range 5 {
			dbtest.Post(t, s, alice, room, "x")
		}
		first := func(what string, first int64, unread int) {
			t.Helper()
			view := must[*db.RoomView](t)(s.Room(t.Context(), bob, room))
			wantEqual(t, what+": unread", view.Unread, unread)
			got := must[db.UnreadStretch](t)(s.UnreadStretch(t.Context(), bob, view))
			wantEqual(t, what, got, db.UnreadStretch{First: first, Count: unread})
		}
		first("nothing read", 1, 5)
		must[*db.RoomView](t)(s.MarkRead(t.Context(), bob, room, 5))
		first("all read", 0, 0)
		wantEqual(t, "unread from the third on", must[*db.RoomView](t)(s.MarkUnread(t.Context(), bob, room, 3)).Unread, 3)
		first("from the third on", 3, 3)
		must[*db.RoomView](t)(s.MarkUnread(t.Context(), bob, room, 5)) // it is never a way to read
		first("from the fifth on", 3, 3)
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 3))
		first("the first was deleted", 4, 2)
		_, err := s.MarkUnread(t.Context(), carol, room, 1)
		wantError(t, err, db.ErrNotFound)
		wantEqual(t, "past the end", must[*db.RoomView](t)(s.MarkUnread(t.Context(), bob, room, 99)).Unread, 2)
	})
}
