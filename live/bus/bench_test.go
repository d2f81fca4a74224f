package bus_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

// BenchmarkLetters is how long a letter of 1 KiB, a message of 200 characters in it, takes from one process to another when many are under
// way, coding included: both processes share this machine with the server.
func BenchmarkLetters(b *testing.B) {
	for name, begin := range map[string]func(testing.TB) line{"memory": inMemory, "postgres": overPostgres, "nats": overNATS} {
		b.Run(name, func(b *testing.B) {
			l, room := begin(b), uuid.New()
			from, to := join(b, l), join(b, l)
			from.Follow(room)
			to.Follow(room)
			meet(b, room, from, to)
			message := posted(room, 1, strings.Repeat("안녕하세", 50)).Notice.Message
			const ahead = 4000 // less than what a queue holds: nothing is dropped
			sent, got := 0, 0
			b.ResetTimer()
			for began := time.Now(); got < b.N; got++ {
				for ; sent < b.N && sent-got < ahead; sent++ {
					// Of announcements that are the same PostgreSQL delivers one.
					from.Publish(bus.Letter{Notice: &db.Notice{Room: room, Revision: int64(sent + 1), Message: message}})
				}
				if to.next(); got == b.N-1 {
					b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "letters/s")
				}
			}
		})
	}
}
