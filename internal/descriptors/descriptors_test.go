package descriptors

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestWatch_KeepsDescriptorsBack takes connections over until there are few descriptors, and opens
// others until there is almost none.
func TestWatch_KeepsDescriptorsBack(t *testing.T) {
	var log bytes.Buffer
	const limit = 100
	watch := NewWatch(limit, slog.New(slog.NewTextHandler(&log, nil)))
	taken := make(chan net.Conn, limit)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if watch.Scarce() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		watch.TakenOver(1)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
		}
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\n")
		taken <- conn
	}))
	server.Listener = watch.Listener(server.Listener)
	server.Config.ConnState = watch.ConnState
	server.Start()
	defer server.Close()
	var all []net.Conn
	defer func() {
		for _, conn := range all {
			conn.Close()
		}
	}()
	ask := func() string {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, conn)
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		status := make([]byte, len("HTTP/1.1 200"))
		io.ReadFull(conn, status)
		return string(status)
	}
	streams := 0
	for ask() == "HTTP/1.1 200" {
		streams++
	}
	if most := limit - limit/4 - watch.spare(); streams < most/2 || streams > most {
		t.Errorf("%d streams of %d descriptors", streams, limit)
	}
	for !watch.fewerThan(watch.spare() / 4) {
		if got := ask(); got != "HTTP/1.1 503" {
			t.Fatalf("a stream too many: %q", got)
		}
	}
	waiting := make(chan string, 1)
	go func() { waiting <- ask() }()
	select {
	case got := <-waiting:
		t.Errorf("accepted: %q", got)
	default:
	}
	for range streams {
		(<-taken).Close()
		watch.TakenOver(-1)
	}
	if got := <-waiting; got != "HTTP/1.1 200" {
		t.Errorf("when there are some again: %q", got)
	}
	if got := strings.Count(log.String(), "scarce"); got != 1 {
		t.Errorf("%d lines in the log:\n%s", got, log.String())
	}
	if !strings.Contains(log.String(), "few files may be open") {
		t.Error("the log does not say that the limit is small")
	}
}

func TestWatch_WithoutALimitIsNeverScarce(t *testing.T) {
	watch := NewWatch(0, slog.New(slog.DiscardHandler))
	watch.TakenOver(1_000_000)
	if watch.Scarce() {
		t.Error("it is scarce")
	}
	if Limit() < 0 {
		t.Errorf("limit %d", Limit())
	}
}

// TestListener_ClosesWhileItWaits closes a listener at which a connection waits.
func TestListener_ClosesWhileItWaits(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	watch := NewWatch(10, slog.New(slog.DiscardHandler))
	watch.TakenOver(10)
	l := watch.Listener(inner)
	ended := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	l.Close()
	if err := <-ended; err == nil {
		t.Error("accepted")
	}
}
