package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// latencyAbove is how much later than from the bare broadcaster the slowest hundredth may arrive, at a fifth of saturation.
const latencyAbove = 10 * time.Millisecond

// loads are the parts of saturation at which times are taken.
var loads = []struct {
	name  string
	share float64
	goal  goal // of the 99th percentile
}{
	{"half", 1. / 2, goal{}},
	{"a fifth", 1. / 5, goal{Above: inMilliseconds(latencyAbove)}},
}

// measureLatency takes the time from just before a post is sent until a reader has the event, at parts of the rate that saturates the
// program; the bare broadcaster gets the same rates. Fan-out has done it already where that was measured.
func measureLatency(b *bench, ctx context.Context) error {
	if b.wants(partFanout) {
		return nil
	}
	for _, s := range b.shapes {
		if err := b.latency(ctx, s); err != nil {
			return fmt.Errorf("%v: %w", s, err)
		}
	}
	return nil
}

func (b *bench) latency(ctx context.Context, s shape) (err error) {
	list, err := b.beginAll(ctx, contenders[:2], s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.end()) }()
	full, err := list[:1].saturated(ctx, b)
	if err != nil {
		return err
	}
	return list.latencies(ctx, b, full[0].posts)
}

// latencies takes the times at each load. full is how many posts a second saturate the program.
func (list sessions) latencies(ctx context.Context, b *bench, full float64) error {
	for _, l := range loads {
		posts := full * l.share
		times, err := inTurns(b, len(list), func(t spread) time.Duration { return t.P99 }, func(i int) (t spread, err error) {
			err = list[i].whilePosting(ctx, list[i].atRate(posts), func(ctx context.Context) error {
				wait(ctx, b.window()/3)
				t, err = list[i].times(ctx, b.window())
				return err
			})
			b.say("  %v, %s, %s load: %v", list[i].shape, list[i].name, l.name, t)
			return t, err
		})
		if err != nil {
			return err
		}
		what := fmt.Sprintf("latency, %v, %s load, ", list[0].shape, l.name)
		note := fmt.Sprintf("%s posts/s", grouped(posts))
		b.addTimes(what+"p50", times[0].P50, times[1].P50, goal{}, note)
		b.addTimes(what+"p99", times[0].P99, times[1].P99, l.goal, note)
	}
	return nil
}

func (b *bench) addTimes(what string, ours, bare time.Duration, g goal, note string) {
	b.add(line{What: what, Unit: unitTime, Ours: inMilliseconds(ours), Limit: inMilliseconds(bare), LimitIs: "bare, paced", Goal: g, Note: note})
}

// atRate lets the session's poster post at a rate.
func (x *session) atRate(rate float64) func(context.Context) error {
	return func(ctx context.Context) error { return x.poster.atRate(ctx, rate, 2*x.bench.posters) }
}

// times are those of the deliveries within a span, or within as many as it takes until there is one.
func (x *session) times(ctx context.Context, span time.Duration) (spread, error) {
	on := true
	if _, err := x.readers.do(order{Time: &on}); err != nil {
		return spread{}, err
	}
	for {
		wait(ctx, span)
		r, err := x.readers.do(order{Count: true})
		if err != nil || r.Times.Count > 0 || ctx.Err() != nil {
			return r.Times, err
		}
	}
}
