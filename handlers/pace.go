package handlers

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// Who takes an answer, or sends a body, has to do so at a pace: each piece of pieceBytes within
// takeWithin or sendWithin. One deadline for the whole would be too short for a slow telephone, and
// far too long for a client that has stopped.
const (
	pieceBytes = 32 << 10
	takeWithin = 10 * time.Second
	sendWithin = 30 * time.Second // more: a moving telephone loses its connection for a while
)

// errTooSlow is the error of reading a body that did not keep the pace.
var errTooSlow = &problem{status: http.StatusRequestTimeout, code: "timeout", text: "error.timeout"}

// paced returns a handler whose answers and bodies keep the pace.
func (s *server) paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		answer := &pacedWriter{ResponseWriter: w, control: control, within: s.takeWithin}
		if r.ProtoMajor == 1 {
			answer.renew() // for "100 Continue"; HTTP/2 would end the stream at a deadline, written or not
		}
		if r.Body != http.NoBody {
			body := &pacedBody{ReadCloser: r.Body, control: control, within: s.sendWithin}
			if r.ProtoMajor == 1 && (r.ContentLength < 0 || r.ContentLength > unreadBytes) {
				answer.long = body
			}
			r.Body = body
		}
		next.ServeHTTP(answer, r)
	})
}

// pacedWriter passes an answer on in pieces, each with a deadline of its own. One that the handler
// sets, as streams do, takes the place of all of them.
type pacedWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	within  time.Duration
	renewed time.Time
	own     bool       // the handler sets deadlines
	long    *pacedBody // the body over HTTP/1 if it is long; else nil
}

// unreadBytes is how much net/http reads of a body that the handler has not read, before it
// answers.
const unreadBytes = 256 << 10

// renew sets the deadline anew, unless that was done a moment ago.
func (w *pacedWriter) renew() {
	now := time.Now()
	if w.own || now.Sub(w.renewed) < w.within/8 {
		return
	}
	w.renewed = now
	w.control.SetWriteDeadline(now.Add(w.within)) // not supported: then nothing can be done
}

// WriteHeader closes the connection after the answer where that is a refusal of a long body:
// net/http would answer later, when it has read some of the body.
func (w *pacedWriter) WriteHeader(status int) {
	w.renew()
	if w.long != nil && !w.long.begun {
		w.Header().Set("Connection", "close")
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *pacedWriter) Write(b []byte) (written int, err error) {
	for {
		w.renew()
		n, err := w.ResponseWriter.Write(b[:min(pieceBytes, len(b))])
		written += n
		if b = b[n:]; err != nil || len(b) == 0 {
			return written, err
		}
	}
}

func (w *pacedWriter) Flush() { w.control.Flush() }

func (w *pacedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.control.Hijack() }

// SetWriteDeadline is called by http.ResponseController.
func (w *pacedWriter) SetWriteDeadline(at time.Time) error {
	w.own = true
	return w.control.SetWriteDeadline(at)
}

// Unwrap is called by http.ResponseController.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// pacedBody is the body of a request, each piece of which has a deadline of its own. The error for
// one that is too slow is errTooSlow.
type pacedBody struct {
	io.ReadCloser
	control *http.ResponseController
	within  time.Duration
	left    int  // bytes of the present piece that have not arrived
	begun   bool // the handler has read from it
}

func (b *pacedBody) Read(p []byte) (int, error) {
	b.begun = true
	if b.left <= 0 {
		b.left = pieceBytes
		b.control.SetReadDeadline(time.Now().Add(b.within)) // not supported: then nothing can be done
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= n
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errTooSlow
	case err == io.EOF:
		b.control.SetReadDeadline(time.Time{}) // net/http reads on, to learn when the client leaves
	}
	return n, err
}
