package live

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// socketFixture serves the streams of a fixture over real sockets. Its tests wait for things to
// happen, never for time to pass.
type socketFixture struct {
	*fixture
	server *httptest.Server
}

func newSocketFixture(t testing.TB, change ...func(*Options)) *socketFixture {
	h := &socketFixture{fixture: newFixture(t, change...)}
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		room, _ := uuid.Parse(r.URL.Query().Get("room"))
		s := reads(1, room, FromNow)
		if as := r.URL.Query().Get("as"); as != "" {
			s = s.as(Format(as))
		}
		if err := h.hub.Serve(w, r, s); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(func() {
		h.hub.Close()
		h.server.Close()
	})
	return h
}

// visit opens a stream as an old program does: HTTP/1.0 or 1.1, over a socket of its own.
func (h *socketFixture) visit(version string, room uuid.UUID) net.Conn {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprintf(conn, "GET /?room=%s HTTP/%s\r\nHost: x\r\n\r\n", room, version)
	return conn
}

// hears reads up to and with a text.
func hears(t testing.TB, conn net.Conn, text string) string {
	t.Helper()
	var all bytes.Buffer
	one := make([]byte, 4096)
	for !strings.Contains(all.String(), text) {
		n, err := conn.Read(one)
		all.Write(one[:n])
		if err != nil {
			t.Fatalf("waiting for %q after %q: %v", text, all.String(), err)
		}
	}
	return all.String()
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !so(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after 30 seconds", what)
		}
	}
}

func (h *socketFixture) streams() int {
	n, _ := h.hub.size()
	return n
}

func TestSocket_IsHijacked(t *testing.T) {
	for _, version := range []string{"1.0", "1.1"} {
		t.Run("HTTP/"+version, func(t *testing.T) {
			h := newSocketFixture(t)
			room := h.store.room("a", 1)
			before := runtime.NumGoroutine()
			conn := h.visit(version, room)
			response := hears(t, conn, "event: ready\n\n")
			head, _, _ := strings.Cut(response, "\r\n\r\n")
			for _, want := range []string{"HTTP/1.1 200 OK\r\n", "\r\nContent-Type: text/event-stream", "\r\nConnection: close", "\r\nDate: "} {
				if !strings.Contains(head, want) {
					t.Errorf("the head %q lacks %q", head, want)
				}
			}
			eventually(t, "no goroutine of the stream", func() bool { return runtime.NumGoroutine() <= before+2 }) // the poller's, and the room's
			h.post(room, 2, "hello")
			hears(t, conn, "data: m1 hello\n")
		})
	}
}

// TestSocket_AnswersBeforeAnythingHappens opens a stream of a silent room: whoever reads it learns
// that it is open.
func TestSocket_AnswersBeforeAnythingHappens(t *testing.T) {
	for _, format := range []Format{Text, Page} {
		t.Run(string(format), func(t *testing.T) {
			h := newSocketFixture(t)
			response, err := http.Get(fmt.Sprintf("%s/?as=%s&room=%s", h.server.URL, format, h.store.room("a", 1)))
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		})
	}
}

func TestSocket_NoticesAtOnceThatTheClientLeft(t *testing.T) {
	h := newSocketFixture(t)
	room := h.store.room("a", 1)
	for name, leave := range map[string]func(*net.TCPConn) error{
		"closed": (*net.TCPConn).Close, "half closed": (*net.TCPConn).CloseWrite,
		"reset": func(c *net.TCPConn) error { c.SetLinger(0); return c.Close() },
	} {
		conn := h.visit("1.1", room)
		hears(t, conn, "event: ready\n\n")
		leave(conn.(*net.TCPConn))
		eventually(t, name+": the stream has ended", func() bool { return h.streams() == 0 })
	}
}

// TestSocket_SlowClientGetsEverything reads late, much more than the system keeps for it, in order
// and whole.
func TestSocket_SlowClientGetsEverything(t *testing.T) {
	h := newSocketFixture(t)
	room := h.store.room("a", 1)
	conn := h.visit("1.1", room)
	hears(t, conn, "event: ready\n\n")
	body := strings.Repeat("x", 20<<10)
	for i := range 40 {
		h.post(room, 2, fmt.Sprint(i, body))
	}
	eventually(t, "something waits in the queue", func() bool { return h.waiting() > 0 })
	wantsRevisions(t, parse(hears(t, conn, fmt.Sprint("data: m40 39", body, "\nevent: message\n\n"))), 2, 41)
	if n := h.waiting(); n != 0 {
		t.Errorf("%d bytes wait for a reader that has everything", n)
	}
}

