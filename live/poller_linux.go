package live

import (
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// pollerEvents is how many events are fetched at once.
const pollerEvents = 256

// poller learns from the kernel which sockets take more, and which clients have left (epoll(7)).
// Its own descriptor is watched by Go's poller, so that no thread waits in a system call. The zero
// value is ready for open.
type poller struct {
	mu      sync.Mutex
	file    *os.File // nil until the first socket comes
	raw     syscall.RawConn
	done    chan struct{}      // closed when run has ended
	sockets []*socketTransport // by descriptor
	added   int32
}

// open makes the epoll instance, unless there is one.
func (p *poller) open() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file != nil {
		return nil
	}
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // makes os.NewFile hand it to Go's poller
		unix.Close(fd)
		return os.NewSyscallError("fcntl", err)
	}
	file := os.NewFile(uintptr(fd), "epoll")
	if p.raw, err = file.SyscallConn(); err != nil {
		file.Close()
		return err
	}
	p.file, p.done = file, make(chan struct{})
	go p.run(p.raw, p.done)
	return nil
}

// close ends run and waits for it. No socket may be added any more.
func (p *poller) close() {
	p.mu.Lock()
	file, done := p.file, p.done
	p.mu.Unlock()
	if file != nil {
		file.Close()
		<-done
	}
}

// add watches a socket from now on: its happened is called once for each edge, which is that the
// socket takes bytes again after it took less than was given, and that the client has left.
func (p *poller) add(c *socketTransport) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.sockets) <= int(c.fd) {
		p.sockets = append(p.sockets, nil)
	}
	p.sockets[c.fd] = c
	p.added++
	c.serial = p.added
	event := unix.EpollEvent{Events: unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET, Fd: c.fd, Pad: c.serial}
	p.raw.Control(func(fd uintptr) {
		// It fails only for lack of memory, and then the next write tells whether the client is
		// there.
		unix.EpollCtl(int(fd), unix.EPOLL_CTL_ADD, int(c.fd), &event)
	})
}

// remove forgets a socket, before its descriptor is closed. Closing takes it out of the kernel's
// list.
func (p *poller) remove(c *socketTransport) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if int(c.fd) < len(p.sockets) && p.sockets[c.fd] == c {
		p.sockets[c.fd] = nil
	}
}

// find returns the socket an event is about; nil when it has been closed, and its descriptor is
// perhaps another's by now.
func (p *poller) find(e *unix.EpollEvent) *socketTransport {
	p.mu.Lock()
	defer p.mu.Unlock()
	if int(e.Fd) >= len(p.sockets) {
		return nil
	}
	if c := p.sockets[e.Fd]; c != nil && c.serial == e.Pad {
		return c
	}
	return nil
}

// run hands events to their sockets until close. It calls them without locks.
func (p *poller) run(raw syscall.RawConn, done chan<- struct{}) {
	defer close(done)
	events := make([]unix.EpollEvent, pollerEvents)
	for {
		n := 0
		err := raw.Read(func(fd uintptr) bool {
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
