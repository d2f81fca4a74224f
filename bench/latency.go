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
		if err != nil {
			return err
		}
		var times [2][]spread
		for i, c := range contenders[:2] {
			if times[i], err = b.latencies(ctx, c, s, full); err != nil {
				return fmt.Errorf("%s, %v: %w", c.name, s, err)
			}
		}
		for i, l := range loads {
			what := fmt.Sprintf("latency, %v, %s load, ", s, l.name)
			note := fmt.Sprintf("%s posts/s", grouped(full*l.share))
			b.addTimes(what+"p50", times[0][i].P50, times[1][i].P50, goal{}, note)
			b.addTimes(what+"p99", times[0][i].P99, times[1][i].P99, l.goal, note)
		}
	}
	return nil
}

func (b *bench) addTimes(what string, ours, bare time.Duration, g goal, note string) {
	b.add(line{What: what, Unit: unitTime, Ours: inMilliseconds(ours), Limit: inMilliseconds(bare), LimitIs: "bare, paced", Goal: g, Note: note})
}

// fullRate is how many posts a second saturate the program: as measured before in this run, or now.
func (b *bench) fullRate(ctx context.Context, s shape) (float64, error) {
	if posts, known := b.full[s]; known {
		return posts, nil
	}
	r, err := b.saturated(ctx, ours, s)
	b.say("  %v, saturated: %v", s, r)
	b.full[s] = r.posts
	return r.posts, err
}

// latencies takes the times of a contender at each load.
func (b *bench) latencies(ctx context.Context, c contender, s shape, full float64) (times []spread, err error) {
	x, err := b.begin(ctx, c, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.end()) }()
	if err := x.open(false); err != nil {
		return nil, err
	}
	for _, l := range loads {
		var t spread
		err := x.whilePosting(ctx, x.atRate(full*l.share), func(ctx context.Context) error {
			wait(ctx, b.span()/3)
			t, err = x.times(ctx, b.span())
			return err
		})
		if err != nil {
			return nil, err
		}
		b.say("  %v, %s, %s load: p50 %.2f ms, p99 %.2f ms", s, c.name, l.name, inMilliseconds(t.P50), inMilliseconds(t.P99))
		times = append(times, t)
	}
	return times, nil
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
