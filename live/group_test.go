package live

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestGroup_PacesItsFlushes posts once after silence, and then much: the first message leaves at
// once, the others together.
func TestGroup_PacesItsFlushes(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		st := f.open(reads(1, room, FromNow))
		st.next()
		flushes := st.flushes
		f.post(room, 2, "first")
		st.wants("id: 2\ndata: m1 first\nevent: message\n\n")
		for i := range 10 {
			f.post(room, 2, fmt.Sprint(i))
		}
		time.Sleep(pace - 1)
		st.wants("")
		time.Sleep(time.Nanosecond)
		if got := len(parse(st.next())); got != 10 {
			t.Errorf("%d messages after %v, want all ten", got, pace)
		}
		if got := st.flushes - flushes; got != 2 {
			t.Errorf("%d writes for eleven messages, want two", got)
		}
		time.Sleep(time.Second)
		f.post(room, 2, "after silence")
		if got := len(parse(st.next())); got != 1 {
			t.Error("the first message after silence did not leave at once")
		}
	})
}

// TestHandshakes_ShareOneRead is of a thousand readers that come back together, with the same
// cursor or a later one.
func TestHandshakes_ShareOneRead(t *testing.T) {
	for name, c := range map[string]struct {
		missed, reads int
	}{"a little was missed": {20, 1}, "more than a group keeps": {450, 4}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				room := f.store.room("a", 1)
				for range c.missed {
					f.store.post(room, 2, "x")
				}
				var streams []*stream
				for range 1000 {
					streams = append(streams, f.open(reads(1, room, 1)))
				}
				synctest.Wait()
				for _, st := range streams {
					wantsRevisions(t, parse(st.text()), 2, int64(1+c.missed))
				}
				if got := f.store.count("Changes"); got > c.reads {
					t.Errorf("the store was read %d times, want %d at most", got, c.reads)
				}
				if got := f.store.count("Head"); got != 1 {
					t.Errorf("the store was asked for the head %d times, want once", got)
				}
			})
		})
	}
}

// TestStreams_OverTLS is of streams that have a goroutine each: they get the same.
func TestStreams_OverTLS(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			f := newFixture(t)
			room := f.store.room("a", 1)
			served, noted := make(chan error, 1), &deadlineNoter{}
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.Proto != protocol {
					t.Errorf("protocol %s, want %s", r.Proto, protocol)
				}
				noted.ResponseWriter = rw
				noted.SetWriteDeadline(time.Now().Add(time.Minute)) // as for every answer
				served <- f.hub.Serve(noted, r, reads(1, room, FromNow))
			}))
			server.EnableHTTP2 = protocol == "HTTP/2.0"
			server.StartTLS()
			defer server.Close()
			defer f.hub.Close()
			client := server.Client()
			client.Transport.(*http.Transport).ForceAttemptHTTP2 = server.EnableHTTP2
			if !server.EnableHTTP2 {
				client.Transport.(*http.Transport).TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
			}
			response, err := client.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			lines := bufio.NewScanner(response.Body)
			wantsLine(t, lines, "event: ready")
			f.post(room, 2, "hello")
			wantsLine(t, lines, "data: m1 hello")
			for end := time.Now().Add(10 * time.Second); noted.limited.Load(); <-time.After(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("a stream that waits still has a deadline, which would end it")
				}
			}
			response.Body.Close()
			if err := <-served; err != nil {
				t.Errorf("the stream ended with %v", err)
			}
		})
	}
}

// deadlineNoter notes whether its answer has a deadline.
type deadlineNoter struct {
	http.ResponseWriter
	limited atomic.Bool
}

func (w *deadlineNoter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *deadlineNoter) SetWriteDeadline(at time.Time) error {
	w.limited.Store(!at.IsZero())
	return http.NewResponseController(w.ResponseWriter).SetWriteDeadline(at)
}

func wantsLine(t *testing.T, lines *bufio.Scanner, want string) {
	t.Helper()
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), want) {
			return
		}
	}
	t.Fatalf("no line %q: %v", want, lines.Err())
}

// TestHandshake_ResetsWhatTheGroupDropped is of a group that got more than its backlog keeps, and a
// page that comes back and missed all of it: the page is reset.
func TestHandshake_ResetsWhatTheGroupDropped(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		f.open(reads(1, room, FromNow).as(HTML)).next()
		for range chunkSize + 1 {
			f.post(room, 2, "x")
		}
		time.Sleep(time.Second)
		for after, reset := range map[int64]bool{1: true, 2: false} {
			events := parse(f.open(reads(1, room, after).as(HTML)).text())
			if got := events[0].name == EventReset; got != reset {
				t.Errorf("after %d: reset is %v, want %v", after, got, reset)
			}
		}
	})
}
