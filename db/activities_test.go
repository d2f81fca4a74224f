package db_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// concerns is a user's activities in a line each, with a star for what was not seen.
func concerns(t *testing.T, s *db.Store, u *db.User) string {
	t.Helper()
	var lines []string
	unseen := 0
	for _, a := range must[[]*db.Activity](t)(s.Activities(t.Context(), u, 0, 50)) {
		line := fmt.Sprint(a.Kind, " ", a.Message.Position, " ", a.Actor.Name, a.Emoji)
		if !a.Seen {
			line += "*"
			unseen++
		}
		lines = append(lines, line)
	}
	wantEqual(t, "count for "+u.Name, must[int](t)(s.CountActivities(t.Context(), u)), unseen)
	return strings.Join(lines, ", ")
}

func TestActivities_AreWhatConcernsSomebody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob, carol := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob"), dbtest.User(t, s, "carol")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob, carol)
		wants := func(u *db.User, want string) {
			t.Helper()
			wantEqual(t, "what concerns "+u.Name, concerns(t, s, u), want)
		}
		answer := func(u *db.User, to int64, body string) *db.Message {
			t.Helper()
			m, _, err := s.Post(t.Context(), u, room, db.NewMessage{Body: body, ReplyTo: to})
			noError(t, err)
			return m
		}
		dbtest.Post(t, s, alice, room, "hello")     // 1
		dbtest.Post(t, s, bob, room, "@alice @bob") // 2
		answer(carol, 1, "@alice, you said @bob")   // 3
		must[*db.Message](t)(s.React(t.Context(), bob, room, 1, "👍", true))
		must[*db.Message](t)(s.React(t.Context(), alice, room, 1, "👍", true)) // one's own
		wants(alice, "reaction 1 bob👍*, reply 3 carol*, mention 2 bob*")
		wants(bob, "mention 3 carol*")
		wants(carol, "")

		// What was read in the room was seen, reactions apart.
		must[*db.RoomView](t)(s.MarkRead(t.Context(), alice, room, 3))
		wants(alice, "reaction 1 bob👍*, reply 3 carol, mention 2 bob")
		noError(t, s.SeeActivities(t.Context(), alice))
		wants(alice, "reaction 1 bob👍, reply 3 carol, mention 2 bob")
		noError(t, s.SeeActivities(t.Context(), alice))
		dbtest.Post(t, s, bob, room, "@alice again") // 4
		wants(alice, "mention 4 bob*, reaction 1 bob👍, reply 3 carol, mention 2 bob")
		dbtest.Post(t, s, alice, room, "yes") // 5: writing is not reading
		wants(alice, "mention 4 bob*, reaction 1 bob👍, reply 3 carol, mention 2 bob")

		// Edits and deletions.
		must[*db.Message](t)(s.EditMessage(t.Context(), bob, room, 4, "@carol again"))
		wants(alice, "reaction 1 bob👍, reply 3 carol, mention 2 bob")
		wants(carol, "mention 4 bob*")
		must[*db.Message](t)(s.EditMessage(t.Context(), bob, room, 4, "@carol and @alice"))
		wants(carol, "mention 4 bob*")
		must[*db.Message](t)(s.React(t.Context(), bob, room, 1, "👍", false))
		must[*db.Message](t)(s.DeleteMessage(t.Context(), carol, room, 3))
		wants(alice, "mention 4 bob*, mention 2 bob")
		must[*db.Message](t)(s.React(t.Context(), bob, room, 1, "🎉", true))
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 1))
		wants(alice, "mention 4 bob*, mention 2 bob")

		// An answer to what is deleted is none any more, and mentions whom it mentions.
		must[*db.Message](t)(s.EditMessage(t.Context(), bob, room, 4, "@bob"))
		answer(bob, 5, "no")
		wants(alice, "reply 6 bob*, mention 2 bob")
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 5))
		must[*db.Message](t)(s.EditMessage(t.Context(), bob, room, 6, "@alice no"))
		wants(alice, "mention 6 bob*, mention 2 bob")
		must[*db.Message](t)(s.DeleteMessage(t.Context(), bob, room, 6))
		must[*db.Message](t)(s.EditMessage(t.Context(), bob, room, 4, "@alice"))

		// Pages, and rooms that were left.
		first := must[[]*db.Activity](t)(s.Activities(t.Context(), alice, 0, 1))
		second := must[[]*db.Activity](t)(s.Activities(t.Context(), alice, first[0].ID, 1))
		wantEqual(t, "the second", second[0].Message.Position, int64(2))
		noError(t, s.LeaveRoom(t.Context(), alice, room))
		wants(alice, "")
	})
}

func TestMentions_OfEverybody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		admin, alice, bob := dbtest.User(t, s, "admin"), dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		members := []*db.User{alice, bob}
		for len(members) < 20 {
			members = append(members, dbtest.User(t, s, fmt.Sprint("member", len(members))))
		}
		room := dbtest.Room(t, s, db.KindOpen, members...)
		wants := func(what string, m *db.Message, mentions db.UserIDs, spans db.MentionSpans) {
			t.Helper()
			wantEqual(t, what, fmt.Sprintf("%q %q", *m.Mentions, m.MentionSpans), fmt.Sprintf("%q %q", mentions, spans))
		}
		wants("in a small room", dbtest.Post(t, s, bob, room, "@모두에게 알려요, @all"), " 0 ", "0:7:0 25:4:0")
		wantEqual(t, "for alice", concerns(t, s, alice), "mention 1 bob*")
		wantEqual(t, "for bob", concerns(t, s, bob), "")
		rooms := must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), alice))
		wantEqual(t, "mentions of alice", rooms[0].Mentions, 1)

		join(t, s, admin, room)
		wants("in a large room", dbtest.Post(t, s, bob, room, "@모두"), "", "")
		wants("by its creator", dbtest.Post(t, s, alice, room, "@모두"), " 0 ", "0:7:0")
		wants("by an administrator", dbtest.Post(t, s, admin, room, "＠ALL!"), " 0 ", "0:6:0")
		edited := must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 4, "@bob"))
		wants("after an edit", edited, " 3 ", "0:4:3")

		all := dbtest.User(t, s, "all")
		join(t, s, all, room)
		wants("beside somebody of that name", dbtest.Post(t, s, bob, room, "@all"), db.UserIDs(fmt.Sprintf(" %d ", all.ID)), db.MentionSpans(fmt.Sprintf("0:4:%d", all.ID)))
	})
}

func join(t *testing.T, s *db.Store, u *db.User, room uuid.UUID) {
	t.Helper()
	must[*db.RoomView](t)(s.Visit(t.Context(), u, room))
}
