package db_test

import (
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestCopySQLite_IsWholeAndForItsUserAlone(t *testing.T) {
	url := dbtest.URL(t, "sqlite")
	s := dbtest.Open(t, db.Options{URL: url})
	jimin := dbtest.User(t, s, "jimin")
	room := dbtest.Room(t, s, db.KindOpen, jimin)
	before := dbtest.Post(t, s, jimin, room, "before")
	path, _ := db.SQLitePath(url)
	to := filepath.Join(t.TempDir(), "copy.db")
	if err := db.CopySQLite(t.Context(), path, to); err != nil {
		t.Fatal(err)
	}
	lost := dbtest.Post(t, s, jimin, room, "after")
	info, err := os.Stat(to)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if err := db.PrepareRestored(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	restored := dbtest.Open(t, db.Options{URL: "sqlite:" + to})
	page, err := restored.Messages(t.Context(), jimin, room, db.Window{})
	if err != nil || len(page.Messages) != 1 || page.Messages[0].Body != "before" {
		t.Fatalf("messages %v, %v, want the one from before", page, err)
	}
	next := dbtest.Post(t, restored, jimin, room, "next")
	if next.Position != 2 || next.Revision <= lost.Revision {
		t.Errorf("position %d, revision %d, want 2 and more than %d", next.Position, next.Revision, lost.Revision)
	}
	for revision, want := range map[int64]bool{
		before.Revision: false, lost.Revision: true, lost.Revision + 100: true, next.Revision - 1: false, next.Revision: false,
	} {
		if got, err := restored.InGap(t.Context(), room, revision); got != want || err != nil {
			t.Errorf("revision %d is in a gap: %v, %v, want %v", revision, got, err, want)
		}
	}
}

func TestBeginLife_LeavesAGapOfRevisions(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		s := dbtest.Open(t, db.Options{URL: url})
		jimin := dbtest.User(t, s, "jimin")
		room := dbtest.Room(t, s, db.KindOpen, jimin)
		m := dbtest.Post(t, s, jimin, room, "before")
		for range 2 {
			if err := s.BeginLife(t.Context()); err != nil {
				t.Fatal(err)
			}
			<-time.After(2 * time.Millisecond) // lives are told apart by the millisecond
		}
		s = dbtest.Open(t, db.Options{URL: url})
		next := dbtest.Post(t, s, jimin, room, "next")
		for revision, want := range map[int64]bool{m.Revision: false, m.Revision + 1: true, next.Revision - 2: true, next.Revision: false} {
			if got, err := s.InGap(t.Context(), room, revision); got != want || err != nil {
				t.Errorf("revision %d is in a gap: %v, %v, want %v", revision, got, err, want)
			}
		}
	})
}

func TestPrepareRestored_RefusesWhatIsNotWhole(t *testing.T) {
	garbage := filepath.Join(t.TempDir(), "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	pool, err := sql.Open("sqlite", "file:"+foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec("CREATE TABLE notes (a INTEGER)"); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	path, _ := db.SQLitePath(dbtest.URL(t, "sqlite"))
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(damaged, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{garbage, foreign, damaged} {
		if err := db.PrepareRestored(t.Context(), path); err == nil {
			t.Errorf("%s is taken", filepath.Base(path))
		}
	}
}

func TestStore_WritesNothingIntoAFileThatWasMoved(t *testing.T) {
	url := dbtest.URL(t, "sqlite")
	var log strings.Builder
	s := dbtest.Open(t, db.Options{URL: url, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	jimin := dbtest.User(t, s, "jimin")
	room := dbtest.Room(t, s, db.KindOpen, jimin)
	path, _ := db.SQLitePath(url)
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, err := s.PostMessage(t.Context(), jimin, room, "lost", ""); !errors.Is(err, db.ErrFileGone) {
			t.Errorf("a post: error %v, want ErrFileGone", err)
		}
		if err := s.Ready(t.Context()); !errors.Is(err, db.ErrFileGone) {
			t.Errorf("ready: error %v, want ErrFileGone", err)
		}
	}
	if _, err := s.Room(t.Context(), jimin, room); err != nil {
		t.Errorf("reading: %v", err)
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors in the log, want 1:\n%s", n, log.String())
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil { // another file at its place
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, db.ErrFileGone) {
		t.Errorf("with another file: error %v, want ErrFileGone", err)
	}
	if err := os.Rename(path+".moved", path); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("with its file again: %v", err)
	}
	dbtest.Post(t, s, jimin, room, "back")
}

// 2H2: a cookie from after the backup signs nobody in, neither another account with the same id nor
// the same one after as many new passwords.
func TestRestored_KnowsNoLaterSessions(t *testing.T) {
	url := dbtest.URL(t, "sqlite")
	s := dbtest.Open(t, db.Options{URL: url})
	jimin := dbtest.User(t, s, "jimin")
	path, _ := db.SQLitePath(url)
	to := filepath.Join(t.TempDir(), "copy.db")
	if err := db.CopySQLite(t.Context(), path, to); err != nil {
		t.Fatal(err)
	}
	restored := dbtest.Open(t, db.Options{URL: "sqlite:" + to})
	lost, next := dbtest.User(t, s, "boram"), dbtest.User(t, restored, "minsu")
	if lost.ID != next.ID {
		t.Fatalf("ids %d and %d, want the same", lost.ID, next.ID)
	}
	cookies := []db.Session{{ID: "a", UserID: lost.ID, Epoch: lost.Epoch}}
	for _, store := range []*db.Store{s, restored} {
		changed, err := store.UpdateProfile(t.Context(), jimin, db.ProfileChange{PasswordHash: "another"})
		if err != nil {
			t.Fatal(err)
		}
		if store == s {
			cookies = append(cookies, db.Session{ID: "b", UserID: jimin.ID, Epoch: changed.Epoch})
		}
	}
	for _, cookie := range cookies {
		if _, err := s.SessionUser(t.Context(), cookie); err != nil {
			t.Errorf("session %s: %v", cookie.ID, err)
		}
		if u, err := restored.SessionUser(t.Context(), cookie); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("session %s in the restored house: %v, %v, want ErrNotFound", cookie.ID, u, err)
		}
	}
}
