package db_test

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// commitLog keeps what a store tells of its commits.
type commitLog struct {
	mu      sync.Mutex
	commits []db.PostCommit
}

func (l *commitLog) add(c db.PostCommit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commits = append(l.commits, c)
}

// count tells how many commits there were, how many posts were in those that succeeded, and how
// many failed.
func (l *commitLog) count() (commits, posts, failed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.commits {
		if c.Err != nil {
			failed++
			continue
		}
		posts += c.Posts
	}
	return len(l.commits), posts, failed
}

// TestManyRoomsAndAuthorsAreCommittedTogether posts everything in two processes, which are in each
// other's way.
func TestManyRoomsAndAuthorsAreCommittedTogether(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		var commits commitLog
		o := db.Options{URL: url, ObservePosts: commits.add}
		stores := []*db.Store{dbtest.Open(t, o), dbtest.Open(t, o)}
		s, told := stores[0], new(recorder)
		for _, s := range stores {
			s.OnCommit(told.add)
		}
		people := members(t, s, 8)
		rooms := make([]uuid.UUID, 5)
		for i := range rooms { // in each is one more of the people
			rooms[i] = dbtest.Room(t, s, db.KindPrivate, people[:4+i]...)
		}
		const posts = 400
		messages := make([]*db.Message, posts)
		atOnce(posts, func(i int) { // every room, author and key comes twice, once in each process
			room, author := i%len(rooms), i/len(rooms)%len(people)
			m, created, err := stores[i/(posts/2)].PostMessage(t.Context(), people[author], rooms[room], fmt.Sprint("say ", i), fmt.Sprint(i%(posts/2)))
			if author >= 4+room {
				wantError(t, err, db.ErrNotFound)
				return
			}
			noError(t, err)
			if m.AuthorID != people[author].ID || m.RoomID != rooms[room] || created && m.Body != fmt.Sprint("say ", i) {
				t.Errorf("%d: %+v, %v", i, m, created)
			}
			messages[i] = m
		})
		for i, m := range messages[:posts/2] {
			if again := messages[i+posts/2]; m != again && m.Position != again.Position {
				t.Errorf("with key %d: %+v and %+v", i, m, again)
			}
		}
		notices := told.take()
		for i, room := range rooms {
			wantAllTold(t, s, room, notices)
			page := must[*db.MessagePage](t)(s.Messages(t.Context(), people[0], room, db.Window{Limit: posts}))
			wantEqual(t, "messages", len(page.Messages), 5*(4+i))
			for i, m := range page.Messages {
				wantEqual(t, "position", m.Position, int64(i+1))
			}
		}
		total, committed, failed := commits.count()
		wantEqual(t, "posts that were told of", committed, posts)
		wantEqual(t, "commits that failed", failed, 0)
		if total > posts/2 {
			t.Errorf("%d commits of %d posts", total, posts)
		}
	})
}

// TestAPostTheDatabaseRefusesFailsAlone has the database refuse one text, whoever it is committed
// with.
func TestAPostTheDatabaseRefusesFailsAlone(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		var commits commitLog
		s := dbtest.Open(t, db.Options{URL: url, ObservePosts: commits.add})
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		refuse(t, url)
		told := record(s)
		atOnce(60, func(i int) {
			body := "fine"
			if i%20 == 7 {
				body = "refused"
			}
			m, created, err := s.PostMessage(t.Context(), alice, room, body, "")
			if (err != nil) != (body == "refused") || created != (err == nil) || (m != nil) != created {
				t.Errorf("%s: %+v, %v, %v", body, m, created, err)
			}
		})
		wantEqual(t, "messages told of", len(told.take()), 57)
		page := must[*db.MessagePage](t)(s.Messages(t.Context(), alice, room, db.Window{Limit: 100}))
		wantEqual(t, "messages", len(page.Messages), 57)
		wantEqual(t, "newest position", page.Messages[56].Position, int64(57))
		_, committed, failed := commits.count()
		wantEqual(t, "posts that were told of", committed, 57)
		if failed < 3 {
			t.Errorf("%d commits failed", failed)
		}
	})
}

// refuse makes the database refuse messages with the body "refused".
func refuse(t *testing.T, url string) {
	t.Helper()
	statement := `CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN NEW.body = 'refused' BEGIN SELECT RAISE(ABORT, 'no'); END`
	driver, address := "sqlite", strings.TrimPrefix(url, "sqlite:")
	if address == url {
		statement, driver = "ALTER TABLE messages ADD CHECK (body <> 'refused')", "pg"
	}
	execute(t, driver, address, statement)
}

func execute(t *testing.T, driver, address, statement string) {
	t.Helper()
	pool := must[*sql.DB](t)(sql.Open(driver, address))
	defer pool.Close()
	must[sql.Result](t)(pool.Exec(statement))
}

func TestAPostTellsHowFarItsAuthorHasRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room := dbtest.Room(t, s, db.KindOpen, alice, bob)
		for range 3 {
			dbtest.Post(t, s, alice, room, "x")
		}
		told := record(s)
		for _, step := range []struct {
			read, mark int64
			notices    int
		}{
			{1, 1, 2}, // of three
			{0, 1, 1},
			{1, 1, 1},  // again
			{99, 7, 2}, // everything there is, and so its own
			{2, 8, 1},  // not back
		} {
			m, _, err := s.Post(t.Context(), bob, room, db.NewMessage{Body: "y", Read: step.read})
			noError(t, err)
			view := must[*db.RoomView](t)(s.Room(t.Context(), bob, room))
			wantEqual(t, fmt.Sprintf("read mark after message %d", m.Position), view.ReadPosition, step.mark)
			wantEqual(t, "notices", len(told.take()), step.notices)
		}
		_, _, err := s.Post(t.Context(), dbtest.User(t, s, "stranger"), room, db.NewMessage{Body: "z", Read: 1})
		wantError(t, err, db.ErrNotFound)
	})
}

func TestTextThatNoDatabaseKeepsIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		for _, text := range []string{"a NUL \x00", "half a character \xed"} {
			for _, p := range [][2]string{{text, ""}, {"fine", text}} {
				if _, created, err := s.PostMessage(t.Context(), alice, room, p[0], p[1]); err == nil || created {
					t.Errorf("%q: %v, %v", p, created, err)
				}
			}
		}
		text := "\"quotes\" 'too', \\ and \t and <&> and ? and \u2028 and 🐯"
		posted, _, err := s.PostMessage(t.Context(), alice, room, text, text)
		noError(t, err)
		read := must[*db.Message](t)(s.Message(t.Context(), alice, room, posted.Position))
		wantEqual(t, "body", read.Body, text)
		wantEqual(t, "key", *read.Key, text)
	})
}

// TestAPostShowsItsAuthorAsItIs posts with an author as it was before it changed its name: the
// message has the new one.
func TestAPostShowsItsAuthorAsItIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		before, other := dbtest.User(t, s, "jimin"), dbtest.User(t, s, "boram")
		room := dbtest.Room(t, s, db.KindOpen, before, other)
		profile := db.Profile{DisplayName: "지민", Language: "ko", TimeZone: "Asia/Seoul"}
		now := must[*db.User](t)(s.UpdateProfile(t.Context(), before, db.ProfileChange{Profile: &profile}))
		m, _, err := s.PostMessage(t.Context(), before, room, "hello", "")
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "author's name", m.Author.DisplayName, "지민")
		wantEqual(t, "author's version", m.Author.Version, now.Version)
		wantEqual(t, "author's password", m.Author.PasswordHash, "")
	})
}
