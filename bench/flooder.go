package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// floodConnections send requests without a pause, unless a flood has its own number.
	floodConnections = 16
	// floodRedial is the pause after the service has ended a connection.
	floodRedial = time.Millisecond
)

// floodOrder is what a process needs to know that floods a service.
type floodOrder struct {
	Name, Address  string
	Rooms, Readers []string // of the fixture
}

// flooding is a process that floods a service.
type flooding struct {
	cmd *exec.Cmd
	in  io.Closer    // ends it
	out bytes.Buffer // the number of its requests that were answered, in the end
}

// startFlood starts a flood in a process of its own. It shares the core of the load with the member
// who is measured, and goes behind: what the member waits for is to be the service.
func (b *bench) startFlood(name, address string, f *fixture) *flooding {
	order := floodOrder{Name: name, Address: address, Rooms: f.rooms, Readers: f.readers}
	flood := &flooding{cmd: roleCommand(roleFlood, nil)}
	if nice, err := exec.LookPath("nice"); err == nil {
		flood.cmd.Path, flood.cmd.Args = nice, append([]string{nice, "-n", "19"}, flood.cmd.Args...)
	}
	flood.cmd.Stdout = &flood.out
	in := must(flood.cmd.StdinPipe())
	flood.in = in
	b.start(flood.cmd, roleFlood, b.placement.load)
	check(json.NewEncoder(in).Encode(order))
	return flood
}

// stop ends the flood. It returns how many of its requests were answered.
func (f *flooding) stop() (answered int64, err error) {
	if err := errors.Join(f.in.Close(), f.cmd.Wait()); err != nil {
		return 0, err
	}
	_, err = fmt.Fscan(&f.out, &answered)
	return answered, err
}

// runFlood floods as ordered until in ends.
func runFlood(in io.Reader, out io.Writer) {
	var order floodOrder
	check(json.NewDecoder(in).Decode(&order))
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, in)
		stop()
	}()
	i := slices.IndexFunc(floods, func(f flood) bool { return f.name == order.Name })
	p := pouring{flood: floods[i], address: order.Address, f: &fixture{rooms: order.Rooms, readers: order.Readers}}
	var connections errgroup.Group
	for range max(p.connections, floodConnections) {
		connections.Go(func() error { return p.pour(ctx) })
	}
	check(connections.Wait())
	fmt.Fprintln(out, p.answered.Load())
}

// pouring is a flood under way.
type pouring struct {
	flood
	address         string
	f               *fixture
	asked, answered atomic.Int64 // requests
}

// pour sends requests until ctx ends, over one connection after the other.
func (p *pouring) pour(ctx context.Context) error {
	for ctx.Err() == nil {
		c, err := dial(p.address)
		if err != nil {
			return err
		}
		p.pourOver(ctx, c)
		c.close()
		wait(ctx, floodRedial)
	}
	return nil
}

// pourOver sends requests over a connection until ctx or the service ends it.
func (p *pouring) pourOver(ctx context.Context, c *client) {
	stop := context.AfterFunc(ctx, c.close)
	defer stop()
	for ctx.Err() == nil {
		request := p.request(p.f, int(p.asked.Add(1)))
		if p.endless {
			c.conn.Write(request)
			c.conn.Read(c.buffer)
			return
		}
		c.response = response{}
		if err := c.exchange(request, func([]byte) error { return nil }); err != nil {
			return // refused in the middle of its body, or cut off
		}
		p.answered.Add(1)
	}
}
