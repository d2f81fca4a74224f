package main

import (
	"context"
	"fmt"
	"time"
)

const (
	// stalledStill readers stop reading for good, stalledSlow go on with a byte a second.
	stalledStill, stalledSlow = 40, 10
	// stalledBytes is how much a second goes over each stream, so that the bounds are reached soon,
	// and stalledEvent is the biggest event, both in bytes.
	stalledBytes, stalledEvent = 250_000, 16_000
	// cutWithin is how soon the last of them is to be disconnected. The run waits for patience
	// spans of measuring at most.
	cutWithin = 30 * time.Second
	patience  = 20
	// stalledAbove is how much later than without them the slowest hundredth of the others may get
	// events.
	stalledAbove = 10 * time.Millisecond
	// stalledGrowth is how many times its size a server may have when they are gone.
	stalledGrowth = 1.5
)

// measureStalled has some readers of a room stop reading, at a fifth of the load that saturates it,
// or less.
func measureStalled(ctx context.Context, b *bench) {
	s := b.shapes[0]
	stalled := stall{Still: min(stalledStill, s.streams()/2), Slow: min(stalledSlow, s.streams()/4)}
	t := b.newTestbed(ctx, contenders[0], s)
	defer finish(t.close)
	t.open(s.rooms, false)
	rate := max(leastRate, min(saturated(ctx, b, t)[0].posts/5, stalledBytes/float64(b.payload)))
	if event := min(int(stalledBytes/rate), stalledEvent); event > b.payload {
		t.poster.size += (event - b.payload) / 2
	}
	var got stallOutcome
	t.whilePosting(ctx, t.atRate(rate), func(ctx context.Context) { got = t.stall(ctx, stalled) })
	what := fmt.Sprintf("%d of %s readers stalled, ", stalled.Still+stalled.Slow, grouped(float64(s.streams())))
	b.add(row{What: what + "p99 of the others", Unit: unitTime, Ours: inMilliseconds(got.with.P99),
		Limit: inMilliseconds(got.without.P99), LimitIs: "without them",
		Goal: goal{Above: inMilliseconds(stalledAbove)}})
	b.add(row{What: what + "all cut after", Unit: unitSecs, Ours: got.cut.Seconds(),
		Goal: goal{Most: cutWithin.Seconds()}})
	b.add(row{What: what + "memory in the end", Unit: unitBytes, Ours: float64(got.after),
		Limit: float64(got.before), LimitIs: "before", Goal: goal{Times: stalledGrowth},
		Note: fmt.Sprintf("at most %s B", grouped(float64(got.most)))})
}

// stallOutcome is what happened to a server while some readers did not read.
type stallOutcome struct {
	without, with       percentiles   // times of the others
	cut                 time.Duration // until the last was disconnected
	before, most, after int64         // memory in bytes
}

// stall takes the times without stalled readers and with them, until the server has disconnected
// the last.
func (t *testbed) stall(ctx context.Context, s stall) (got stallOutcome) {
	span, pid := t.bench.span(), t.server.pid()
	wait(ctx, span/3)
	got.without = t.times(ctx, span)
	left := must(descriptorsOf(pid)) - s.Still - s.Slow
	got.before = t.memory()
	t.do(command{Stall: &s})
	t.do(command{Time: true})
	start := time.Now()
	for {
		open := must(descriptorsOf(pid))
		got.most = max(got.most, t.memory())
		if open <= left || time.Since(start) >= patience*span || ctx.Err() != nil {
			break
		}
		wait(ctx, 100*time.Millisecond)
	}
	got.cut = time.Since(start)
	wait(ctx, span)
	got.with = t.do(command{}).Times
	got.after = t.memory()
	return got
}
