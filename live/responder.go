package live

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"
)

// responder is an outlet that writes through a ResponseWriter: TLS, HTTP/2, and systems without epoll. Its goroutine is the request's.
type responder struct {
	reader     *reader
	writer     http.ResponseWriter
	controller *http.ResponseController
	ctx        context.Context
	wake       chan struct{} // there is something to write, or the end
}

func newResponder(r *reader, w http.ResponseWriter, req *http.Request) *responder {
	return &responder{
		reader: r, writer: w, controller: http.NewResponseController(w), ctx: req.Context(), wake: make(chan struct{}, 1),
	}
}

func (o *responder) start() {
	o.writer.WriteHeader(http.StatusOK)
	o.controller.Flush() // the client learns at once that the stream is open
}

func (o *responder) send([]byte) (int, error) {
	o.ring()
	return 0, nil
}

func (o *responder) ring() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *responder) limit(d time.Duration) {
	o.controller.SetWriteDeadline(time.Now().Add(d)) // not supported: then nothing else can be done either
}

func (o *responder) settle(<-chan struct{}) { o.pump() }

func (o *responder) close(abort bool) {
	if abort {
		o.limit(0) // a write that hangs fails
	}
	o.ring()
}

// run writes what is pushed until the stream's end. The ResponseWriter is not used afterwards.
func (o *responder) run() {
	for {
		select {
		case <-o.ctx.Done():
			o.fail(gone)
		case <-o.wake:
			o.pump()
		}
		o.reader.mu.Lock()
		closed := o.reader.closed
		o.reader.mu.Unlock()
		if closed {
			return
		}
	}
}

// pump writes all that waits in one flush, until nothing does.
func (o *responder) pump() {
	for pieces := o.reader.take(); len(pieces) > 0; pieces = o.reader.take() {
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
	o.reader.sent()
}

func (o *responder) failed(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		o.fail(slow)
		return
	}
	o.fail(gone)
}

func (o *responder) fail(why ending) {
	o.reader.mu.Lock()
	defer o.reader.mu.Unlock()
	o.reader.fail(why)
}
