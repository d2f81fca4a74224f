package bus_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

// BenchmarkMessages measures how long a message of 1 KiB, which carries 200 characters of text,
// takes from one process to another while many are under way, with encoding and decoding. Both
// processes share this machine with the server.
func BenchmarkMessages(b *testing.B) {
	for name, start := range networks {
		b.Run(name, func(b *testing.B) {
			n, room := start(b), uuid.New()
			from, to := join(b, n), join(b, n)
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
					from.Publish(bus.Message{Notice: &db.Notice{Room: room, Revision: int64(sent + 1), Message: message}})
				}
				if to.next(); got == b.N-1 {
					b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "messages/s")
				}
			}
		})
	}
}
