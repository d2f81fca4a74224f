package main

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/r3labs/sse/v2"
)

const (
	// pace is the least time between two writes to a reader.
	pace = 5 * time.Millisecond
	// bareBacklog is how many bytes may wait for a reader whose socket is full.
	bareBacklog = 1 << 20
)

// pacedRoom is the limit of fan-out: r3labs/sse encodes each event once; connections are hijacked
// and written to without waiting, through Go's own poller and without a goroutine each; what comes
// within the pace leaves in one write. It is also the http.ResponseWriter of the only subscriber of
// its r3labs stream.
type pacedRoom struct {
	server *sse.Server
	name   string
	header http.Header
	frame  []byte        // what r3labs has written of an event
	up     chan struct{} // closed by the first flush

	order sync.Mutex // ids and the order of the stream agree
	id    int64      // guarded by order

	writing sync.Mutex // guards conns, their backlogs and behind; taken before mu
	conns   []*pacedConn
	behind  bool // a connection has a backlog

	mu        sync.Mutex
	waiting   []byte
	scheduled bool
}

// newPaced returns the constructor of the paced rooms, which share one server of r3labs/sse.
func newPaced() func(name string) *pacedRoom {
	server := sse.New()
	server.AutoReplay = false
	return func(name string) *pacedRoom {
		r := &pacedRoom{server: server, name: name, header: http.Header{}, up: make(chan struct{})}
		server.CreateStream(name)
		request, _ := http.NewRequest(http.MethodGet, "/?stream="+name, nil)
		go server.ServeHTTP(r, request)
		<-r.up
		return r
	}
}

func (r *pacedRoom) publish(body []byte) {
	r.order.Lock()
	defer r.order.Unlock()
	r.id++
	r.server.Publish(r.name, &sse.Event{ID: strconv.AppendInt(nil, r.id, 10), Data: body})
}

func (r *pacedRoom) Header() http.Header { return r.header }

func (r *pacedRoom) WriteHeader(int) {}

func (r *pacedRoom) Write(b []byte) (int, error) {
	r.frame = append(r.frame, b...)
	return len(b), nil
}

// Flush is called after each whole event, and once after the headers.
func (r *pacedRoom) Flush() {
	if len(r.frame) == 0 {
		close(r.up)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = append(r.waiting, r.frame...)
	r.frame = r.frame[:0]
	if !r.scheduled {
		r.scheduled = true
		go r.write()
	}
}

// write sends what waits to all connections, and runs again a pace later until nothing waits any
// more. The first event after silence leaves at once.
func (r *pacedRoom) write() {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	b := r.waiting
	r.waiting = nil
	r.scheduled = len(b) > 0 || r.behind
	r.mu.Unlock()
	if len(b) == 0 && !r.behind {
		return
	}
	r.behind = false
	keep := r.conns[:0]
	for _, c := range r.conns {
		if c.write(b) == nil {
			r.behind = r.behind || len(c.backlog) > 0
			keep = append(keep, c)
		}
	}
	clear(r.conns[len(keep):])
	r.conns = keep
	time.AfterFunc(pace, r.write)
}

// serve takes the connection over. Readers come before the first event, so that there is nothing to
// catch up on.
func (r *pacedRoom) serve(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		conn.Close()
		return
	}
	c := &pacedConn{conn: conn, raw: raw}
	head := "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
	r.writing.Lock()
	defer r.writing.Unlock()
	if c.write(append([]byte(head), readyEvent(0)...)) == nil {
		r.conns = append(r.conns, c)
	}
}

// pacedConn is one hijacked connection. The lock writing of its room guards it.
type pacedConn struct {
	conn    net.Conn
	raw     syscall.RawConn
	backlog []byte // what the socket has not taken
}

// write takes bytes without waiting. After an error the connection is closed.
func (c *pacedConn) write(b []byte) error {
	if len(c.backlog) > 0 {
		c.backlog = append(c.backlog, b...)
		b = c.backlog
	}
	var n int
	var err error
	waited := c.raw.Write(func(fd uintptr) bool {
		n, err = writeNow(fd, b)
		return true
	})
	if errors.Is(err, syscall.EAGAIN) {
		n, err = 0, nil
	}
	if err = errors.Join(err, waited); err == nil && len(b)-n > bareBacklog {
		err = errors.New("a reader is too far behind")
	}
	if err != nil {
		c.conn.Close()
		return err
	}
	c.backlog = append(c.backlog[:0], b[n:]...)
	return nil
}
