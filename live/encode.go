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

// maxEncoders is how many events are encoded at once at most.
const maxEncoders = 8

// encoders turn events into frames, with the stream server. Its streams are shared by all rooms: a stream costs three goroutines,
// which a room that is silent should not have, and the order of a room's frames comes from whoever brings the room forward.
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

// frame encodes an event, see encoder.frame.
func (e *encoders) frame(event Event, id int64) []byte {
	return e.all[int(e.next.Add(1))%len(e.all)].frame(event, id)
}

func (e *encoders) close() {
	for _, encoder := range e.all {
		encoder.close()
	}
}

// newServer makes the stream server. Data is split over "data:" lines as the event stream format wants it; nothing is replayed,
// because readers catch up from the store; streams hold one event at most, because each waits for its frame.
func newServer() *sse.Server {
	s := sse.New()
	s.AutoReplay = false
	s.SplitData = true
	s.BufferSize = 1
	return s
}

// encoder is one stream of the stream server. Its only subscriber is the encoder itself, so that publishing an event and
// receiving the encoded frame are one step and it is known to whom and to which revision a frame belongs.
type encoder struct {
	server *sse.Server
	name   string
	stop   context.CancelFunc
	frames chan []byte   // flushed by the subscriber
	gone   chan struct{} // closed when the subscriber has left

	mu sync.Mutex // one event at a time
}

// newEncoder opens a stream under a name that nobody else uses.
func newEncoder(server *sse.Server, name string) *encoder {
	ctx, stop := context.WithCancel(context.Background())
	e := &encoder{server: server, name: name, stop: stop, frames: make(chan []byte, 1), gone: make(chan struct{})}
	t := &frameCapture{header: http.Header{}, ready: make(chan struct{}), frames: e.frames}
	address := &url.URL{Path: "/", RawQuery: url.Values{"stream": {name}}.Encode()}
	request := (&http.Request{Method: http.MethodGet, URL: address, Header: http.Header{}}).WithContext(ctx)
	server.CreateStream(name)
	go func() {
		defer close(e.gone)
		server.ServeHTTP(t, request)
	}()
	select {
	case <-t.ready:
	case <-e.gone:
	}
	return e
}

// noID as an event's id means that it has none.
const noID = -1

// frame encodes an event. It is nil for an event without data, which the format would not deliver,
// and after close.
func (e *encoder) frame(event Event, id int64) []byte {
	data := bytes.ReplaceAll(event.Data, []byte("\r"), nil) // a line end of its own in the format
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
			b = bytes.TrimPrefix(b, []byte("id: \n")) // an empty id would erase the reader's cursor
		}
		return b
	case <-e.gone:
		return nil
	}
}

// close drops the stream. The subscriber must have left before the stream is removed: it could wait for ever otherwise.
func (e *encoder) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stop()
	<-e.gone
	e.server.RemoveStream(e.name)
}

// frameCapture is the http.ResponseWriter of an encoder's subscriber.
type frameCapture struct {
	header http.Header
	buffer []byte
	up     bool
	ready  chan struct{} // closed by the first flush, that of the headers
	frames chan<- []byte
}

func (t *frameCapture) Header() http.Header { return t.header }

func (t *frameCapture) WriteHeader(int) {}

func (t *frameCapture) Write(b []byte) (int, error) {
	t.buffer = append(t.buffer, b...)
	return len(b), nil
}

// Flush hands over what was written. It cannot block: the encoder publishes an event only after it took the last one's frame.
func (t *frameCapture) Flush() {
	if !t.up {
		t.up = true
		close(t.ready)
		return
	}
	t.frames <- t.buffer
	t.buffer = nil
}
