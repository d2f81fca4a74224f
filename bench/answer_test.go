package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	plainHead   = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
	chunkedHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)

// bodyOf reads an answer that arrives in pieces.
func bodyOf(pieces []string) (string, error) {
	var a answer
	var all strings.Builder
	for _, piece := range pieces {
		for b := []byte(piece); len(b) > 0; {
			body, rest, err := a.next(b)
			all.Write(body)
			if err != nil {
				return all.String(), err
			}
			b = rest
		}
	}
	return all.String(), nil
}

func TestStreamsChunkedAndNot(t *testing.T) {
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

func TestAnswersThatAreNoStream(t *testing.T) {
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

func TestClientReadsAnswers(t *testing.T) {
	long := strings.Repeat("a warm floor ", 10_000)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/chunked":
			io.WriteString(w, long[:10])
			w.(http.Flusher).Flush()
			io.WriteString(w, long[10:])
		case "/nothing":
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Length", "3")
			w.WriteHeader(http.StatusCreated)
			io.Copy(w, r.Body)
		}
	}))
	defer s.Close()
	c, err := dial(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for range 2 { // the connection is kept
		for _, want := range []struct {
			request string
			status  int
			body    string
		}{
			{"GET /chunked HTTP/1.1\r\nHost: a\r\n\r\n", 200, long},
			{"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 204, ""},
			{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntea", 201, "tea"},
		} {
			status, body, err := c.do([]byte(want.request))
			if err != nil || status != want.status || string(body) != want.body {
				t.Errorf("%.20q: status %d, %d bytes, error %v", want.request, status, len(body), err)
			}
		}
	}
}

func TestClientSeesABrokenAnswer(t *testing.T) {
	l, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		bufio.NewReader(conn).ReadString('\n')
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
	}()
	c, err := dial(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if _, body, err := c.do([]byte("GET / HTTP/1.1\r\n\r\n")); err == nil {
		t.Errorf("half an answer is taken for a whole one: %q", body)
	}
}
