package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// idleReaders is how many people look at one room where the cost of idle streams is measured.
	idleReaders = 100
	// idleBytes is what an idle stream may cost.
	idleBytes = 3 << 10
	// restWithin bounds the waiting for a process to keep its size.
	restWithin = 20 * time.Second
)

// measureIdle compares the memory of a server without streams to that with all of them. Each stream has received an event.
func measureIdle(b *bench, ctx context.Context) error {
	s := shape{max(1, b.streams/idleReaders), min(idleReaders, b.streams)}
	var cost [3]float64
	for i, c := range contenders {
		var err error
		if cost[i], err = b.idleCost(ctx, c, s); errors.Is(err, errUnknown) {
			b.say("  the memory of processes is %v", err)
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		b.say("  %s: %s bytes per stream", c.name, grouped(cost[i]))
	}
	b.add(line{
		What: fmt.Sprintf("memory per idle stream, %v", s), Unit: unitBytes, Ours: cost[0], Limit: cost[1], LimitIs: "bare, paced",
		Goal: goal{Most: idleBytes}, Note: fmt.Sprintf("plain net/http: %s B", grouped(cost[2])),
	})
	return nil
}

func (b *bench) idleCost(ctx context.Context, c contender, s shape) (cost float64, err error) {
	x, err := b.begin(ctx, c, s)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, x.end()) }()
	if err := x.warmUp(); err != nil {
		return 0, err
	}
	before, err := x.atRest(ctx)
	if err != nil {
		return 0, err
	}
	if err := x.open(false); err != nil {
		return 0, err
	}
	if err := x.postEach(s.rooms); err != nil {
		return 0, err
	}
	if err := x.settle(settleWithin); err != nil {
		return 0, err
	}
	after, err := x.atRest(ctx)
	return float64(after-before) / float64(s.streams()), err
}

// warmUp opens a tenth of the streams and closes them again: what the first streams of all cost is not the cost of a stream.
func (x *session) warmUp() error {
	whole := x.shape
	x.shape.rooms = max(1, whole.rooms/10)
	rooms := x.house.rooms
	x.house.rooms = rooms[:x.shape.rooms]
	err := x.open(false)
	x.shape, x.house.rooms = whole, rooms
	if err = errors.Join(err, x.readers.close()); err != nil {
		return err
	}
	x.readers, err = x.bench.startReaders()
	return err
}

// postEach posts n messages one after the other.
func (x *session) postEach(n int) error {
	w, err := x.poster.writer(0)
	if err != nil {
		return err
	}
	defer w.client.close()
	for range n {
		if err := w.post(time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// atRest is the memory of a process once it stays the same for a while, to one part in 200.
func (x *session) atRest(ctx context.Context) (int64, error) {
	pid, steadyFor := x.server.pid(), x.bench.span()
	size, err := memoryOf(pid)
	steady := time.Now()
	for deadline := steady.Add(restWithin); err == nil && time.Since(steady) < steadyFor && time.Now().Before(deadline); {
		wait(ctx, steadyFor/10)
		var now int64
		if now, err = memoryOf(pid); max(now-size, size-now) > size/200 {
			size, steady = now, time.Now()
		}
	}
	return size, err
}
