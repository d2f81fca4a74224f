package db_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

// PostgreSQL runs without fsync in tests: its figures show the cost of everything but the disk.
// SQLite's include the disk.

func BenchmarkPostMessage(b *testing.B) {
	dbtest.Bench(b, func(b *testing.B, s *db.Store) {
		alice := dbtest.User(b, s, "alice")
		room := dbtest.Room(b, s, db.KindOpen, alice)
		b.Run("one after another", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dbtest.Post(b, s, alice, room, "안녕하세요, 오늘 회의는 몇 시인가요?")
			}
		})
		b.Run("64 at once", func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(32)
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					key := fmt.Sprint(b.N, "-", n.Add(1))
					if _, _, err := s.PostMessage(b.Context(), alice, room, "안녕하세요", key); err != nil {
						b.Error(err)
					}
				}
			})
		})
	})
}

func BenchmarkMessages(b *testing.B) {
	dbtest.Bench(b, func(b *testing.B, s *db.Store) {
		alice := dbtest.User(b, s, "alice")
		room := dbtest.Room(b, s, db.KindOpen, alice)
		fill(b, s, alice, 1000, room)
		b.ReportAllocs()
		for b.Loop() {
			if page, err := s.Messages(b.Context(), alice, room, db.Window{Limit: 50}); err != nil || len(page.Messages) != 50 {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRoomsOf(b *testing.B) {
	dbtest.Bench(b, func(b *testing.B, s *db.Store) {
		alice, bob := dbtest.User(b, s, "alice"), dbtest.User(b, s, "bob")
		rooms := make([]uuid.UUID, 20)
		for i := range rooms {
			rooms[i] = dbtest.Room(b, s, db.KindPrivate, alice, bob)
		}
		fill(b, s, alice, 1000, rooms...)
		b.ReportAllocs()
		for b.Loop() {
			if list, err := s.RoomsOf(b.Context(), bob); err != nil || len(list) != len(rooms) || list[0].Unread != 50 {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkUsers finds somebody among 10,000 people, each time with another query.
func BenchmarkUsers(b *testing.B) {
	dbtest.Bench(b, func(b *testing.B, s *db.Store) {
		alice := dbtest.User(b, s, "alice")
		for begin := 0; begin < 10_000; begin += 50 { // no more at once than the writers' time allows
			atOnce(50, func(i int) { dbtest.User(b, s, fmt.Sprintf("김지민%d", begin+i)) })
		}
		queries := 0
		for b.Loop() {
			queries++
			ctx, _ := s.Track(b.Context(), db.Scope{User: alice.ID})
			if _, err := s.Users(ctx, alice, fmt.Sprintf("ㅈㅁ%d", queries), 0, 50); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// fill posts n messages, spread over rooms.
func fill(b *testing.B, s *db.Store, author *db.User, n int, rooms ...uuid.UUID) {
	b.Helper()
	atOnce(n, func(i int) {
		if _, _, err := s.PostMessage(b.Context(), author, rooms[i%len(rooms)], "안녕하세요", ""); err != nil {
			b.Error(err)
		}
	})
}
