package db_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// BenchmarkPosting posts durably, as fast as some writers can who each wait for the answer: into
// one room and into many, as one author and as many. It reports posts/s, how many are committed
// together, and how long the slowest hundredth waits.
func BenchmarkPosting(b *testing.B) {
	var commits atomic.Int64
	benchObserved(b, func(db.PostCommit) { commits.Add(1) }, func(b *testing.B, s *db.Store) {
		for _, shape := range []struct{ rooms, authors int }{{1, 1}, {1, 100}, {100, 1}, {100, 100}} {
			authors := members(b, s, shape.authors)
			rooms := make([]uuid.UUID, shape.rooms)
			for i := range rooms {
				rooms[i] = dbtest.Room(b, s, db.KindOpen, authors...)
			}
			for _, writers := range []int{1, 32, 256} {
				b.Run(fmt.Sprintf("%d rooms, %d authors, %d writers", shape.rooms, shape.authors, writers), func(b *testing.B) {
					b.ReportAllocs()
					commits.Store(0)
					measure(b, writers, func(i int) error {
						author, room := authors[i/len(rooms)%len(authors)], rooms[i%len(rooms)]
						_, _, err := s.PostMessage(b.Context(), author, room, "안녕하세요, 오늘 회의는 몇 시인가요?", uuid.NewString())
						return err
					})
					b.ReportMetric(float64(b.N)/float64(commits.Load()), "posts/commit")
				})
			}
		}
	})
}

func benchObserved(b *testing.B, observe func(db.PostCommit), bench func(b *testing.B, s *db.Store)) {
	for _, kind := range dbtest.Kinds {
		b.Run(kind, func(b *testing.B) {
			bench(b, dbtest.Open(b, db.Options{URL: dbtest.URL(b, kind), ObservePosts: observe}))
		})
	}
}

var people atomic.Int64

func members(tb testing.TB, s *db.Store, n int) []*db.User {
	tb.Helper()
	users := make([]*db.User, n)
	for i := range users {
		users[i] = dbtest.User(tb, s, fmt.Sprint("user", people.Add(1)))
	}
	return users
}

// measure calls do b.N times from some goroutines.
func measure(b *testing.B, writers int, do func(i int) error) {
	b.Helper()
	waited := make([]time.Duration, b.N)
	var next atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range writers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				begin := time.Now()
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
				waited[i] = time.Since(begin)
			}
		})
	}
	group.Wait()
	b.StopTimer()
	slices.Sort(waited)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
	b.ReportMetric(float64(waited[len(waited)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(waited[len(waited)/10].Microseconds()), "p10-us")
}
