package db_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestTwentyPostsAtOnceWithOneKeyAreOneMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		stores := []*db.Store{open(), open()} // two processes
		s := stores[0]
		alice, bob := dbtest.User(t, s, "alice"), dbtest.User(t, s, "bob")
		room, other := dbtest.Room(t, s, db.KindOpen, alice, bob), dbtest.Room(t, s, db.KindOpen, alice)
		results := make([]bool, 20)
		atOnce(len(results), func(i int) {
			m, created, err := stores[i%2].PostMessage(t.Context(), alice, room, fmt.Sprint("try ", i), "key ?'")
			if err != nil || m.Position != 1 || *m.Key != "key ?'" || m.Author.Name != "alice" {
				t.Errorf("%+v, %v", m, err)
			}
			results[i] = created
		})
		results = slices.DeleteFunc(results, func(created bool) bool { return !created })
		wantEqual(t, "posts that were the first", len(results), 1)
		wantEqual(t, "messages", len(must[*db.MessagePage](t)(s.Messages(t.Context(), alice, room, db.Window{})).Messages), 1)

		// the key is the author's own, and the room's
		for _, p := range []struct {
			author *db.User
			room   uuid.UUID
		}{{bob, room}, {alice, other}} {
			_, created, err := s.PostMessage(t.Context(), p.author, p.room, "x", "key ?'")
			noError(t, err)
			wantEqual(t, "created", created, true)
		}
		must[*db.Message](t)(s.EditMessage(t.Context(), alice, room, 1, "edited"))
		again, created, err := s.PostMessage(t.Context(), alice, room, "once more", "key ?'")
		noError(t, err)
		if created || again.Body != "edited" {
			t.Errorf("created %v: %+v", created, again)
		}
		must[*db.Message](t)(s.DeleteMessage(t.Context(), alice, room, 1))
		again, created, err = s.PostMessage(t.Context(), alice, room, "a retry that comes late", "key ?'")
		noError(t, err)
		if created || again.DeletedAt == nil {
			t.Errorf("created %v after the deletion: %+v", created, again)
		}
	})
}

// TestManyWriters lets 8 people of two processes post, edit, delete, rename, come and go at once,
// and then compares what was told with what is there.
func TestManyWriters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		stores := []*db.Store{open(), open()}
		s, told := stores[0], new(recorder)
		for _, s := range stores {
			s.OnCommit(told.add)
		}
		var people []*db.User
		for i := range 8 {
			people = append(people, dbtest.User(t, s, fmt.Sprint("user", i)))
		}
		rooms := []uuid.UUID{dbtest.Room(t, s, db.KindOpen, people...), dbtest.Room(t, s, db.KindOpen, people...)}
		atOnce(len(people), func(i int) {
			for n := range 24 {
				if err := act(t, stores[i%2], people[i], rooms[n%2], n); err != nil {
					t.Errorf("%s, %d: %v", people[i].Name, n, err)
				}
			}
		})
		notices := told.take()
		for _, room := range rooms {
			wantDense(t, s, people[0], room)
			wantAllTold(t, s, room, notices)
		}
	})
}

func act(t *testing.T, s *db.Store, u *db.User, room uuid.UUID, n int) error {
	ctx := t.Context()
	m, _, err := s.PostMessage(ctx, u, room, fmt.Sprint(u.Name, " ", n), fmt.Sprint(n))
	if err != nil {
		return err
	}
	switch n % 6 {
	case 1:
		_, err = s.EditMessage(ctx, u, room, m.Position, "edited")
	case 2:
		_, err = s.DeleteMessage(ctx, u, room, m.Position)
	case 3:
		if _, err = s.RenameRoom(ctx, u, room, m.Body); errors.Is(err, db.ErrForbidden) != (u.Name != "user0") {
			return fmt.Errorf("renaming: %w", err)
		}
		err = nil
	case 4:
		_, err = s.MarkRead(ctx, u, room, m.Position)
	case 5:
		_, err = s.Visit(ctx, u, room)
		err = errors.Join(s.LeaveRoom(ctx, u, room), err, second(s.Visit(ctx, u, room)))
	}
	return err
}

// wantDense checks that positions are 1, 2, 3 … and that no revision was given twice.
func wantDense(t *testing.T, s *db.Store, viewer *db.User, room uuid.UUID) {
	t.Helper()
	page := must[*db.MessagePage](t)(s.Messages(t.Context(), viewer, room, db.Window{Limit: 1000}))
	texts := slices.DeleteFunc(slices.Clone(page.Messages), func(m *db.Message) bool { return m.Kind == db.MessageEvent })
	wantEqual(t, "texts", len(texts), 8*12)
	seen := map[int64]bool{}
	for i, m := range page.Messages {
		wantEqual(t, "position", m.Position, int64(i+1))
		if seen[m.Revision] || m.Revision > page.Revision {
			t.Errorf("revision %d of message %d, twice: %v, head %d", m.Revision, m.Position, seen[m.Revision], page.Revision)
		}
		seen[m.Revision] = true
	}
}

// wantAllTold checks that the notices hold every revision once, and that the last of each message
// is its state.
func wantAllTold(t *testing.T, s *db.Store, room uuid.UUID, notices []db.Notice) {
	t.Helper()
	var revisions []int64
	last := map[int64]*db.Message{}
	slices.SortFunc(notices, func(a, b db.Notice) int { return int(a.Revision - b.Revision) })
	for _, n := range notices {
		if n.Room != room {
			continue
		}
		revisions = append(revisions, n.Revision)
		if (n.Message == nil) == (n.Changed == nil) {
			t.Errorf("not one state: %+v", n)
		}
		if n.Message != nil {
			last[n.Message.Position] = n.Message
		}
	}
	head := must[int64](t)(s.Head(t.Context(), room))
	wantEqual(t, "notices", int64(len(revisions)), head)
	for i, revision := range revisions {
		wantEqual(t, "revision", revision, int64(i+1))
	}
	changes := must[*db.RoomChanges](t)(s.Changes(t.Context(), room, 0, 1000))
	for _, m := range changes.Messages {
		if diff := cmp.Diff(last[m.Position], m); diff != "" {
			t.Errorf("message %d: told -, stored +: %s", m.Position, diff)
		}
	}
}

func TestAPostThatMayNotBeWrittenFailsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice, stranger := dbtest.User(t, s, "alice"), dbtest.User(t, s, "stranger")
		rooms := []uuid.UUID{dbtest.Room(t, s, db.KindOpen, alice), dbtest.Room(t, s, db.KindPrivate, alice)}
		atOnce(40, func(i int) {
			author, body, want := alice, "fine", error(nil)
			room := rooms[i%2]
			switch i % 5 {
			case 1:
				author, want = stranger, db.ErrNotFound
			case 2:
				room, want = uuid.New(), db.ErrNotFound
			case 3:
				body, want = "a NUL breaks the statement: \x00", errAny
			}
			m, created, err := s.PostMessage(t.Context(), author, room, body, "")
			if want == errAny && err != nil {
				return
			}
			if err != want || created != (want == nil) || (m != nil) != created {
				t.Errorf("%d: %+v, %v, %v, want %v", i, m, created, err, want)
			}
		})
		total := 0
		for _, room := range rooms {
			page := must[*db.MessagePage](t)(s.Messages(t.Context(), alice, room, db.Window{}))
			for i, m := range page.Messages {
				wantEqual(t, "position", m.Position, int64(i+1))
			}
			total += len(page.Messages)
		}
		wantEqual(t, "messages", total, 16)
	})
}

var errAny = errors.New("any error")
