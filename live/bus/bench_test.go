package bus_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// BenchmarkLetters is how long a letter with a message of 100 characters takes from one process to another when many are under
// way, coding included: both processes share this machine with the server.
func BenchmarkLetters(b *testing.B) {
	for name, begin := range map[string]func(testing.TB) line{"memory": inMemory, "postgres": overPostgres, "nats": overNATS} {
		b.Run(name, func(b *testing.B) {
			l, room := begin(b), uuid.New()
			from, to := join(b, l), join(b, l)
			from.Follow(room)
			to.Follow(room)
			meet(b, room, from, to)
			letter := posted(room, 1, strings.Repeat("안녕하세", 25))
			const ahead = 4000 // less than what a queue holds: nothing is dropped
			sent, got := 0, 0
			b.ResetTimer()
			for began := time.Now(); got < b.N; got++ {
				for ; sent < b.N && sent-got < ahead; sent++ {
					from.Publish(letter)
				}
				if to.next(); got == b.N-1 {
					b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "letters/s")
				}
			}
		})
	}
}
