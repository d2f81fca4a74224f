package main

import (
	"context"
	"fmt"
	"time"
)

const (
	// bareShare is the part of the bare broadcaster's rate that the program is to reach; it is to
	// be at least as quick as plain net/http.
	bareShare = 0.8
	// latencyAbove is how much later than from the bare broadcaster the slowest hundredth of
	// deliveries may arrive, at a fifth of saturation.
	latencyAbove = 10 * time.Millisecond
)

// measureFanout also measures latency where that is wanted, so that ten thousand streams are not
// opened twice.
func measureFanout(ctx context.Context, b *bench) {
	b.eachShape(ctx, contenders, func(list []*testbed) {
		rates := saturated(ctx, b, list...)
		ours, bare, plain := rates[0], rates[1], rates[2]
		what := fmt.Sprintf("deliveries, %v", list[0].shape)
		note := fmt.Sprintf("%s posts/s stored; busy %.0f %%, bare %.0f %%; for each second of the core %s, bare %s",
			grouped(ours.posts), 100*ours.server, 100*bare.server, grouped(ours.perCore()), grouped(bare.perCore()))
		b.add(row{What: what, Unit: unitRate, Ours: ours.deliveries, Limit: bare.deliveries,
			LimitIs: "bare, paced", Goal: goal{Ratio: bareShare}, Note: note})
		b.add(row{What: what, Unit: unitRate, Ours: ours.deliveries, Limit: plain.deliveries,
			LimitIs: "plain net/http", Goal: goal{Ratio: 1}})
		if b.wants(partLatency) {
			b.latencies(ctx, list[0], list[1], ours.posts)
		}
	})
}

// measureLatency measures the time from just before a post is sent until a reader has the event, at
// parts of the rate that saturates the program; the bare broadcaster gets the same rates. Where
// fan-out is measured, that part has done it already.
func measureLatency(ctx context.Context, b *bench) {
	if b.wants(partFanout) {
		return
	}
	b.eachShape(ctx, contenders[:2], func(list []*testbed) {
		b.latencies(ctx, list[0], list[1], saturated(ctx, b, list[0])[0].posts)
	})
}

// loads are the parts of saturation at which latency is measured.
var loads = []struct {
	name  string
	share float64
	goal  goal // of the 99th percentile
}{
	{"half", 1. / 2, goal{}},
	{"a fifth", 1. / 5, goal{Above: inMilliseconds(latencyAbove)}},
}

// latencies measures at each load. full is how many posts a second saturate the program.
func (b *bench) latencies(ctx context.Context, ours, bare *testbed, full float64) {
	list := []*testbed{ours, bare}
	for _, l := range loads {
		posts := full * l.share
		times := interleave(b, len(list), percentiles.p99, func(i int) (p percentiles) {
			list[i].whilePosting(ctx, list[i].atRate(posts), func(ctx context.Context) {
				wait(ctx, b.trialSpan()/3) // the warm-up
				p = list[i].times(ctx, b.trialSpan())
			})
			b.logf("  %v, %s, %s load: %v", ours.shape, list[i].name, l.name, p)
			return p
		})
		r := row{Unit: unitTime, LimitIs: "bare, paced", Note: fmt.Sprintf("%s posts/s", grouped(posts))}
		what := fmt.Sprintf("latency, %v, %s load, ", ours.shape, l.name)
		r.What, r.Ours, r.Limit = what+"p50", inMilliseconds(times[0].P50), inMilliseconds(times[1].P50)
		b.add(r)
		r.What, r.Ours, r.Limit = what+"p99", inMilliseconds(times[0].P99), inMilliseconds(times[1].P99)
		r.Goal = l.goal
		b.add(r)
	}
}
