package main

import (
	"context"
	"fmt"
	"time"
)

const (
	// idleReaders is how many people look at one room.
	idleReaders = 100
	// idleBytes is what an idle stream may cost.
	idleBytes = 3 << 10
	// steadyFor is how long a process keeps its size before that counts, at least: longer than the
	// program waits before it returns memory to the system.
	steadyFor = time.Second
	// steadyWithin bounds the waiting for a process to keep its size.
	steadyWithin = 20 * time.Second
)

// measureIdle compares the memory of a server without streams to that with all of them. Each stream
// has received an event.
func measureIdle(ctx context.Context, b *bench) {
	s := shape{max(1, b.streams/idleReaders), min(idleReaders, b.streams)}
	var cost [3]float64
	for i, c := range contenders {
		cost[i] = b.idleCost(ctx, c, s)
		b.logf("  %s: %s bytes per stream", c.name, grouped(cost[i]))
	}
	b.add(row{
		What: fmt.Sprintf("memory per idle stream, %v", s), Unit: unitBytes, Ours: cost[0],
		Limit: cost[1], LimitIs: "bare, paced", Goal: goal{Most: idleBytes},
		Note: fmt.Sprintf("plain net/http: %s B", grouped(cost[2])),
	})
}

// idleCost returns the bytes that a contender takes for each stream. What the first streams of all
// cost is none of it, so that a tenth of them is opened and closed before. It is 0 where the
// process gave more back meanwhile, as with a handful of streams.
func (b *bench) idleCost(ctx context.Context, c contender, s shape) float64 {
	t := b.newTestbed(ctx, c, s)
	defer finish(t.close)
	t.open(max(1, s.rooms/10), false)
	check(t.readers.close())
	t.readers = b.startReaders()
	before := t.steadyMemory(ctx)
	t.open(s.rooms, false)
	t.postEach(s.rooms, settleWithin)
	return float64(max(0, t.steadyMemory(ctx)-before)) / float64(s.streams())
}

// steadyMemory returns the memory of the server once it stays the same for a span, but at least
// steadyFor, to one part in 200.
func (t *testbed) steadyMemory(ctx context.Context) int64 {
	span, size, steady := max(t.bench.span(), steadyFor), t.memory(), time.Now()
	for deadline := steady.Add(steadyWithin); time.Since(steady) < span && time.Now().Before(deadline); {
		wait(ctx, span/10)
		if now := t.memory(); max(now-size, size-now) > size/200 {
			size, steady = now, time.Now()
		}
	}
	return size
}

// memory returns the resident memory of the server in bytes.
func (t *testbed) memory() int64 { return must(usageOf(t.server.pid())).memory }
