package main

import (
	"io"
	"strings"
	"testing"
)

const (
	plainHead   = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
	chunkedHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)

// bodyOf parses a response to a request for a stream that arrives in pieces.
func bodyOf(pieces []string) (string, error) {
	r := response{stream: true}
	var all strings.Builder
	for _, piece := range pieces {
		err := r.each([]byte(piece), func(b []byte) error {
			all.Write(b)
			return nil
		})
		if err != nil {
			return all.String(), err
		}
	}
	return all.String(), nil
}

func TestResponse_StreamsChunkedAndNot(t *testing.T) {
	for name, c := range map[string]struct {
		answer, body string
		ends         bool
	}{
		"plain":             {plainHead + "a\r\nb\n\n", "a\r\nb\n\n", false},
		"plain, nothing":    {plainHead, "", false},
		"chunked":           {chunkedHead + "3\r\na\r\n\r\nB\r\n0123456789a\r\n", "a\r\n0123456789a", false},
		"chunked, its end":  {chunkedHead + "1\r\na\r\n0\r\n\r\n", "a", true},
		"chunked, no chunk": {chunkedHead, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 2, 5, 1000} {
				body, err := bodyOf(cut(c.answer, size))
				if body != c.body || (err == io.EOF) != c.ends || err != nil && !c.ends {
					t.Errorf("in pieces of %d: %q, error %v", size, body, err)
				}
			}
		})
	}
}

func TestResponse_RefusesWhatIsNoStream(t *testing.T) {
	for name, answer := range map[string]string{
		"another status":    strings.Replace(plainHead, "200 OK", "503 Service Unavailable", 1),
		"another type":      strings.Replace(plainHead, "event-stream", "html", 1),
		"no HTTP":           "hello\r\n\r\n",
		"a head for ever":   "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", maxHead),
		"a chunk of words":  chunkedHead + "tea\r\n",
		"a negative chunk":  chunkedHead + "-1\r\n",
		"a chunk too long":  chunkedHead + "1\r\nab\r\n",
		"a broken chunk":    chunkedHead + "1\r\na1\r\n",
		"an enormous chunk": chunkedHead + "fffffffff\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 1 << 20} {
				if body, err := bodyOf(cut(answer, size)); err == nil || err == io.EOF {
					t.Errorf("in pieces of %d it is taken for the stream %q, error %v", size, body, err)
				}
			}
		})
	}
}

func TestResponse_HeadIsParsed(t *testing.T) {
	var r response
	head := "HTTP/1.1 303 See Other\r\nDate: now\r\nset-cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\n" +
		"content-length: 0\r\n\r\n"
	if err := r.each([]byte(head), func([]byte) error { return nil }); err != io.EOF {
		t.Errorf("error %v, want the end", err)
	}
	if r.status != 303 || r.cookies() != "Cookie: a=b; c=d" {
		t.Errorf("status %d, %q", r.status, r.cookies())
	}
}

func TestResponse_WithoutLengthIsRefused(t *testing.T) {
	var r response
	err := r.each([]byte("HTTP/1.1 200 OK\r\n\r\ntea"), func([]byte) error { return nil })
	if err == nil || err == io.EOF {
		t.Errorf("error %v", err)
	}
}
