package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// stalledStill readers stop reading for good, stalledSlow go on with a byte a second.
	stalledStill, stalledSlow = 40, 10
	// stalledBytes is how much a second goes over each stream, so that the bounds are reached soon, and stalledEvent is the biggest event.
	stalledBytes, stalledEvent = 250_000, 16_000
	// cutWithin is how soon the last of them is to be disconnected. Longer than patience spans of measuring is not waited.
	cutWithin = 30 * time.Second
	patience  = 20
	// stalledAbove is how much later than without them the slowest hundredth of the others may get events.
	stalledAbove = 10 * time.Millisecond
	// stalledGrowth is how many times its size a server may have when they are gone.
	stalledGrowth = 1.5
)

// stalling is what happened to a server while some readers did not read.
type stalling struct {
	without, with       spread // times of the others
	cut                 time.Duration
	before, most, after int64 // memory
}

// measureStalled has some readers of a room stop reading, at a fifth of the load that saturates it, or less.
func measureStalled(b *bench, ctx context.Context) (err error) {
	s := b.shapes[0]
	still, slow := min(stalledStill, s.streams()/2), min(stalledSlow, s.streams()/4)
	x, err := b.begin(ctx, ours, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.end()) }()
	if err := x.open(false); err != nil {
		return err
	}
	full, err := x.saturate(ctx)
	if err != nil {
		return err
	}
	rate := max(leastRate, min(full.posts/5, stalledBytes/float64(b.payload)))
	if event := min(int(stalledBytes/rate), stalledEvent); event > b.payload {
		x.poster.size += (event - b.payload) / 2
	}
	var got stalling
	err = x.whilePosting(ctx, x.atRate(rate), func(ctx context.Context) error {
		got, err = x.stall(ctx, stallOrder{Still: still, Slow: slow})
		return err
	})
	if errors.Is(err, errUnknown) {
		b.say("  what becomes of other processes is %v", err)
		return nil
	}
	if err != nil {
		return err
	}
	b.addStalled(got, fmt.Sprintf("%d of %s readers stalled, ", still+slow, grouped(float64(s.streams()))))
	return nil
}

func (b *bench) addStalled(got stalling, what string) {
	b.add(line{What: what + "p99 of the others", Unit: unitTime, Ours: inMilliseconds(got.with.P99), Limit: inMilliseconds(got.without.P99),
		LimitIs: "without them", Goal: goal{Above: inMilliseconds(stalledAbove)}})
	b.add(line{What: what + "all cut after", Unit: unitSecs, Ours: got.cut.Seconds(), Goal: goal{Most: cutWithin.Seconds()}})
	b.add(line{What: what + "memory in the end", Unit: unitBytes, Ours: float64(got.after), Limit: float64(got.before), LimitIs: "before",
		Goal: goal{Times: stalledGrowth}, Note: fmt.Sprintf("at most %s B", grouped(float64(got.most)))})
}

// stall takes the times without stalled readers and with them, until the server has let go of the last.
func (x *session) stall(ctx context.Context, o stallOrder) (got stalling, err error) {
	wait(ctx, x.bench.span()/3)
	if got.without, err = x.times(ctx, x.bench.span()); err != nil {
		return got, err
	}
	open, err := descriptorsOf(x.server.pid())
	if err != nil {
		return got, err
	}
	if got.before, err = memoryOf(x.server.pid()); err != nil {
		return got, err
	}
	if _, err := x.readers.do(order{Stall: &o}); err != nil {
		return got, err
	}
	on := true
	if _, err := x.readers.do(order{Time: &on}); err != nil {
		return got, err
	}
	if got.cut, got.most, err = x.untilCut(ctx, open-o.Still-o.Slow); err != nil {
		return got, err
	}
	wait(ctx, x.bench.span())
	r, err := x.readers.do(order{Count: true})
	if err != nil {
		return got, err
	}
	got.with = r.Times
	got.after, err = memoryOf(x.server.pid())
	return got, err
}

// untilCut waits until the server has no more than so many descriptors, and tells how long that took and how big the server became.
func (x *session) untilCut(ctx context.Context, open int) (after time.Duration, most int64, err error) {
	start := time.Now()
	for ctx.Err() == nil && time.Since(start) < patience*x.bench.span() {
		now, err := descriptorsOf(x.server.pid())
		if err != nil {
			return 0, 0, err
		}
		size, err := memoryOf(x.server.pid())
		if err != nil {
			return 0, 0, err
		}
		if most = max(most, size); now <= open {
			break
		}
		wait(ctx, 100*time.Millisecond)
	}
	return time.Since(start), most, nil
}
