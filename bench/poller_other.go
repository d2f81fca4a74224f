//go:build !linux

package main

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// goPoller has a goroutine for each connection, of which one at a time calls the load generator.
type goPoller struct {
	loadgen *loadgen
	mu      sync.Mutex // held while the load generator does anything
	conns   map[int]net.Conn
}

func newPoller(g *loadgen) (poller, error) {
	p := &goPoller{loadgen: g, conns: map[int]net.Conn{}}
	p.mu.Lock()
	return p, nil
}

func (p *goPoller) dial(i int, address string, request []byte) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return errHungUp
	}
	if _, err := conn.Write(request); err != nil {
		conn.Close()
		return errHungUp
	}
	p.conns[i] = conn
	go p.read(i, conn)
	return nil
}

func (p *goPoller) read(i int, conn net.Conn) {
	buffer := make([]byte, 64<<10)
	for current := true; current; {
		n, err := conn.Read(buffer)
		now := time.Now().UnixNano()
		p.mu.Lock()
		p.loadgen.now = now
		current = p.conns[i] == conn && p.loadgen.readers[i].pace == reading
		if current && n > 0 && !p.loadgen.arrived(i, buffer[:n]) {
			p.hangUp(i)
			current = false
		}
		if current && err != nil {
			p.hangUp(i)
			p.loadgen.ended(i, errHungUp)
			current = false
		}
		p.mu.Unlock()
	}
}

func (p *goPoller) wait(d time.Duration) error {
	p.mu.Unlock()
	time.Sleep(d)
	p.mu.Lock()
	return nil
}

// pause takes effect after the read that is under way.
func (p *goPoller) pause(int) error { return nil }

func (p *goPoller) readSome(i, n int) {
	conn := p.conns[i]
	if conn == nil {
		return
	}
	conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, err := conn.Read(make([]byte, n)); errors.Is(err, io.EOF) {
		p.hangUp(i)
	}
}

func (p *goPoller) hangUp(i int) {
	if conn := p.conns[i]; conn != nil {
		conn.Close()
		delete(p.conns, i)
	}
}
