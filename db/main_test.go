package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// openAndClose in the environment makes the test program a process that opens a database and ends.
const openAndClose = "TEST_OPEN_AND_CLOSE"

func TestMain(m *testing.M) {
	if url := os.Getenv(openAndClose); url != "" {
		s, err := db.Open(context.Background(), db.Options{URL: url})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.Close())
		os.Exit(0)
	}
	os.Exit(dbtest.Main(m))
}

// record returns a recorder of the notices that a store publishes from now on.
func record(s *db.Store) *recorder {
	r := new(recorder)
	s.OnCommit(r.add)
	return r
}

// recorder keeps notices.
type recorder struct {
	mu      sync.Mutex
	notices []db.Notice
}

func (r *recorder) add(notices []db.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notices = append(r.notices, notices...)
}

// take returns the notices since the last call.
func (r *recorder) take() []db.Notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	notices := r.notices
	r.notices = nil
	return notices
}

// one takes the only notice.
func (r *recorder) one(tb testing.TB) db.Notice {
	tb.Helper()
	notices := r.take()
	if len(notices) != 1 {
		tb.Fatalf("%d notices, want 1: %+v", len(notices), notices)
	}
	return notices[0]
}

// coming takes the two notices of somebody who came or went: the room's change, and the event that
// tells of it.
func (r *recorder) coming(tb testing.TB) (db.Notice, *db.Event) {
	tb.Helper()
	notices := r.take()
	if len(notices) != 2 || notices[0].Changed == nil || notices[1].Message.Event() == nil || notices[1].Revision != notices[0].Revision+1 {
		tb.Fatalf("want a change and an event: %+v", notices)
	}
	return notices[0], notices[1].Message.Event()
}

// atOnce runs n calls of f at the same time and returns when all have returned.
func atOnce(n int, f func(i int)) {
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	group.Wait()
}

func must[T any](tb testing.TB) func(T, error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func noError(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func wantError(tb testing.TB, got, want error) {
	tb.Helper()
	if !errors.Is(got, want) {
		tb.Errorf("error %v, want %v", got, want)
	}
}

// wantInvalid checks that an error names one field.
func wantInvalid(tb testing.TB, err error, field, text string) {
	tb.Helper()
	var invalid *db.InvalidError
	if !errors.As(err, &invalid) || invalid.Fields[field] != text {
		tb.Errorf("error %v, want %s: %s", err, field, text)
	}
}

func wantEqual[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: %v, want %v", what, got, want)
	}
}
