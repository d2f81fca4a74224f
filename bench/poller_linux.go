package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// readBuffer is how many bytes are read from a connection at once, at most.
	readBuffer = 256 << 10
	// eventsAtOnce is how many connections are looked at in one turn, at most.
	eventsAtOnce = 1024
)

// epollPoller keeps connections as bare descriptors in an epoll set of its own, because the readers
// must cost as little as can be.
type epollPoller struct {
	loadgen *loadgen
	epoll   int
	fds     []int // by reader; 0: not connected
	events  []unix.EpollEvent
	buffer  []byte
}

func newPoller(g *loadgen) (poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	return &epollPoller{
		loadgen: g, epoll: fd, events: make([]unix.EpollEvent, eventsAtOnce), buffer: make([]byte, readBuffer),
	}, err
}

// dial waits for the connection, which on this machine takes no time while the server's accept
// queue has room, and sends the request, which fits into the buffer of a new socket.
func (p *epollPoller) dial(i int, address string, request []byte) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("a socket for a reader: %w", err)
	}
	for len(p.fds) <= i {
		p.fds = append(p.fds, 0)
	}
	p.fds[i] = fd
	// A reset at the end leaves no port waiting.
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return err
	}
	if unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}) != nil {
		p.hangUp(i)
		return errHungUp
	}
	if n, err := unix.Write(fd, request); err != nil || n < len(request) {
		p.hangUp(i)
		return errHungUp
	}
	return errors.Join(unix.SetNonblock(fd, true), p.watch(unix.EPOLL_CTL_ADD, i, unix.EPOLLIN))
}

func (p *epollPoller) watch(op, i int, events uint32) error {
	return unix.EpollCtl(p.epoll, op, p.fds[i], &unix.EpollEvent{Events: events, Fd: int32(i)})
}

func (p *epollPoller) wait(d time.Duration) error {
	n, err := unix.EpollWait(p.epoll, p.events, int(d.Milliseconds()))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return err
	}
	for _, e := range p.events[:max(n, 0)] {
		i := int(e.Fd)
		switch {
		case p.fds[i] == 0: // hung up a moment ago
		case p.loadgen.readers[i].pace == reading:
			p.readSome(i, len(p.buffer))
		default: // a stalled reader is told of errors alone
			p.end(i)
		}
	}
	return nil
}

func (p *epollPoller) readSome(i, n int) {
	if p.fds[i] == 0 {
		return
	}
	n, err := unix.Read(p.fds[i], p.buffer[:n])
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
	case err != nil, n == 0:
		p.end(i)
	default:
		p.loadgen.now = time.Now().UnixNano()
		if !p.loadgen.arrived(i, p.buffer[:n]) {
			p.hangUp(i)
		}
	}
}

func (p *epollPoller) end(i int) {
	p.hangUp(i)
	p.loadgen.ended(i, errHungUp)
}

func (p *epollPoller) pause(i int) error { return p.watch(unix.EPOLL_CTL_MOD, i, 0) }

func (p *epollPoller) hangUp(i int) {
	if fd := p.fds[i]; fd != 0 {
		unix.Close(fd)
		p.fds[i] = 0
	}
}