// waiting is how much waits in all queues.
func (h *socketFixture) waiting() (bytes int) {
	h.hub.mu.Lock()
	defer h.hub.mu.Unlock()
	for _, u := range h.hub.users {
		for _, r := range u.streams {
			r.mu.Lock()
			bytes += r.size
			r.mu.Unlock()
		}
	}
	return bytes
}

func TestSocket_IsClosedWithTheHub(t *testing.T) {
	h := newSocketFixture(t)
	conn := h.visit("1.1", h.store.room("a", 1))
	hears(t, conn, "event: ready\n\n")
	h.hub.Close()
	if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
		t.Errorf("after the end: %q, %v", rest, err)
	}
}

var leakStreams = flag.Int("streams", 20_000, "how many streams TestStreams_LeaveNothingBehind opens and closes; 2,000 with -short and -race")

// leakAtOnce is how many of these streams are open at the same time.
const leakAtOnce = 1_000

// TestStreams_LeaveNothingBehind opens and closes streams over real sockets: goroutines,
// descriptors and entries are as before.
func TestStreams_LeaveNothingBehind(t *testing.T) {
	if raceEnabled || testing.Short() {
		leakRounds(t, 2)
		return
	}
	leakRounds(t, *leakStreams/leakAtOnce)
}

func leakRounds(t *testing.T, rounds int) {
	var taken, most atomic.Int64
	h := newSocketFixture(t, func(o *Options) {
		o.TakenOver = func(n int) { most.Store(max(most.Load(), taken.Add(int64(n)))) }
	})
	var rooms []uuid.UUID
	for i := range 20 {
		rooms = append(rooms, h.store.room(fmt.Sprint("room ", i), 1))
	}
	h.leakRound(rooms) // what is made once is there now
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors(t)
	for range rounds {
		h.leakRound(rooms)
	}
	eventually(t, "goroutines and descriptors as before", func() bool {
		return runtime.NumGoroutine() <= goroutines && openDescriptors(t) <= descriptors
	})
	eventually(t, "nobody is to be told of anything", func() bool {
		h.hub.mu.Lock()
		defer h.hub.mu.Unlock()
		return !h.hub.unread.working
	})
	h.wantsNothingLeft()
	h.hub.poller.mu.Lock()
	defer h.hub.poller.mu.Unlock()
	for fd, c := range h.hub.poller.sockets {
		if c != nil {
			t.Errorf("the poller still has descriptor %d", fd)
		}
	}
	if taken.Load() != 0 || most.Load() < leakAtOnce/2 {
		t.Errorf("connections taken over: %d, at most %d", taken.Load(), most.Load())
	}
}

// leakRound opens streams, says something in each room, and closes them in different ways.
func (h *socketFixture) leakRound(rooms []uuid.UUID) {
	h.t.Helper()
	const clients = 20
	var all, opened sync.WaitGroup
	opened.Add(clients)
	ctx, leave := context.WithCancel(h.t.Context())
	for c := range clients {
		all.Go(func() {
			var conns []net.Conn
			for i := range leakAtOnce / clients {
				conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
				if err != nil {
					h.t.Error(err)
					break
				}
				fmt.Fprintf(conn, "GET /?room=%s HTTP/1.1\r\nHost: x\r\n\r\n", rooms[(c+i)%len(rooms)])
				conns = append(conns, conn)
			}
			for _, conn := range conns {
				conn.Read(make([]byte, 1024))
			}
			opened.Done()
			<-ctx.Done()
			for i, conn := range conns {
				if i%2 == 0 {
					conn.(*net.TCPConn).SetLinger(0)
				}
				conn.Close()
			}
		})
	}
	opened.Wait()
	for _, room := range rooms {
		h.post(room, 2, "hello")
	}
	leave()
	all.Wait()
	eventually(h.t, "all streams have ended", func() bool { return h.streams() == 0 })
}

func openDescriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
