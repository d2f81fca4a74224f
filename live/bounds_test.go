package live

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

func TestHub_OpensNoStreamWhereDescriptorsAreScarce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scarce := false
		f := newFixture(t, func(o *Options) { o.Scarce = func() bool { return scarce } })
		defer f.hub.Close()
		if st := f.open(reads(1, uuid.Nil, FromNow)); st.ended() {
			t.Errorf("error %v", st.err)
		}
		scarce = true
		if st := f.open(reads(1, uuid.Nil, FromNow)); !st.ended() || !errors.Is(st.err, ErrTooMany) {
			t.Errorf("error %v, want %v", st.err, ErrTooMany)
		}
	})
}

func TestHub_BoundsStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(o *Options) { o.StreamsPerUser, o.Streams = 2, 3 })
		defer f.hub.Close()
		room := f.store.room("a", 1, 2, 3)
		wants := func(st *stream, want error) {
			t.Helper()
			if want == nil && st.ended() || want != nil && (!st.ended() || !errors.Is(st.err, want)) {
				t.Errorf("error %v, want %v", st.err, want)
			}
		}
		first := f.open(reads(1, room, FromNow))
		wants(first, nil)
		wants(f.open(reads(1, uuid.Nil, FromNow)), nil)
		wants(f.open(reads(1, room, FromNow)), ErrTooManyOfUser)
		wants(f.open(reads(2, room, FromNow)), nil)
		wants(f.open(reads(3, room, FromNow)), ErrTooMany)
		first.cancel()
		<-first.done
		wants(f.open(reads(3, room, FromNow)), nil)
		wants(f.open(reads(2, room, FromNow)), ErrTooMany)
	})
}

// TestReader_IsCutWhenStalled is of a client that stops reading: its reader is cut when the one
// write takes too long, or before that, when too much waits.
func TestReader_IsCutWhenStalled(t *testing.T) {
	for name, c := range map[string]struct {
		posts, size int
		after       time.Duration
	}{
		"little waits":   {3, 10, patience},
		"many pieces":    {queueFrames + 2, 10, 0},
		"many bytes":     {12, queueBytes / 10, 0},
		"one big change": {2, 2 * queueBytes, patience},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				room := f.store.room("a", 1, 2)
				stalled, other := f.open(reads(1, room, FromNow)), f.open(reads(2, room, FromNow))
				stalled.next()
				other.next()
				stalled.stall()
				body := strings.Repeat("x", c.size)
				for i := range c.posts {
					f.post(room, 2, body)
					time.Sleep(pace)
					if got := len(parse(other.next())); got != 1 {
						t.Fatalf("post %d: the other reader got %d events, want one at once", i, got)
					}
				}
				if c.after > 0 {
					time.Sleep(c.after - time.Duration(c.posts)*pace - 1)
					if stalled.ended() {
						t.Error("dropped too early")
					}
				}
				time.Sleep(10 * time.Millisecond) // how often the fake socket looks at its deadline
				if !stalled.ended() {
					t.Error("the stalled reader is still there")
				}
				if other.ended() {
					t.Error("the other reader was dropped")
				}
			})
		})
	}
}

// TestReader_IsCutWhenTrickling is of a client that reads a byte a second: its reader is cut when a
// message has waited for too long, and nobody else notices.
func TestReader_IsCutWhenTrickling(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1, 2)
		trickling := f.openOn(&stream{random: rand.New(rand.NewPCG(1, 1))}, reads(1, room, FromNow))
		other := f.open(reads(2, room, FromNow))
		time.Sleep(time.Second)
		other.next()
		trickling.mu.Lock()
		trickling.trickle = true
		trickling.mu.Unlock()
		for i := range 9 {
			f.post(room, 2, "hello")
			if got := len(parse(other.next())); got != 1 {
				t.Fatalf("post %d: the other reader got %d events, want one at once", i, got)
			}
			time.Sleep(time.Second)
		}
		if trickling.ended() {
			t.Error("dropped too early")
		}
		time.Sleep(time.Second)
		if !trickling.ended() {
			t.Error("the trickling reader is still there")
		}
	})
}

