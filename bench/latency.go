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
// program; the bare broadcaster gets the same rates.
func measureLatency(b *bench, ctx context.Context) error {
	for _, s := range b.shapes {
		full, err := b.fullRate(ctx, s)
		if err == nil {
			err = b.latencies(ctx, s, full)
		}
		if err != nil {
			return fmt.Errorf("%v: %w", s, err)
		}
	}
	return nil
}

// latencies takes the times at each load.
func (b *bench) latencies(ctx context.Context, s shape, full float64) (err error) {
	list, err := b.beginAll(ctx, contenders[:2], s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.end()) }()
	for _, l := range loads {
		posts := full * l.share
		times, err := inTurns(b, len(list), func(t spread) time.Duration { return t.P99 }, func(i int) (t spread, err error) {
			err = list[i].whilePosting(ctx, list[i].atRate(posts), func(ctx context.Context) error {
				wait(ctx, b.window()/3)
				t, err = list[i].times(ctx, b.window())
				return err
			})
			b.say("  %v, %s, %s load: %v", s, contenders[i].name, l.name, t)
			return t, err
		})
		if err != nil {
			return err
		}
		what := fmt.Sprintf("latency, %v, %s load, ", s, l.name)
		note := fmt.Sprintf("%s posts/s", grouped(posts))
		b.addTimes(what+"p50", times[0].P50, times[1].P50, goal{}, note)
		b.addTimes(what+"p99", times[0].P99, times[1].P99, l.goal, note)
	}
	return nil
}

func (b *bench) addTimes(what string, ours, bare time.Duration, g goal, note string) {
	b.add(line{What: what, Unit: unitTime, Ours: inMilliseconds(ours), Limit: inMilliseconds(bare), LimitIs: "bare, paced", Goal: g, Note: note})
}

// fullRate is how many posts a second saturate the program: as measured before in this run, or now.
func (b *bench) fullRate(ctx context.Context, s shape) (float64, error) {
	if _, known := b.full[s]; !known {
		if _, err := b.saturated(ctx, contenders[:1], s); err != nil {
			return 0, err
		}
	}
	return b.full[s], nil
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
