package main

import (
	"context"
	"errors"
	"fmt"
)

// bareShare is the part of the bare broadcaster's rate that the program is to reach; it is to be at least as quick as plain net/http.
const bareShare = 0.8

func measureFanout(b *bench, ctx context.Context) error {
	for _, s := range b.shapes {
		rates, err := b.saturated(ctx, contenders, s)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("deliveries, %v", s)
		note := fmt.Sprintf("%s posts/s stored", grouped(rates[0].posts))
		b.add(line{What: what, Unit: unitRate, Ours: rates[0].deliveries, Limit: rates[1].deliveries, LimitIs: "bare, paced", Goal: goal{Ratio: bareShare}, Note: note})
		b.add(line{What: what, Unit: unitRate, Ours: rates[0].deliveries, Limit: rates[2].deliveries, LimitIs: "plain net/http", Goal: goal{Ratio: 1}})
	}
	return nil
}

// saturated is the rate of deliveries of each contender when posts come as fast as they are taken.
func (b *bench) saturated(ctx context.Context, all []contender, s shape) (rates []rate, err error) {
	list, err := b.beginAll(ctx, all, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, list.end()) }()
	rates, err = inTurns(b, len(list), func(r rate) float64 { return r.deliveries }, func(i int) (rate, error) {
		r, err := list[i].saturate(ctx)
		if err != nil {
			return r, fmt.Errorf("%s, %v: %w", all[i].name, s, err)
		}
		b.say("  %v, %s: %v", s, all[i].name, r)
		return r, nil
	})
	if err == nil {
		b.full[s] = rates[0].posts
	}
	return rates, err
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
