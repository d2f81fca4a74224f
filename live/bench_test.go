package live

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkFanOut is one change to 1,000 readers who discard it, each through its own stream, until
// the last one has it.
func BenchmarkFanOut(b *testing.B) {
	const readers = 1000
	f := newFixture(b)
	room := f.store.room("a", 1)
	var opened, serving sync.WaitGroup
	var missing atomic.Int64
	arrived := make(chan struct{})
	missing.Store(readers)
	ctx, cancel := context.WithCancel(context.Background())
	for range readers {
		opened.Add(1)
		once := sync.OnceFunc(opened.Done)
		d := &discard{wrote: func(n int) {
			if n < 512 {
				once() // the ready event
			} else if missing.Add(-1) == 0 {
				arrived <- struct{}{}
			}
		}}
		serving.Go(func() {
			f.hub.Serve(d, httptest.NewRequest("GET", "/", nil).WithContext(ctx), reads(1, room, FromNow))
		})
	}
	opened.Wait()
	body := strings.Repeat("x", 512)
	b.ReportAllocs()
	for b.Loop() {
		f.post(room, 1, body)
		<-arrived
		missing.Store(readers)
	}
	b.ReportMetric(float64(b.N)*readers/b.Elapsed().Seconds(), "deliveries/s")
	cancel()
	serving.Wait()
	f.hub.Close()
}

// BenchmarkEncode is one message's event, encoded by the stream server and by hand.
func BenchmarkEncode(b *testing.B) {
	event := Event{Name: EventMessage, Data: []byte(`{"body":"` + strings.Repeat("x", 512) + `"}`)}
	e := newEncoder(newServer(), "a")
	defer e.close()
	for name, encode := range map[string]func(Event, int64) []byte{"stream server": e.frame, "by hand": encodeByHand} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				encode(event, 7)
			}
		})
	}
}
