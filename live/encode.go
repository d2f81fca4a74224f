package live

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/r3labs/sse/v2"
)

// The product's event streams are encoded by github.com/r3labs/sse, which was asked for: a library
// that knows the format stands between us and the wire. It is a stream server that writes to one
// ResponseWriter for each client, where the hub writes the same bytes to thousands of sockets; so
// each encoder is the only client of a stream of its own, and captures what the server writes.
//
// For an event of half a kilobyte that takes 5 µs and 10 allocations, where fifteen lines of our
// own take 0.8 µs and 1 (BenchmarkEncode, two shared cores): once for each change and audience, a
// twentieth of a post into rooms of ten readers, and less the more readers there are.

// maxEncoders is how many events are encoded at once at most.
const maxEncoders = 8

// encoders encode events, several at once. All rooms share them: a stream of the server costs three
// goroutines, which a silent room should not have, and the order of a room's frames comes from
// whoever holds room.advanceMu.
type encoders struct {
	all  []*encoder
	next atomic.Uint32
}

func newEncoders() *encoders {
	server := newServer()
	e := &encoders{}
	for i := range min(runtime.GOMAXPROCS(0), maxEncoders) {
		e.all = append(e.all, newEncoder(server, strconv.Itoa(i)))
	}
	return e
}

// frame encodes an event; see encoder.frame.
func (e *encoders) frame(event Event, id int64) []byte {
	return e.all[int(e.next.Add(1))%len(e.all)].frame(event, id)
}

func (e *encoders) close() {
	for _, encoder := range e.all {
		encoder.close()
	}
}

// newServer makes the stream server. It splits data over "data:" fields as the format wants it,
// replays nothing, since readers catch up from the store, and buffers one event for each stream,
// since the encoder waits for its frame.
func newServer() *sse.Server {
	s := sse.New()
	s.AutoReplay = false
	s.SplitData = true
	s.BufferSize = 1
	return s
}

// encoder is one stream of the stream server and its only subscriber, so that publishing an event
// and capturing its frame are one step.
type encoder struct {
	server *sse.Server
	name   string
	stop   context.CancelFunc
	frames chan []byte   // captured
	gone   chan struct{} // closed when the subscriber has left

	mu sync.Mutex // held while an event is encoded
}

// newEncoder opens a stream under a name that nobody else uses.
func newEncoder(server *sse.Server, name string) *encoder {
	ctx, stop := context.WithCancel(context.Background())
	e := &encoder{server: server, name: name, stop: stop, frames: make(chan []byte, 1), gone: make(chan struct{})}
	c := &frameCapture{header: http.Header{}, ready: make(chan struct{}), frames: e.frames}
	address := &url.URL{Path: "/", RawQuery: url.Values{"stream": {name}}.Encode()}
	request := (&http.Request{Method: http.MethodGet, URL: address, Header: http.Header{}}).WithContext(ctx)
	server.CreateStream(name)
	go func() {
		defer close(e.gone)
		server.ServeHTTP(c, request)
	}()
	select {
	case <-c.ready:
	case <-e.gone:
	}
	return e
}

// noID as an event's id means that it has none.
const noID = -1

// frame returns an event as it goes over the wire; the caller owns the bytes. It returns nil for an
// event without data, which clients would ignore (WHATWG HTML, 9.2.6), and after close.
func (e *encoder) frame(event Event, id int64) []byte {
	data := bytes.ReplaceAll(event.Data, []byte("\r"), nil) // it ends a line in the format
	if len(data) == 0 {
		return nil
	}
	published := &sse.Event{Event: []byte(event.Name), Data: data}
	if id != noID {
		published.ID = strconv.AppendInt(nil, id, 10)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.server.TryPublish(e.name, published) {
		return nil
	}
	select {
	case b := <-e.frames:
		if id == noID {
			b = bytes.TrimPrefix(b, []byte("id: \n")) // an empty id would erase the client's cursor
		}
		return b
	case <-e.gone:
		return nil
	}
}

// close removes the stream; the subscriber must have left before, or the server could wait for
// ever.
func (e *encoder) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stop()
	<-e.gone
	e.server.RemoveStream(e.name)
}

// frameCapture is the ResponseWriter of an encoder's subscriber: what is written until a flush is a
// frame.
type frameCapture struct {
	header http.Header
	buffer []byte
	opened bool
	ready  chan struct{} // closed by the first flush, that of the headers
	frames chan<- []byte
}

func (c *frameCapture) Header() http.Header { return c.header }

func (c *frameCapture) WriteHeader(int) {}

func (c *frameCapture) Write(b []byte) (int, error) {
	c.buffer = append(c.buffer, b...)
	return len(b), nil
}

// Flush hands over what was written. It never waits: the encoder publishes an event only after it
// has taken the last one's frame.
func (c *frameCapture) Flush() {
	if !c.opened {
		c.opened = true
		close(c.ready)
		return
	}
	c.frames <- c.buffer
	c.buffer = nil
}
