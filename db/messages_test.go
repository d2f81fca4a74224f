package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestAMessageIsWhatWasWritten(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		clock.Advance(123456789 * time.Nanosecond)
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		for i, body := range []string{
			"안녕하세요 👋🏽", "line\nline\r\n\ttab", `'; DROP TABLE messages; --`, `"double" \'escaped\' \\`,
			"? ?0 ?? \\? ?TableAlias ?(x) $1 %s", "<script>alert(1)</script>", "\u2028\u202e\ufeff",
		} {
			posted := dbtest.Post(t, s, alice, room, body)
			read := must[*db.Message](t)(s.Message(t.Context(), alice, room, int64(i+1)))
			wantEqual(t, "body", read.Body, body)
			posted.Author.PasswordHash = ""
			if diff := cmp.Diff(read, posted); diff != "" {
				t.Errorf("read -, posted +: %s", diff)
			}
			wantEqual(t, "zone", read.PostedAt.Location(), time.UTC)
			wantEqual(t, "time", read.PostedAt, clock.Now().Truncate(time.Microsecond))
		}
	})
}

func TestNonsenseTextIsAnErrorAtMost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		const nul, invalid = "a\x00b'", "a\xff'b"
		for _, text := range []string{nul, invalid} {
			_, _ = s.Users(t.Context(), alice, text, 0, 10)
			_, _ = s.UserByName(t.Context(), text)
			_, _, _ = s.TokenUser(t.Context(), text)
			_, _ = s.Invite(t.Context(), text)
			_, _ = s.RenameRoom(t.Context(), alice, room, text)
			_, _, _ = s.PostMessage(t.Context(), alice, room, text, text)
			_, _ = s.SignUp(t.Context(), db.NewUser{Name: text, Open: true})
		}
		dbtest.Post(t, s, alice, room, "still here")
	})
}

func TestTheAuthorAndAdministratorsRevise(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		admin, alice, bob := dbtest.User(t, s, "admin"), dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		m, _, err := s.PostMessage(t.Context(), alice, room, "helo", "k")
		noError(t, err)
		told := record(s)

		_, err = s.EditMessage(t.Context(), bob, room, 1, "mine now")
		wantError(t, err, db.ErrForbidden)
		_, err = s.DeleteMessage(t.Context(), bob, room, 1)
		wantError(t, err, db.ErrForbidden)
		_, err = s.EditMessage(t.Context(), admin, room, 1, "no member")
		wantError(t, err, db.ErrNotFound)
		_, err = s.EditMessage(t.Context(), alice, room, 2, "not there")
		wantError(t, err, db.ErrNotFound)
		same := must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 1, "helo"))
		if same.EditedAt != nil || same.Revision != m.Revision {
			t.Errorf("the same text changed it: %+v", same)
		}
		wantEqual(t, "notices", len(told.take()), 0)

		at := clock.Advance(time.Hour)
		edited := must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 1, "hello"))
		if edited.Body != "hello" || !edited.EditedAt.Equal(at) || edited.Revision != m.Revision+1 || *edited.Key != "k" {
			t.Errorf("edited: %+v", edited)
		}
		if diff := cmp.Diff(told.one(t), db.Notice{Room: room, Revision: edited.Revision, Message: edited}); diff != "" {
			t.Errorf("notice: %s", diff)
		}
		noError(t, s.AddMember(t.Context(), alice, room, admin.ID))
		told.take()
		deleted := must[*db.Message](t)(s.DeleteMessage(t.Context(), admin, room, 1))
		if deleted.Body != "" || *deleted.Key != "k" || deleted.DeletedAt == nil || deleted.Author.Name != "alice" || deleted.Revision != m.Revision+4 {
			t.Errorf("deleted: %+v", deleted)
		}
		if diff := cmp.Diff(must[*db.Message](t)(s.Message(t.Context(), bob, room, 1)), told.one(t).Message); diff != "" {
			t.Errorf("read -, told +: %s", diff)
		}
		_, err = s.EditMessage(t.Context(), alice, room, 1, "back")
		wantError(t, err, db.ErrConflict)
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 1))
		wantEqual(t, "notices of deleting twice", len(told.take()), 0)
	})
}

func TestWhichMessagesShareAHeader(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		var previous *time.Time
		for i, step := range []struct {
			author    *db.User
			after     time.Duration
			continues bool
		}{
			{alice, 0, false}, {alice, 4*time.Minute + 59*time.Second, true}, {alice, 5 * time.Minute, false},
			{bob, 0, false}, {bob, time.Second, true}, {alice, 0, false},
		} {
			at := clock.Advance(step.after)
			m := dbtest.Post(t, s, step.author, room, "x")
			wantEqual(t, fmt.Sprint(i+1, " continues"), m.Continues, step.continues)
			if diff := cmp.Diff(m.PreviousAt, previous); diff != "" {
				t.Errorf("%d: time of the one before: %s", i+1, diff)
			}
			previous = &at
			must[*db.Message](t)(s.DeleteMessage(t.Context(), step.author, room, m.Position)) // a tombstone counts
		}
	})
}

