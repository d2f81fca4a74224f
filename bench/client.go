package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// client is one connection that is kept open. It does little more than to write requests and to find the end of answers, because it
// shares a core with the readers. One goroutine uses it.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	head []byte
	body []byte
}

// answerWithin is how long an answer may take.
const answerWithin = time.Minute

func dial(address string) (*client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

func (c *client) close() { c.conn.Close() }

// do sends a whole request and returns status and body of the answer; the body is the client's and lasts until the next request.
func (c *client) do(request []byte) (status int, body []byte, err error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, nil, err
	}
	length, chunked, err := c.readHead()
	if err != nil {
		return 0, nil, err
	}
	c.body = c.body[:0]
	if chunked {
		err = c.readChunks()
	} else {
		err = c.readPiece(length)
	}
	return statusOf(string(c.head[:min(len(c.head), 64)])), c.body, err
}

// readHead keeps the head of an answer and finds out how long the body is.
func (c *client) readHead() (length int, chunked bool, err error) {
	c.head = c.head[:0]
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, false, fmt.Errorf("the head of an answer: %w", err)
		}
		c.head = append(c.head, line...)
		if len(line) <= 2 {
			return length, chunked, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case isHeader(name, "content-length"):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, false, err
			}
		case isHeader(name, "transfer-encoding"):
			chunked = true
		}
	}
}

// isHeader compares without regard to case; lengths first, because nearly all differ in them.
func isHeader(name []byte, lower string) bool {
	return len(name) == len(lower) && bytes.EqualFold(name, []byte(lower))
}

// readPiece adds n bytes to the body.
func (c *client) readPiece(n int) error {
	at := len(c.body)
	c.body = append(c.body, make([]byte, n)...)
	_, err := io.ReadFull(c.in, c.body[at:])
	return err
}

func (c *client) readChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil || n < 0 {
			return errors.New("the size of a chunk cannot be read")
		}
		if err := c.readPiece(int(n) + 2); err != nil {
			return err
		}
		c.body = c.body[:len(c.body)-2]
		if n == 0 {
			return nil
		}
	}
}
