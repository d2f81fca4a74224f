package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// readBuffer is how much is read from a connection at once.
	readBuffer = 256 << 10
	// eventsAtOnce is how many connections are looked at in one turn.
	eventsAtOnce = 1024
)

// epollWire keeps connections as bare descriptors in an epoll set of its own: the readers must cost as little as can be.
type epollWire struct {
	crowd  *crowd
	epoll  int
	conns  []epollConn // by reader
	events []unix.EpollEvent
	buffer []byte
}

type epollConn struct {
	fd      int    // 0: none
	request []byte // still to be sent
}

func newWire(c *crowd) (wire, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	return &epollWire{
		crowd: c, epoll: fd, events: make([]unix.EpollEvent, eventsAtOnce), buffer: make([]byte, readBuffer),
	}, err
}

func (w *epollWire) dial(i int, address string, request []byte) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("a socket for a reader: %w", err)
	}
	for len(w.conns) <= i {
		w.conns = append(w.conns, epollConn{})
	}
	w.conns[i] = epollConn{fd, request}
	// A reset at the end leaves no port waiting.
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return err
	}
	err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		w.hangUp(i)
		return errHungUp
	}
	return w.watch(unix.EPOLL_CTL_ADD, i, unix.EPOLLOUT)
}

func (w *epollWire) watch(op, i int, events uint32) error {
	return unix.EpollCtl(w.epoll, op, w.conns[i].fd, &unix.EpollEvent{Events: events, Fd: int32(i)})
}

func (w *epollWire) wait(d time.Duration) error {
	n, err := unix.EpollWait(w.epoll, w.events, int(d.Milliseconds()))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return err
	}
	for _, e := range w.events[:max(n, 0)] {
		i := int(e.Fd)
		switch {
		case w.conns[i].fd == 0: // hung up a moment ago
		case len(w.conns[i].request) > 0:
			w.send(i)
		case w.crowd.readers[i].stall == reading:
			w.read(i, w.buffer)
		default: // a stalled reader learns of errors alone
			w.end(i, errHungUp)
		}
	}
	return nil
}

// send sends the request, which fits into the buffer of a new socket.
func (w *epollWire) send(i int) {
	n, err := unix.Write(w.conns[i].fd, w.conns[i].request)
	if err == nil && n == len(w.conns[i].request) {
		w.conns[i].request = nil
		err = w.watch(unix.EPOLL_CTL_MOD, i, unix.EPOLLIN)
	}
	if err != nil || w.conns[i].request != nil {
		w.end(i, errHungUp)
	}
}

func (w *epollWire) read(i int, buffer []byte) {
	n, err := unix.Read(w.conns[i].fd, buffer)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
	case err != nil, n == 0:
		w.end(i, errHungUp)
	default:
		w.crowd.now = time.Now().UnixNano()
		if !w.crowd.arrived(i, buffer[:n]) {
			w.hangUp(i)
		}
	}
}

func (w *epollWire) end(i int, err error) {
	w.hangUp(i)
	w.crowd.ended(i, err)
}

func (w *epollWire) pause(i int) error { return w.watch(unix.EPOLL_CTL_MOD, i, 0) }

func (w *epollWire) some(i, n int) error {
	if w.conns[i].fd != 0 {
		w.read(i, w.buffer[:n])
	}
	return nil
}

func (w *epollWire) hangUp(i int) {
	if fd := w.conns[i].fd; fd != 0 {
		unix.Close(fd)
		w.conns[i].fd = 0
	}
}
