package handlers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// pipeListener hands out one end of a pipe, which keeps nothing that the other end does not read.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error { close(l.done); return nil }

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// overPipe lets a client talk to a handler behind paced, with a clock that does not wait. The
// error with which the handler ends is sent to ended.
func overPipe(t *testing.T, handle func(http.ResponseWriter, *http.Request) error,
	client func(t *testing.T, conn net.Conn, ended <-chan error)) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{takeWithin: takeWithin, sendWithin: sendWithin}
		ended := make(chan error, 1)
		listener := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{ReadTimeout: 2 * time.Minute, Handler: s.paced(http.HandlerFunc(
			func(w http.ResponseWriter, r *http.Request) { ended <- handle(w, r) }))}
		go server.Serve(listener)
		ours, theirs := net.Pipe()
		listener.conns <- theirs
		client(t, ours, ended)
		ours.Close()
		server.Close()
		time.Sleep(time.Minute) // of this clock: who sleeps now finds the pipe closed
	})
}

// trickle copies n bytes at a time, and waits between.
func trickle(to io.Writer, from io.Reader, n int64, wait time.Duration) error {
	for {
		if _, err := io.CopyN(to, from, n); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		time.Sleep(wait)
	}
}

func TestAnswer_EndsWhenNobodyReads(t *testing.T) {
	overPipe(t, func(w http.ResponseWriter, _ *http.Request) error {
		_, err := w.Write(make([]byte, 10*pieceBytes))
		return err
	}, func(t *testing.T, conn net.Conn, ended <-chan error) {
		began := time.Now()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("writing: %v", err)
		}
		if took := time.Since(began); took > takeWithin+time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAnswer_ReachesASlowReader(t *testing.T) {
	body := bytes.Repeat([]byte("slow"), 10*pieceBytes)
	overPipe(t, func(w http.ResponseWriter, _ *http.Request) error {
		_, err := w.Write(body)
		return err
	}, func(t *testing.T, conn net.Conn, ended <-chan error) {
		began := time.Now()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := trickle(&got, resp.Body, pieceBytes/8, time.Second); err != nil || !bytes.Equal(got.Bytes(), body) {
			t.Errorf("%d of %d bytes, %v", got.Len(), len(body), err)
		}
		if took := time.Since(began); took < time.Minute {
			t.Errorf("it took %v, which is not slow", took)
		}
	})
}

// TestAnswer_ComesAfterASlowBody answers when the deadline with which the request began has passed.
func TestAnswer_ComesAfterASlowBody(t *testing.T) {
	body := make([]byte, 40*pieceBytes)
	overPipe(t, func(w http.ResponseWriter, r *http.Request) error {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, err)
		return err
	}, func(t *testing.T, conn net.Conn, _ <-chan error) {
		began := time.Now()
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(body))
		if err := trickle(conn, bytes.NewReader(body), pieceBytes/4, 2*time.Second); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 4*time.Minute {
			t.Errorf("it took %v, which is not slow", took)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(resp.Body); err != nil || string(got) != fmt.Sprint(len(body), nil) {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestBody_EndsWhenItTrickles(t *testing.T) {
	overPipe(t, func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.Copy(io.Discard, r.Body)
		w.WriteHeader(classify(err).status)
		return err
	}, func(t *testing.T, conn net.Conn, ended <-chan error) {
		began := time.Now()
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 1<<20)
		go trickle(conn, bytes.NewReader(make([]byte, 1<<20)), 1, time.Second)
		if err := <-ended; !errors.Is(err, errTooSlow) {
			t.Errorf("reading: %v", err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != http.StatusRequestTimeout {
			t.Errorf("%v, %v", resp, err)
		}
		if took := time.Since(began); took > sendWithin+time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// TestStream_KeepsItsOwnDeadlines writes after a deadline that it took back.
func TestStream_KeepsItsOwnDeadlines(t *testing.T) {
	overPipe(t, func(w http.ResponseWriter, _ *http.Request) error {
		control := http.NewResponseController(w)
		control.SetWriteDeadline(time.Now().Add(time.Hour))
		for range 3 {
			fmt.Fprintln(w, "event")
			control.Flush()
		}
		return nil
	}, func(t *testing.T, conn net.Conn, _ <-chan error) {
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		time.Sleep(10 * takeWithin)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(resp.Body); err != nil || string(got) != "event\nevent\nevent\n" {
			t.Errorf("%q, %v", got, err)
		}
	})
}
