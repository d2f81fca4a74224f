package db_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestReplies_ShowWhatTheyAnswerAsItIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		dbtest.Post(t, s, alice, room, "장소는?")
		told := record(s)
		answer := reply(t, s, bob, room, 1, "강남역이요")
		wantQuote(t, "as posted", answer, "alice 장소는?")
		notices := told.take()
		wantQuote(t, "as told", notices[0].Message, "alice 장소는?")

		everywhere := func(want string) {
			t.Helper()
			wantQuote(t, "alone", must[*db.Message](t)(s.Message(t.Context(), alice, room, 2)), want)
			for range 2 { // the second is from the cache
				page := must[*db.MessagePage](t)(s.Messages(t.Context(), alice, room, db.Window{}))
				wantQuote(t, "on a page", page.Messages[1], want)
			}
			changes := must[*db.RoomChanges](t)(s.Changes(t.Context(), room, 0, 10))
			wantQuote(t, "among changes", changes.Messages[len(changes.Messages)-1], want)
		}
		everywhere("alice 장소는?")
		edited := must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 1, "장소는 어디?"))
		everywhere("alice 장소는 어디?")
		notices = told.take()
		wantEqual(t, "notices of an edit", len(notices), 2)
		wantEqual(t, "revision of the answer", notices[1].Revision, edited.Revision+1)
		wantQuote(t, "as told of", notices[1].Message, "alice 장소는 어디?")
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 1))
		everywhere("alice (deleted)")
		wantQuote(t, "of one that is deleted", reply(t, s, alice, room, 1, "지웠어요"), "alice (deleted)")

		gone := must[*db.Message](t)(s.DeleteMessage(t.Context(), bob, room, 2))
		wantQuote(t, "deleted itself", gone, "")
		wantEqual(t, "answers nothing", gone.ReplyTo, nil)
	})
}

func TestReplies_AreToMessagesOfTheRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room, other := dbtest.Room(t, s, db.KindOpen, alice), dbtest.Room(t, s, db.KindOpen, alice)
		dbtest.Post(t, s, alice, room, "여기")
		noError(t, s.AddMember(t.Context(), alice, room, bob.ID)) // an event
		for _, c := range []struct {
			room     uuid.UUID
			position int64
		}{{room, 2}, {room, 3}, {room, -1}, {other, 1}} {
			_, _, err := s.Post(t.Context(), alice, c.room, db.NewMessage{Body: "답", ReplyTo: c.position})
			wantInvalid(t, err, "reply_to", db.UnknownMessage)
		}
		again := db.NewMessage{Body: "답", Key: "k", ReplyTo: 1}
		first, _, err := s.Post(t.Context(), bob, room, again)
		noError(t, err)
		same, created, err := s.Post(t.Context(), bob, room, again)
		noError(t, err)
		wantEqual(t, "created again", created, false)
		wantEqual(t, "position", same.Position, first.Position)
		wantQuote(t, "sent again", same, "alice 여기")
	})
}

// The newest answers change with what they answer; all others show it as it is when they are read.
func TestReplies_ChangeWithWhatTheyAnswerInBounds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		dbtest.Post(t, s, alice, room, strings.Repeat("가", 600))
		for i := range 110 {
			reply(t, s, alice, room, 1, fmt.Sprint(i))
		}
		told := record(s)
		must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 1, "짧게"))
		wantEqual(t, "notices", len(told.take()), 101)
		page := must[*db.MessagePage](t)(s.Messages(t.Context(), alice, room, db.Window{Limit: 200}))
		for i, m := range page.Messages[1:] {
			wantQuote(t, fmt.Sprint("answer ", i), m, "alice 짧게")
		}
		wantEqual(t, "excerpt", len([]rune(quoteAfter(t, s, alice, room, strings.Repeat("나", 600)))), 500)
	})
}

// quoteAfter returns what an answer shows of the first message with another body.
func quoteAfter(t *testing.T, s *db.Store, viewer *db.User, room uuid.UUID, body string) string {
	t.Helper()
	told := record(s)
	must[*db.Message](t)(s.EditMessage(t.Context(), viewer, room, 1, body))
	notices := told.take()
	read := must[*db.Message](t)(s.Message(t.Context(), viewer, room, 2))
	wantEqual(t, "excerpt as told", notices[1].Message.Quoted.Excerpt, read.Quoted.Excerpt)
	return read.Quoted.Excerpt
}

func reply(t *testing.T, s *db.Store, author *db.User, room uuid.UUID, to int64, body string) *db.Message {
	t.Helper()
	m, _, err := s.Post(t.Context(), author, room, db.NewMessage{Body: body, ReplyTo: to})
	noError(t, err)
	return m
}

// wantQuote compares what a message shows of another: its author and text; empty for none.
func wantQuote(t *testing.T, what string, m *db.Message, want string) {
	t.Helper()
	got := ""
	if q := m.Quoted; q != nil {
		got = q.Author.DisplayName + " " + q.Excerpt
		if q.Deleted {
			got += "(deleted)"
		}
	}
	wantEqual(t, "quote "+what, got, want)
}
