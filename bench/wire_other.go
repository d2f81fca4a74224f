//go:build !linux

package main

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// goWire has a goroutine for each connection; the crowd is called by one at a time.
type goWire struct {
	crowd *crowd
	mu    sync.Mutex // held while the crowd does anything
	conns map[int]net.Conn
}

func newWire(c *crowd) (wire, error) {
	w := &goWire{crowd: c, conns: map[int]net.Conn{}}
	w.mu.Lock()
	return w, nil
}

func (w *goWire) dial(i int, address string, request []byte) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return errHungUp
	}
	if _, err := conn.Write(request); err != nil {
		conn.Close()
		return errHungUp
	}
	w.conns[i] = conn
	go w.read(i, conn)
	return nil
}

func (w *goWire) read(i int, conn net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buffer)
		now := time.Now().UnixNano()
		w.mu.Lock()
		w.crowd.now = now
		current := w.conns[i] == conn && w.crowd.readers[i].stall == reading
		if current && n > 0 && !w.crowd.arrived(i, buffer[:n]) {
			w.hangUp(i)
			current = false
		}
		if current && err != nil {
			w.hangUp(i)
			w.crowd.ended(i, errHungUp)
		}
		w.mu.Unlock()
		if !current || err != nil {
			return
		}
	}
}

func (w *goWire) wait(d time.Duration) error {
	w.mu.Unlock()
	time.Sleep(d)
	w.mu.Lock()
	return nil
}

// pause takes effect after the read that is under way.
func (w *goWire) pause(int) error { return nil }

func (w *goWire) some(i, n int) error {
	conn := w.conns[i]
	if conn == nil {
		return nil
	}
	conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, err := conn.Read(make([]byte, n)); errors.Is(err, io.EOF) {
		w.hangUp(i)
	}
	return nil
}

func (w *goWire) hangUp(i int) {
	if conn := w.conns[i]; conn != nil {
		conn.Close()
		delete(w.conns, i)
	}
}
