package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"strconv"
	"strings"
)

// client is one connection that is kept open. It does little more than write requests and find the
// end of responses, because it shares a core with the readers. One goroutine uses it at a time.
type client struct {
	conn     net.Conn
	buffer   []byte
	response response // the last one
	body     []byte
}

func dial(address string) (*client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, buffer: make([]byte, 64<<10)}, nil
}

func (c *client) close() { c.conn.Close() }

// do sends a request and returns the body of the response, which is valid until the next request.
// A status other than want is an error.
func (c *client) do(request []byte, want int) (body []byte, err error) {
	c.response = response{lines: c.response.lines[:0], line: c.response.line[:0]}
	c.body = c.body[:0]
	err = c.exchange(request, func(piece []byte) error {
		c.body = append(c.body, piece...)
		return nil
	})
	if err == nil && c.response.status != want {
		err = fmt.Errorf("status %d instead of %d: %.300s", c.response.status, want, c.body)
	}
	return c.body, err
}

// errEnough ends the reading of a stream of which enough has been seen.
var errEnough = errors.New("enough")

// follow sends a request for a stream of events and hands its pieces to use until use returns an
// error, which is errEnough when all is well. The connection is of no use afterwards.
func (c *client) follow(request []byte, use func(piece []byte) error) error {
	c.response = response{stream: true}
	err := c.exchange(request, use)
	switch {
	case err == nil:
		return errHungUp
	case errors.Is(err, errEnough):
		return nil
	}
	return err
}

// exchange sends a request and hands the pieces of the response's body to use, to its end or the
// first error.
func (c *client) exchange(request []byte, use func(piece []byte) error) error {
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	for {
		n, err := c.conn.Read(c.buffer)
		if err != nil {
			return fmt.Errorf("the response breaks off: %w", err)
		}
		if err = c.response.each(c.buffer[:n], use); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// newRequest builds an HTTP/1.1 request. A header is a line without its end.
func newRequest(method, path, body string, headers ...string) []byte {
	lines := append([]string{method + " " + path + " HTTP/1.1", "Host: bench"}, headers...)
	if body != "" {
		lines = append(lines, fmt.Sprint("Content-Length: ", len(body)))
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n" + body)
}

// bearer is the header that signs a request in with a token.
func bearer(token string) string { return "Authorization: Bearer " + token }

// response parses an HTTP/1.1 response piece by piece as it arrives: the head, then the body, which
// has a length, is chunked, or ends with the connection (RFC 9112, sections 6 and 7.1). The zero
// value is ready for the response to an ordinary request.
type response struct {
	stream bool // only a stream of events will do
	status int  // 0 until the head is complete
	head   string

	state responseState
	lines []byte // of the head, as far as they are complete
	line  []byte // the beginning of a line of the head or around a chunk
	left  int    // bytes of the body, or of the chunk, still to come
}

type responseState int

const (
	inHead responseState = iota
	inOpenBody
	inBody
	inChunkSize
	inChunk
	inChunkEnd
	inTrailer
)

// maxHead bounds the head of a response, in bytes.
const maxHead = 16 << 10

// each parses bytes that have arrived and hands the parts of the body among them to use. The result
// is io.EOF at the end of the body, or the first error.
func (r *response) each(b []byte, use func(piece []byte) error) error {
	for len(b) > 0 {
		piece, rest, err := r.next(b)
		if len(piece) > 0 {
			if failed := use(piece); failed != nil {
				return failed
			}
		}
		if err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// next returns the first piece of the body in b, which may be empty, and the rest of b.
func (r *response) next(b []byte) (piece, rest []byte, err error) {
	switch r.state {
	case inOpenBody:
		return b, nil, nil
	case inBody, inChunk:
		n := min(r.left, len(b))
		if r.left -= n; r.left == 0 && r.state == inBody {
			err = io.EOF
		} else if r.left == 0 {
			r.state = inChunkEnd
		}
		return b[:n], b[n:], err
	}
	end := bytes.IndexByte(b, '\n') + 1
	if end == 0 {
		end = len(b)
	}
	if r.line = append(r.line, b[:end]...); len(r.lines)+len(r.line) > maxHead {
		return nil, nil, errors.New("the head of the response does not end")
	}
	if bytes.HasSuffix(r.line, []byte("\n")) {
		err = r.readLine(bytes.TrimSpace(r.line))
		r.line = r.line[:0]
	}
	return nil, b[end:], err
}

// readLine takes one complete line of the head or around a chunk.
func (r *response) readLine(line []byte) error {
	switch {
	case r.state == inHead && len(line) > 0:
		r.lines = append(append(r.lines, line...), '\n')
	case r.state == inHead:
		return r.endHead()
	case r.state == inChunkSize:
		return r.beginChunk(string(line))
	case r.state == inTrailer && len(line) == 0:
		return io.EOF
	case r.state == inChunkEnd && len(line) == 0:
		r.state = inChunkSize
	case r.state == inChunkEnd:
		return fmt.Errorf("a chunk is followed by %q", line)
	}
	return nil
}

// endHead finds out from the complete head how the body ends.
func (r *response) endHead() (err error) {
	r.head, r.lines = string(r.lines), r.lines[:0]
	r.status = statusOf(r.head)
	if r.status == 0 {
		return fmt.Errorf("no HTTP/1.1 response: %.100q", r.head)
	}
	kind := ""
	r.state, r.left = inOpenBody, -1
	for name, value := range r.headers() {
		switch {
		case strings.EqualFold(name, "Content-Length"):
			r.state = inBody
			if r.left, err = strconv.Atoi(value); err != nil {
				return err
			}
		case strings.EqualFold(name, "Transfer-Encoding") && value == "chunked":
			r.state = inChunkSize
		case strings.EqualFold(name, "Content-Type"):
			kind = value
		}
	}
	switch {
	case r.stream && r.status != 200:
		return fmt.Errorf("status %d instead of a stream", r.status)
	case r.stream && kind != "text/event-stream":
		return fmt.Errorf("content type %q instead of a stream of events", kind)
	case r.left == 0, r.status == 204, r.status == 304:
		return io.EOF
	case r.state == inOpenBody && !r.stream:
		return errors.New("the length of the response is unknown")
	}
	return nil
}

func (r *response) beginChunk(line string) error {
	size, err := strconv.ParseInt(line, 16, 32)
	switch {
	case err != nil || size < 0:
		return fmt.Errorf("a chunk of size %q", line)
	case size == 0:
		r.state = inTrailer
	default:
		r.left, r.state = int(size), inChunk
	}
	return nil
}

// statusOf returns the status in the first line of a head, or 0 when that is none of HTTP/1.1.
func statusOf(head string) int {
	rest, ok := strings.CutPrefix(head, "HTTP/1.1 ")
	if !ok || len(rest) < 3 {
		return 0
	}
	status, _ := strconv.Atoi(rest[:3])
	return status
}

// headers yields names and values of the headers in order.
func (r *response) headers() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for line := range strings.SplitSeq(r.head, "\n") {
			name, value, ok := strings.Cut(line, ":")
			if ok && !yield(name, strings.TrimSpace(value)) {
				return
			}
		}
	}
}

// cookies returns the cookies set by a response as the Cookie header that sends them back.
func (r *response) cookies() string {
	var list []string
	for name, value := range r.headers() {
		if strings.EqualFold(name, "Set-Cookie") {
			cookie, _, _ := strings.Cut(value, ";")
			list = append(list, cookie)
		}
	}
	return "Cookie: " + strings.Join(list, "; ")
}
