package live

import (
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// connections are the hub's sockets that were taken over; the zero value has none yet.
type connections struct {
	mu     sync.Mutex
	shared *poller
}

// poller is the one that all connections share, made for the first of them.
func (c *connections) poller() (*poller, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shared != nil {
		return c.shared, nil
	}
	p, err := newPoller()
	if err != nil {
		return nil, err
	}
	c.shared = p
	return p, nil
}

func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shared != nil {
		c.shared.close()
		c.shared = nil
	}
}

// poller learns from the kernel which sockets take more, and which clients have left (epoll(7)). Its own descriptor is watched by Go's
// poller, so that no thread waits in a system call.
type poller struct {
	file *os.File
	raw  syscall.RawConn
	done chan struct{}

	mu    sync.Mutex
	conns []*socketTransport // by descriptor
	added int32
}

// pollerEvents is how many events are fetched at once.
const pollerEvents = 256

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // makes os.NewFile hand it to Go's poller
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	p := &poller{file: os.NewFile(uintptr(fd), "epoll"), done: make(chan struct{})}
	if p.raw, err = p.file.SyscallConn(); err != nil {
		p.file.Close()
		return nil, err
	}
	go p.run()
	return p, nil
}

// add has a connection told of what happens, from now on. Edges are told once: that a socket takes bytes again after it took less
// than was given, and that the client has left.
func (p *poller) add(c *socketTransport) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.conns) <= int(c.fd) {
		p.conns = append(p.conns, nil)
	}
	p.conns[c.fd] = c
	p.added++
	c.nth = p.added
	event := unix.EpollEvent{Events: unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET, Fd: c.fd, Pad: c.nth}
	p.raw.Control(func(fd uintptr) {
		// It fails only for lack of memory, and then the next write tells whether the client is there.
		unix.EpollCtl(int(fd), unix.EPOLL_CTL_ADD, int(c.fd), &event)
	})
}

// remove forgets a connection, before its descriptor is closed. Closing takes it out of the kernel's list.
func (p *poller) remove(c *socketTransport) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if int(c.fd) < len(p.conns) && p.conns[c.fd] == c {
		p.conns[c.fd] = nil
	}
}

// find is the connection an event is about; nil when it has been closed, and its descriptor is perhaps another's by now.
func (p *poller) find(e *unix.EpollEvent) *socketTransport {
	p.mu.Lock()
	defer p.mu.Unlock()
	if int(e.Fd) >= len(p.conns) {
		return nil
	}
	if c := p.conns[e.Fd]; c != nil && c.nth == e.Pad {
		return c
	}
	return nil
}

func (p *poller) run() {
	defer close(p.done)
	events := make([]unix.EpollEvent, pollerEvents)
	for {
		n := 0
		err := p.raw.Read(func(fd uintptr) bool {
			n, _ = unix.EpollWait(int(fd), events, 0)
			return n > 0
		})
		if err != nil { // closed
			return
		}
		for i := range events[:n] {
			if c := p.find(&events[i]); c != nil {
				c.happened(events[i].Events)
			}
		}
	}
}

func (c *socketTransport) happened(events uint32) {
	if events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) == 0 {
		c.reader.drain()
		return
	}
	c.reader.mu.Lock()
	defer c.reader.mu.Unlock()
	c.reader.failLocked(disconnected)
}

func (p *poller) close() {
	p.file.Close()
	<-p.done
}
