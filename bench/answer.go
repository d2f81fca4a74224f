package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// answer reads the answer to a request for a stream, piece by piece as it arrives: the head, then the body, chunked or not
// (RFC 9112, sections 6 and 7.1). The zero value is ready.
type answer struct {
	state answerState
	line  []byte // of the head or of a chunk's size, as far as it has come
	left  int    // bytes of the chunk that are still to come
}

type answerState int

const (
	inHead answerState = iota
	inPlainBody
	inChunkSize
	inChunk
	inChunkEnd
)

// maxHead bounds the head of an answer.
const maxHead = 16 << 10

// next takes bytes that have arrived and returns the first piece of the body in them, which may be empty, and the rest, which is to
// be given to next again. The error is io.EOF at the end of a chunked body.
func (a *answer) next(b []byte) (body, rest []byte, err error) {
	switch a.state {
	case inHead:
		return nil, a.readHead(b, &err), err
	case inPlainBody:
		return b, nil, nil
	case inChunk:
		n := min(a.left, len(b))
		if a.left -= n; a.left == 0 {
			a.state = inChunkEnd
		}
		return b[:n], b[n:], nil
	default:
		return nil, a.readLine(b, &err), err
	}
}

func (a *answer) readHead(b []byte, failed *error) (rest []byte) {
	before := len(a.line)
	a.line = append(a.line, b...)
	end := bytes.Index(a.line, []byte("\r\n\r\n"))
	if end < 0 {
		if len(a.line) > maxHead {
			*failed = errors.New("the head of the answer does not end")
		}
		return nil
	}
	a.state = inPlainBody
	head := string(a.line[:end+2])
	if *failed = checkStreamHead(head); *failed != nil {
		return nil
	}
	if headerOf(head, "Transfer-Encoding") == "chunked" {
		a.state = inChunkSize
	}
	a.line = nil
	return b[end+4-before:]
}

// checkStreamHead refuses the head of an answer that is no stream of events.
func checkStreamHead(head string) error {
	if status := statusOf(head); status != 200 {
		return fmt.Errorf("status %d instead of a stream", status)
	}
	if kind := headerOf(head, "Content-Type"); kind != "text/event-stream" {
		return fmt.Errorf("content type %q instead of a stream of events", kind)
	}
	return nil
}

// readLine reads the line before a chunk, or the one after it.
func (a *answer) readLine(b []byte, failed *error) (rest []byte) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 {
		a.line = append(a.line, b...)
		return nil
	}
	line := string(bytes.TrimSpace(append(a.line, b[:end]...)))
	a.line = a.line[:0]
	switch {
	case a.state == inChunkEnd && line == "":
		a.state = inChunkSize
	case a.state == inChunkEnd:
		*failed = fmt.Errorf("a chunk is followed by %q", line)
	default:
		*failed = a.beginChunk(line)
	}
	return b[end+1:]
}

func (a *answer) beginChunk(line string) error {
	size, err := strconv.ParseInt(line, 16, 32)
	if err != nil || size < 0 {
		return fmt.Errorf("a chunk of size %q", line)
	}
	if size == 0 {
		return io.EOF
	}
	a.left, a.state = int(size), inChunk
	return nil
}