// TestReader_IsCutWhenItsSocketStalls is of a client that stops reading a real socket: its reader
// is cut, and meanwhile the other gets each message at once.
func TestReader_IsCutWhenItsSocketStalls(t *testing.T) {
	f := newFixture(t)
	room := f.store.room("a", 1, 2)
	dropped := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		id := int64(2)
		if r.URL.Path == "/stalled" {
			id = 1
			defer close(dropped)
		}
		f.hub.Serve(rw, r, reads(id, room, FromNow))
	}))
	defer server.Close()
	defer f.hub.Close()
	stalled := dial(t, server, "/stalled")
	reading := dial(t, server, "/")
	defer stalled.conn.Close()
	defer reading.conn.Close()
	reading.until(t, "event: ready")
	stalled.until(t, "event: ready")
	body := strings.Repeat("x", 64<<10)
	for i := range 1000 {
		f.post(room, 2, fmt.Sprint(i, body))
		reading.until(t, fmt.Sprintf("data: m%d %d", i+1, i))
		select {
		case <-dropped:
			return
		default:
		}
	}
	t.Error("1,000 messages of 64 KB were kept for a reader that does not read")
}

type client struct {
	conn    net.Conn
	scanner *bufio.Scanner
}

func dial(t *testing.T, server *httptest.Server, path string) client {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.(*net.TCPConn).SetReadBuffer(16 << 10)
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	scanner := bufio.NewScanner(conn)
	scanner.Buffer(nil, 1<<20)
	return client{conn, scanner}
}

// until reads lines up to one that begins like this, for five seconds at most.
func (c client) until(t *testing.T, prefix string) {
	t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	for c.scanner.Scan() {
		if strings.HasPrefix(c.scanner.Text(), prefix) {
			return
		}
	}
	t.Fatalf("waiting for %q: %v", prefix, c.scanner.Err())
}

// TestStreams_LeaveNothingInTheHub opens and closes 1,000 streams; the bubble fails when a
// goroutine stays.
func TestStreams_LeaveNothingInTheHub(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		var rooms []uuid.UUID
		for i := range 50 {
			rooms = append(rooms, f.store.room(fmt.Sprint("room", i), 1, 2, 3))
		}
		formats := []Format{HTML, JSON, Text, Page}
		var streams []*stream
		for i := range 1000 {
			s := reads(int64(i%7), rooms[i%len(rooms)], int64(i%3)-1).as(formats[i%len(formats)])
			if i%11 == 0 {
				s.Room = uuid.Nil
			}
			streams = append(streams, f.open(s))
		}
		f.post(rooms[0], 1, "x")
		synctest.Wait()
		for _, st := range streams {
			st.cancel()
		}
		for _, st := range streams {
			<-st.done
		}
		time.Sleep(unreadPause)
		synctest.Wait()
		f.wantsNothingLeft()
	})
}

func TestHub_CloseEndsStreamsPolitely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		room := f.store.room("a", 1)
		s := reads(1, room, FromNow).as(Page)
		s.Tail = []byte("bye\n")
		page, events, stalled := f.open(s), f.open(reads(1, room, FromNow)), f.open(reads(2, room, FromNow))
		for _, st := range []*stream{page, events, stalled} {
			st.next()
		}
		stalled.stall()
		f.post(room, 1, "last words")
		synctest.Wait()
		start := time.Now()
		var closing sync.WaitGroup
		for range 3 {
			closing.Go(f.hub.Close)
		}
		closing.Wait()
		if took := time.Since(start); took > time.Second {
			t.Errorf("closing took %v", took)
		}
		page.wants("m1 last words\nbye\n")
		events.wants("id: 2\ndata: m1 last words\nevent: message\n\n")
		if !stalled.ended() {
			t.Error("the stalled stream goes on")
		}
		f.wantsNothingLeft()
		f.post(room, 1, "into the void")
		if st := f.open(s); !st.ended() || !errors.Is(st.err, ErrClosed) {
			t.Errorf("error %v, want %v", st.err, ErrClosed)
		}
		f.hub.Close()
	})
}
