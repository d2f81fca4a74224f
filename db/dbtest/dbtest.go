// Package dbtest gives tests real databases: SQLite in a file, and PostgreSQL on a server of their
// own, empty for each test.
package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"sarangbang/db"
)

// Kinds are the databases every test of the store and the handlers runs on; they are names of
// subtests.
var Kinds = []string{"sqlite", "postgres"}

// Each runs a test once on each kind of database, in parallel with each other and with other tests.
// open opens the test's database, which is empty at first; opening it again gives a second store on
// the same data, as a second process or a restart does.
//
// The call has to be the last of its test, which must not share anything that changes, like a
// clock, between the kinds.
func Each(t *testing.T, test func(t *testing.T, open func() *db.Store)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) {
		test(t, func() *db.Store { return Open(t, db.Options{URL: url}) })
	})
}

// EachURL is Each with the DATABASE_URL of an empty database.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Parallel()
	for _, kind := range Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, URL(t, kind))
		})
	}
}

// Bench is Each for benchmarks, with one store.
func Bench(b *testing.B, bench func(b *testing.B, s *db.Store)) {
	b.Helper()
	for _, kind := range Kinds {
		b.Run(kind, func(b *testing.B) { bench(b, Open(b, db.Options{URL: URL(b, kind)})) })
	}
}

// URL returns the DATABASE_URL of an empty database of a kind, which is dropped after the test. Its
// tables are there already, because copying them is quicker than making them.
func URL(tb testing.TB, kind string) string {
	tb.Helper()
	return fresh(tb, kind, migrated)
}

// BareURL is URL without any table.
func BareURL(tb testing.TB, kind string) string {
	tb.Helper()
	return fresh(tb, kind, bare)
}

type contents bool

const (
	bare     contents = false
	migrated contents = true
)

func fresh(tb testing.TB, kind string, with contents) string {
	tb.Helper()
	if kind == "postgres" {
		return freshPostgres(tb, with)
	}
	path := filepath.Join(tb.TempDir(), "house.db")
	if with == migrated {
		template, err := sqliteTemplate()
		if err == nil {
			err = os.WriteFile(path, template, 0o600)
		}
		if err != nil {
			tb.Fatalf("SQLite for tests: %v", err)
		}
	}
	return "sqlite:" + path
}

// sqliteTemplate returns the file of a migrated database without rows, which is made once.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "sarangbang-sqlite-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "house.db")
	store, err := db.Open(context.Background(), db.Options{URL: "sqlite:" + path})
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Open opens a store and closes it after the test.
func Open(tb testing.TB, o db.Options) *db.Store {
	tb.Helper()
	s, err := db.Open(tb.Context(), o)
	if err != nil {
		tb.Fatalf("open %s: %v", o.URL, err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return s
}

// Main runs a package's tests and then stops the PostgreSQL they used:
//
//	func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
//
// Without it, and also when the process is killed, PostgreSQL ends by itself a moment after the
// process.
//
// Garbage is collected a quarter as often as Go would, unless GOGC is set: tests have small heaps.
func Main(m *testing.M) int {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	defer stopServer()
	return m.Run()
}

// missing skips a test that cannot run here, or fails it where everything has to be there
// (CI=true).
func missing(tb testing.TB, why string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatal(why)
	}
	tb.Skip(why)
}

// patience bounds what a function of this package waits for.
const patience = time.Minute

// brief returns a context for work after a test, whose own has ended by then.
func brief() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}
