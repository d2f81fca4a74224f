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
	// bareBacklog is how much may wait for a reader whose socket is full, in bytes.
	bareBacklog = 1 << 20
)

// paced is the limit of fan-out: r3labs/sse encodes each event once; connections are hijacked and written to without waiting, through
// Go's own poller and without a goroutine each; what comes within the pace leaves in one write.
type paced struct {
	server *sse.Server
	mu     sync.Mutex
	rooms  map[string]*pacedRoom
}

func newPaced() *paced {
	s := sse.New()
	s.AutoReplay = false
	return &paced{server: s, rooms: map[string]*pacedRoom{}}
}

// pacedRoom is also the http.ResponseWriter of the stream's only subscriber.
type pacedRoom struct {
	server *sse.Server
	name   string
	order  sync.Mutex // ids and the order of the stream agree
	id     int64
	header http.Header
	frame  []byte
	up     chan struct{} // closed by the first flush

	mu        sync.Mutex // waiting, scheduled
	waiting   []byte
	scheduled bool

	writing sync.Mutex // conns; taken before mu
	conns   []*pacedConn
}

func (p *paced) room(name string) *pacedRoom {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.rooms[name]
	if r == nil {
		r = &pacedRoom{server: p.server, name: name, header: http.Header{}, up: make(chan struct{})}
		p.rooms[name] = r
		p.server.CreateStream(name)
		request, _ := http.NewRequest(http.MethodGet, "/?stream="+name, nil)
		go p.server.ServeHTTP(r, request)
		<-r.up
	}
	return r
}

func (p *paced) publish(name string, body []byte) {
	r := p.room(name)
	r.order.Lock()
	defer r.order.Unlock()
	r.id++
	r.server.Publish(name, &sse.Event{ID: strconv.AppendInt(nil, r.id, 10), Data: body})
}

func (r *pacedRoom) Header() http.Header { return r.header }

func (r *pacedRoom) WriteHeader(int) {}

func (r *pacedRoom) Write(b []byte) (int, error) {
	r.frame = append(r.frame, b...)
	return len(b), nil
}

// Flush has a whole event, or the headers the first time.
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

// write sends what waits, and once more a pace later if there is something by then. The first event after silence leaves at once.
func (r *pacedRoom) write() {
	if r.writeWaiting() {
		time.AfterFunc(pace, r.write)
	}
}

func (r *pacedRoom) writeWaiting() (more bool) {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	b := r.waiting
	r.waiting = nil
	r.scheduled = len(b) > 0
	r.mu.Unlock()
	keep := r.conns[:0]
	for _, c := range r.conns {
		if len(b) == 0 || c.write(b) == nil {
			keep = append(keep, c)
		}
	}
	clear(r.conns[len(keep):])
	r.conns = keep
	return len(b) > 0
}

// serve takes the connection over. Readers come before the first event, so that there is nothing to catch up on.
func (p *paced) serve(w http.ResponseWriter, _ *http.Request, name string) {
	r := p.room(name)
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
	head := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n")
	r.writing.Lock()
	defer r.writing.Unlock()
	if c.write(append(head, readyEvent(0)...)) == nil {
		r.conns = append(r.conns, c)
	}
}

type pacedConn struct {
	conn net.Conn
	raw  syscall.RawConn

	mu      sync.Mutex
	backlog []byte
	busy    bool // a goroutine writes the backlog
	ended   error
}

var errBehind = errors.New("a reader is too far behind")

// write takes bytes without waiting.
func (c *pacedConn) write(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.busy && c.ended == nil {
		var n int
		n, c.ended = c.try(b)
		b = b[n:]
	}
	if c.ended == nil && len(c.backlog)+len(b) > bareBacklog {
		c.ended = errBehind
	}
	if c.ended != nil {
		c.conn.Close()
		return c.ended
	}
	if len(b) > 0 {
		c.backlog = append(c.backlog, b...)
		if !c.busy {
			c.busy = true
			go c.writeBacklog()
		}
	}
	return nil
}

// try writes what the socket takes at once.
func (c *pacedConn) try(b []byte) (n int, err error) {
	waited := c.raw.Write(func(fd uintptr) bool {
		n, err = writeNow(fd, b)
		return true
	})
	if errors.Is(err, syscall.EAGAIN) {
		err = nil
	}
	return max(n, 0), errors.Join(err, waited)
}

func (c *pacedConn) writeBacklog() {
	for {
		c.mu.Lock()
		b := c.backlog
		c.backlog = nil
		c.busy = len(b) > 0 && c.ended == nil
		c.mu.Unlock()
		if len(b) == 0 {
			return
		}
		if _, err := c.conn.Write(b); err != nil {
			c.mu.Lock()
			c.ended = err
			c.mu.Unlock()
			return
		}
	}
}
