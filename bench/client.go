package main

import (
	"errors"
	"fmt"
	"io"
	"net"
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

// exchange sends a request and hands the pieces of the response's body to use, to its end or the first
// error.
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
