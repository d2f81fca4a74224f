package main

import (
	"context"
	"errors"
	"fmt"
)

// bareShare is the part of the bare broadcaster's rate that the program is to reach; it is to be at least as quick as plain net/http.
const bareShare = 0.8

// measureFanout also takes the times of deliveries where they are wanted: ten thousand streams are not opened twice.
func measureFanout(b *bench, ctx context.Context) error {
	for _, s := range b.shapes {
		if err := b.fanout(ctx, s); err != nil {
			return fmt.Errorf("%v: %w", s, err)
		}
	}
	return nil
}

func (b *bench) fanout(ctx context.Context, s shape) (err error) {
	list, err := b.beginAll(ctx, contenders, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.end()) }()
	rates, err := list.saturated(ctx, b)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("deliveries, %v", s)
	note := fmt.Sprintf("%s posts/s stored; busy %.0f %%, bare %.0f %%; for each second of the core %s, bare %s",
		grouped(rates[0].posts), 100*rates[0].server, 100*rates[1].server, grouped(rates[0].perCore()), grouped(rates[1].perCore()))
	b.add(line{What: what, Unit: unitRate, Ours: rates[0].deliveries, Limit: rates[1].deliveries, LimitIs: "bare, paced", Goal: goal{Ratio: bareShare}, Note: note})
	b.add(line{What: what, Unit: unitRate, Ours: rates[0].deliveries, Limit: rates[2].deliveries, LimitIs: "plain net/http", Goal: goal{Ratio: 1}})
	if !b.wants(partLatency) {
		return nil
	}
	return list[:2].latencies(ctx, b, rates[0].posts)
}

// saturated is the rate of deliveries of each contender when posts come as fast as they are taken.
func (list sessions) saturated(ctx context.Context, b *bench) ([]rate, error) {
	return inTurns(b, len(list), func(r rate) float64 { return r.deliveries }, func(i int) (rate, error) {
		r, err := list[i].saturate(ctx)
		if err != nil {
			return r, fmt.Errorf("%s: %w", list[i].name, err)
		}
		b.say("  %v, %s: %v", list[i].shape, list[i].name, r)
		return r, nil
	})
}

func (x *session) saturate(ctx context.Context) (r rate, err error) {
	post := func(ctx context.Context) error {
		_, err := x.poster.saturate(ctx, x.bench.posters)
		return err
	}
	err = x.whilePosting(ctx, post, func(ctx context.Context) error {
		r, err = x.during(ctx, x.bench.window())
		return err
	})
	return r, err
}
