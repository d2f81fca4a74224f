package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestClient_ReadsResponses(t *testing.T) {
	long := strings.Repeat("a warm floor ", 10_000)
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/chunked":
			io.WriteString(w, long[:10])
			w.(http.Flusher).Flush()
			io.WriteString(w, long[10:])
		case "/nothing":
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusCreated)
			io.Copy(w, r.Body)
		}
	})
	for range 2 { // the connection is kept
		for _, want := range []struct {
			request []byte
			status  int
			body    string
		}{
			{newRequest("GET", "/chunked", ""), 200, long},
			{newRequest("GET", "/nothing", ""), 204, ""},
			{newRequest("POST", "/", "tea", "X-Cup: warm"), 201, "tea"},
		} {
			body, err := c.do(want.request, want.status)
			if err != nil || string(body) != want.body {
				t.Errorf("%.20q: %d bytes, error %v", want.request, len(body), err)
			}
		}
	}
}

func TestClient_AnotherStatusIsAnError(t *testing.T) {
	c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no tea", http.StatusServiceUnavailable) })
	if _, err := c.do(newRequest("GET", "/", ""), 200); err == nil || !strings.Contains(err.Error(), "no tea") {
		t.Errorf("error %v", err)
	}
}

func TestClient_SeesABrokenResponse(t *testing.T) {
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
	if body, err := c.do(newRequest("GET", "/", ""), 200); err == nil {
		t.Errorf("half a response is taken for a whole one: %q", body)
	}
}

func TestClient_FollowEndsWhenEnoughIsSeen(t *testing.T) {
	for stream, right := range map[string]bool{
		posted(2, 1) + ready(2) + posted(3, 2): true,
		ready(1) + posted(2, 1) + posted(3, 2): true,
		posted(2, 1) + ready(2):                false,
		posted(3, 2) + ready(3):                false,
		ready(2) + posted(2, 1) + posted(3, 2): false,
	} {
		c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, stream)
		})
		m := &missedChanges{next: 2, newest: 3}
		if err := c.follow(newRequest("GET", "/", ""), m.read); (err == nil) != right {
			t.Errorf("%q: error %v", stream, err)
		}
	}
}
