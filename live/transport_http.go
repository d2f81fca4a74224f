package live

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"
)

// httpTransport writes through a ResponseWriter: TLS, HTTP/2, and systems without epoll. Its
// goroutine is the request's, which is in the handshake first and then in run.
type httpTransport struct {
	reader     *reader
	writer     http.ResponseWriter
	controller *http.ResponseController
	ctx        context.Context
	wake       chan struct{} // there is something to write, or the end; holds one
}

func newHTTPTransport(r *reader, w http.ResponseWriter, req *http.Request) *httpTransport {
	return &httpTransport{
		reader: r, writer: w, controller: http.NewResponseController(w), ctx: req.Context(),
		wake: make(chan struct{}, 1),
	}
}

func (o *httpTransport) start() {
	o.writer.WriteHeader(http.StatusOK)
	o.controller.Flush() // the client learns at once that the stream is open
	o.unlimit()
}

// send takes nothing: everything is queued, and the goroutine dequeues it.
func (o *httpTransport) send([]byte) (int, error) {
	o.wakeUp()
	return 0, nil
}

func (o *httpTransport) wakeUp() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *httpTransport) limit(d time.Duration) {
	o.controller.SetWriteDeadline(time.Now().Add(d)) // not supported: then nothing else can be done either
}

// unlimit takes back the limit while nothing is being written: HTTP/2 ends a stream at its deadline
// all the same.
func (o *httpTransport) unlimit() {
	o.controller.SetWriteDeadline(time.Time{}) // not supported: then there is none
}

// awaitDrained is called by the goroutine that writes: it writes.
func (o *httpTransport) awaitDrained(<-chan struct{}) { o.writeAll() }

func (o *httpTransport) close(abort bool) {
	if abort {
		o.limit(0) // a write that hangs fails
	}
	o.wakeUp()
}

// run writes what is pushed until the stream's end. The ResponseWriter is not used afterwards.
func (o *httpTransport) run() {
	for {
		select {
		case <-o.ctx.Done():
			o.fail(disconnected)
		case <-o.wake:
			o.writeAll()
		}
		o.reader.mu.Lock()
		closed := o.reader.closed
		o.reader.mu.Unlock()
		if closed {
			return
		}
	}
}

// writeAll writes all that waits with one flush, again and again until nothing does.
func (o *httpTransport) writeAll() {
	for pieces := o.reader.dequeueAll(); len(pieces) > 0; pieces = o.reader.dequeueAll() {
		for _, p := range pieces {
			if _, err := o.writer.Write(p.bytes); err != nil {
				o.failed(err)
				return
			}
		}
		if err := o.controller.Flush(); err != nil {
			o.failed(err)
			return
		}
	}
	o.reader.mu.Lock()
	defer o.reader.mu.Unlock()
	if o.reader.ending == running {
		o.unlimit()
	}
	o.reader.drainedLocked()
}

func (o *httpTransport) failed(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		o.fail(slow)
		return
	}
	o.fail(disconnected)
}

func (o *httpTransport) fail(why ending) {
	o.reader.mu.Lock()
	defer o.reader.mu.Unlock()
	o.reader.failLocked(why)
}
