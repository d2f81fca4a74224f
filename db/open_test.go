package db_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestProcessesMayOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	program := must[string](t)(os.Executable())
	for _, kind := range dbtest.Kinds {
		t.Run(kind, func(t *testing.T) {
			url := dbtest.BareURL(t, kind)
			atOnce(4, func(int) {
				cmd := exec.Command(program)
				cmd.Env = append(os.Environ(), openAndClose+"="+url)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
			dbtest.User(t, dbtest.Open(t, db.Options{URL: url}), "alice")
		})
	}
}

func TestAWrongURLIsOneClearLineWithoutThePassword(t *testing.T) {
	const secret = "geheim"
	tests := []struct{ name, url, want string }{
		{"no scheme", "house.db", "must begin with"},
		{"another database", "mysql://a:geheim@localhost/x", "must begin with"},
		{"SQLite without a path", "sqlite:", "path of a file"},
		{"SQLite in memory", "sqlite::memory:", "path of a file"},
		{"a slash in the password", "postgres://a:geheim/b@localhost/x", "no postgres:// address"},
		{"a percent sign in the password", "postgres://a:geheim%zz@localhost/x", "no postgres:// address"},
		{"a broken query", "postgres://a:geheim@localhost/x?sslmode=%zz", "no postgres:// address"},
		{"no database", "postgres://a:geheim@localhost", "name of the database"},
		{"prefer", "postgres://a:geheim@localhost/x?sslmode=prefer", "sslmode=prefer is not supported"},
		{"an unknown sslmode", "postgres://a:geheim@localhost/x?sslmode=yes", `unknown sslmode "yes"`},
		{"a misspelt parameter", "postgres://a:geheim@localhost/x?ssl_mode=require", `unknown parameter "ssl_mode"`},
		{"no such root certificate", "postgres://a:geheim@localhost/x?sslmode=verify-ca&sslrootcert=/nowhere", "sslrootcert"},
		{"no such client certificate", "postgres://a:geheim@localhost/x?sslmode=require&sslcert=/nowhere", "sslcert"},
		{"TLS over a socket", "postgres://a:geheim@/x?host=/run/postgresql&sslmode=require", "makes no sense"},
		{"nobody listens", "postgres://a:geheim@127.0.0.1:1/x", "refused"},
		{"no such socket", "postgres://a:geheim@/x?host=/nowhere", "/nowhere/.s.PGSQL.5432"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := db.Open(t.Context(), db.Options{URL: test.url})
			if err == nil {
				t.Fatalf("opened %v", s)
			}
			got := err.Error()
			if !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
				t.Errorf("%q, want one line with %q", got, test.want)
			}
			if strings.Contains(got, secret) {
				t.Errorf("the password is in %q", got)
			}
		})
	}
}

func TestSQLiteMakesItsFolderForThisUserAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "집", "data #1?")
	path := filepath.Join(dir, "사랑방 100%.db")
	s := dbtest.Open(t, db.Options{URL: "sqlite:" + path})
	dbtest.User(t, s, "alice")
	for path, want := range map[string]os.FileMode{dir: 0o700 | os.ModeDir, path: 0o600, path + "-wal": 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Error(err)
			continue
		}
		wantEqual(t, path, info.Mode(), want)
	}
}

func TestReadyUntilClosed(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		s := must[*db.Store](t)(db.Open(t.Context(), db.Options{URL: url}))
		noError(t, s.Ready(t.Context()))
		noError(t, s.Close())
		if s.Ready(t.Context()) == nil {
			t.Error("ready after Close")
		}
	})
}

func TestWhatWasWrittenIsThereAfterARestart(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		s := must[*db.Store](t)(db.Open(t.Context(), db.Options{URL: url}))
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		dbtest.Post(t, s, alice, room, "안녕")
		noError(t, s.Close())
		page := must[*db.MessagePage](t)(dbtest.Open(t, db.Options{URL: url}).Messages(t.Context(), alice, room, db.Window{}))
		if len(page.Messages) != 1 || page.Messages[0].Body != "안녕" {
			t.Errorf("%+v", page.Messages)
		}
	})
}

func TestAClientThatHangsUpWritesNothingOrIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		alice := dbtest.User(t, s, "alice")
		room := dbtest.Room(t, s, db.KindOpen, alice)
		gone, hangUp := context.WithCancel(t.Context())
		s.OnCommit(func([]db.Notice) { t.Error("told") })
		hangUp()
		_, _, err := s.PostMessage(gone, alice, room, "too late", "")
		wantError(t, err, context.Canceled)
		_, err = s.RenameRoom(gone, alice, room, "too late")
		wantError(t, err, context.Canceled)
	})
}
