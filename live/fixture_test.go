package live

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// fixture is a hub with its store. Its tests run in a synctest bubble: time is fake, and a
// goroutine left behind fails the test.
type fixture struct {
	t     testing.TB
	store *fakeStore
	hub   *Hub
}

func newFixture(t testing.TB, change ...func(*Options)) *fixture {
	f := &fixture{t: t, store: newFakeStore()}
	o := Options{Store: f.store, Presenter: plainPresenter{}}
	for _, set := range change {
		set(&o)
	}
	f.hub = New(o)
	hijack := f.hub.connect
	f.hub.connect = func(r *reader, rw http.ResponseWriter, req *http.Request) (transport, error) {
		if st, ok := rw.(*stream); ok && st.random != nil {
			return &fakeSocket{st, r, req.Context()}, nil
		}
		return hijack(r, rw, req)
	}
	return f
}

// bubble runs a test with a fixture and fake time, closes the hub and looks for what is left.
func bubble(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		defer func() {
			f.hub.Close()
			synctest.Wait()
			f.wantsNothingLeft()
		}()
		test(t, f)
	})
}

func (f *fixture) wantsNothingLeft() {
	f.t.Helper()
	h := f.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	watched := reflect.ValueOf(h.presence).Elem().FieldByName("rooms").Len() // there is no door to it
	if watched != 0 {
		f.t.Errorf("left behind: the presence of %d rooms", watched)
	}
	if h.streams != 0 || len(h.rooms) != 0 || len(h.users) != 0 || len(h.unread.rooms) != 0 || len(h.unread.queue) != 0 {
		f.t.Errorf("left behind: %d streams, %d rooms, %d users, %d watched rooms, %d users to be told",
			h.streams, len(h.rooms), len(h.users), len(h.unread.rooms), len(h.unread.queue))
	}
}

// post commits a message and gives notice of it; the other verbs do so in the tests.
func (f *fixture) post(room uuid.UUID, author int64, body string) {
	f.hub.Notify(f.store.post(room, author, body))
}

func person(id int64) *db.User { return &db.User{ID: id, Name: "user" + string(rune('0'+id%10))} }

// reads is the subscription of somebody who reads a room as a program.
func reads(userID int64, room uuid.UUID, after int64) Subscription {
	return Subscription{Viewer: person(userID), Room: room, After: after, Audience: Audience{JSON, "en", "UTC"}}
}

func (s Subscription) as(f Format) Subscription { s.Audience.Format = f; return s }

// stream is an open stream and what came over it.
type stream struct {
	t      testing.TB
	cancel context.CancelFunc
	err    error
	done   chan struct{}
	header http.Header
	seen   int        // bytes that next has returned
	random *rand.Rand // set: written to as a socket is, which takes as much as it likes

	mu       sync.Mutex
	status   int
	written  strings.Builder
	flushed  int
	flushes  int
	deadline time.Time
	hang     chan struct{} // writes wait for it, or for the deadline
	trickle  bool          // takes a byte a second
}

func (f *fixture) open(s Subscription) *stream { return f.openOn(&stream{}, s) }

func (f *fixture) openOn(st *stream, s Subscription) *stream {
	var ctx context.Context
	st.t, st.done, st.header = f.t, make(chan struct{}), http.Header{}
	ctx, st.cancel = context.WithCancel(context.Background())
	r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx)
	hub := f.hub
	go func() {
		st.err = hub.Serve(st, r, s)
		if st.random == nil || st.err != nil {
			close(st.done)
		}
	}()
	return st
}

func (st *stream) Header() http.Header { return st.header }

func (st *stream) WriteHeader(status int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.status = status
}

func (st *stream) Write(b []byte) (int, error) {
	st.mu.Lock()
	hang, deadline := st.hang, st.deadline
	st.mu.Unlock()
	for hang != nil {
		select {
		case <-hang:
			hang = nil
		case <-time.After(min(time.Until(deadline), 10*time.Millisecond)):
			st.mu.Lock()
			deadline = st.deadline
			st.mu.Unlock()
			if !time.Now().Before(deadline) {
				return 0, os.ErrDeadlineExceeded
			}
		}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.written.Write(b)
}

func (st *stream) Flush() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.flushed = st.written.Len()
	st.flushes++
}

func (st *stream) SetWriteDeadline(t time.Time) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.deadline = t
	return nil
}

// fakeSocket is the transport of a stream that is like a socket.
type fakeSocket struct {
	*stream
	reader *reader
	left   context.Context
}

// start notices from now on when the client leaves, by cancelling its request.
func (f *fakeSocket) start() {
	context.AfterFunc(f.left, func() {
		f.reader.mu.Lock()
		defer f.reader.mu.Unlock()
		f.reader.failLocked(disconnected)
	})
	f.reader.head = []byte(fakeSocketHead)
}

// fakeSocketHead is what a stream like a socket begins with: a comment of the event stream format.
const fakeSocketHead = ": head\n\n"

// send takes all, or a part, and then more after a while; nothing, if the stream is stalled.
func (f *fakeSocket) send(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hang != nil {
		return 0, nil
	}
	n := min(len(b), f.random.IntN(2*len(b)))
	if f.trickle {
		n = 1
	}
	f.written.Write(b[:n])
	f.flushed = f.written.Len()
	if n < len(b) {
		pause := time.Duration(f.random.IntN(50)) * time.Millisecond
		if f.trickle {
			pause = time.Second
		}
		time.AfterFunc(pause, f.reader.drain)
	}
	return n, nil
}

func (f *fakeSocket) limit(time.Duration) {}

func (f *fakeSocket) awaitDrained(drained <-chan struct{}) { <-drained }

func (f *fakeSocket) close(bool) {
	close(f.done)
	f.reader.hub.reaper.add(f.reader)
}

// stall makes all writes hang.
func (st *stream) stall() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.hang = make(chan struct{})
}

// text is all that was sent, when everything has come to rest.
func (st *stream) text() string {
	synctest.Wait()
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.written.String()[:st.flushed]
}

// next is what was sent since the last call, without the retry line.
func (st *stream) next() string {
	text := st.text()
	seen := st.seen
	st.seen = len(text)
	text = text[seen:]
	if strings.HasPrefix(text, "retry: ") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

func (st *stream) wants(want string) {
	st.t.Helper()
	if got := st.next(); got != want {
		st.t.Errorf("the stream sent:\n%s\nwant:\n%s", got, want)
	}
}

func (st *stream) ended() bool {
	synctest.Wait()
	select {
	case <-st.done:
		return true
	default:
		return false
	}
}

// event is an event as a browser sees it; id is nil when there is no such line.
type event struct {
	id         *string
	name, data string
}

// parse reads a stream by the rules of the WHATWG (HTML, 9.2.6), as far as what we send needs them:
// what has no empty line after it is no event.
func parse(text string) (events []event) {
	text = text[:strings.LastIndex(text, "\n\n")+1]
	for block := range strings.SplitSeq(text, "\n\n") {
		var e event
		var data []string
		for line := range strings.SplitSeq(block, "\n") {
			field, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch field {
			case "id":
				e.id = &value
			case "event":
				e.name = value
			case "data":
				data = append(data, value)
			}
		}
		if data != nil {
			e.data = strings.Join(data, "\n")
			events = append(events, e)
		}
	}
	return events
}