func TestTimeInARoomNeverGoesBack(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		first := dbtest.Post(t, s, alice, room, "x")
		clock.Advance(-time.Minute) // or another process, whose clock is behind
		wantEqual(t, "time", dbtest.Post(t, s, alice, room, "y").PostedAt, first.PostedAt)
		clock.Advance(-49 * time.Hour) // it was far ahead
		present := dbtest.Post(t, s, alice, room, "z")
		wantEqual(t, "time", present.PostedAt, clock.Now())
		wantEqual(t, "continues", present.Continues, false)
		wantEqual(t, "time", must[*db.RoomView](t)(s.Visit(t.Context(), dbtest.User(t, s, "bob"), room)).ActiveAt, clock.Now())
	})
}

// TestHistoryPage_IsBoundedInBytes reads messages of a sixth of the bound, and a longer one.
func TestHistoryPage_IsBoundedInBytes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		long := strings.Repeat("x", db.PageBytes/6)
		for range 20 {
			dbtest.Post(t, s, alice, room, long)
		}
		dbtest.Post(t, s, alice, room, strings.Repeat("y", db.PageBytes+1))
		dbtest.Post(t, s, alice, room, "z")
		for _, test := range []struct {
			name         string
			window       db.Window
			first, last  int64
			older, newer bool
		}{
			{"newest", db.Window{Limit: 50}, 22, 22, true, false},
			{"the longest", db.Window{Before: 22}, 21, 21, true, true},
			{"before", db.Window{Before: 21}, 15, 20, true, true},
			{"after", db.Window{After: 3}, 4, 9, true, true},
			{"after, few", db.Window{After: 3, Limit: 2}, 4, 5, true, true},
			{"first", db.Window{First: true}, 1, 6, false, true},
			{"around", db.Window{Around: 10}, 7, 12, true, true},
			{"around the first", db.Window{Around: 1}, 1, 6, false, true},
			{"around the longest", db.Window{Around: 21}, 21, 21, true, true},
			{"around the newest", db.Window{Around: 1 << 62}, 22, 22, true, false},
		} {
			page := must[*db.MessagePage](t)(s.Messages(t.Context(), alice, room, test.window))
			first, last := page.Messages[0].Position, page.Messages[len(page.Messages)-1].Position
			got, want := fmt.Sprint(first, last, page.Older, page.Newer), fmt.Sprint(test.first, test.last, test.older, test.newer)
			wantEqual(t, test.name, got, want)
			wantEqual(t, test.name+": number", int64(len(page.Messages)), last-first+1)
		}
	})
}

func TestHistoryByThePage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		room, empty := dbtest.Room(t, s, db.KindOpen, alice), dbtest.Room(t, s, db.KindOpen, alice)
		for range 20 {
			dbtest.Post(t, s, alice, room, "x")
		}
		tests := []struct {
			name         string
			room         uuid.UUID
			window       db.Window
			first, last  int64 // 0: empty
			older, newer bool
		}{
			{"newest", room, db.Window{Limit: 5}, 16, 20, true, false},
			{"newest, by default", room, db.Window{}, 1, 20, false, false},
			{"before", room, db.Window{Before: 16, Limit: 5}, 11, 15, true, true},
			{"before, to the first", room, db.Window{Before: 4, Limit: 5}, 1, 3, false, true},
			{"before the first", room, db.Window{Before: 1, Limit: 5}, 0, 0, false, true},
			{"before the future", room, db.Window{Before: 1 << 62, Limit: 5}, 16, 20, true, false},
			{"after", room, db.Window{After: 3, Limit: 5}, 4, 8, true, true},
			{"after, to the newest", room, db.Window{After: 17, Limit: 5}, 18, 20, true, false},
			{"after the newest", room, db.Window{After: 20, Limit: 5}, 0, 0, true, false},
			{"around", room, db.Window{Around: 10, Limit: 5}, 8, 12, true, true},
			{"around, even", room, db.Window{Around: 10, Limit: 4}, 8, 11, true, true},
			{"around the first", room, db.Window{Around: 1, Limit: 5}, 1, 5, false, true},
			{"around the newest", room, db.Window{Around: 20, Limit: 5}, 16, 20, true, false},
			{"around the future", room, db.Window{Around: 1 << 62, Limit: 5}, 16, 20, true, false},
			{"around, more than there are", room, db.Window{Around: 10, Limit: 50}, 1, 20, false, false},
			{"first", room, db.Window{First: true, Limit: 5}, 1, 5, false, true},
			{"first in an empty room", empty, db.Window{First: true, Limit: 5}, 0, 0, false, false},
			{"empty room", empty, db.Window{Limit: 5}, 0, 0, false, false},
			{"before in an empty room", empty, db.Window{Before: 5, Limit: 5}, 0, 0, false, false},
			{"after in an empty room", empty, db.Window{After: 5, Limit: 5}, 0, 0, false, false},
			{"around in an empty room", empty, db.Window{Around: 5, Limit: 5}, 0, 0, false, false},
		}
		for _, test := range tests {
			page := must[*db.MessagePage](t)(s.Messages(t.Context(), alice, test.room, test.window))
			var first, last int64
			for i, m := range page.Messages {
				if first == 0 {
					first = m.Position
				}
				last = m.Position
				if m.Position != first+int64(i) || m.Author.Name != "alice" || m.Author.PasswordHash != "" {
					t.Errorf("%s: %+v by %+v at %d", test.name, m, m.Author, i)
				}
			}
			got, want := fmt.Sprint(first, last, page.Older, page.Newer), fmt.Sprint(test.first, test.last, test.older, test.newer)
			wantEqual(t, test.name, got, want)
			wantEqual(t, test.name+": revision", page.Revision, must[int64](t)(s.Head(t.Context(), test.room)))
		}
	})
}
