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
		var rates [3]rate
		for i, c := range contenders {
			var err error
			if rates[i], err = b.saturated(ctx, c, s); err != nil {
				return fmt.Errorf("%s, %v: %w", c.name, s, err)
			}
			b.say("  %v, %s: %v", s, c.name, rates[i])
		}
		b.full[s] = rates[0].posts
		what := fmt.Sprintf("deliveries, %v", s)
		note := fmt.Sprintf("%s posts/s stored", grouped(rates[0].posts))
		b.add(line{What: what, Unit: unitRate, Ours: rates[0].deliveries, Limit: rates[1].deliveries, LimitIs: "bare, paced", Goal: goal{Ratio: bareShare}, Note: note})
		b.add(line{What: what, Unit: unitRate, Ours: rates[0].deliveries, Limit: rates[2].deliveries, LimitIs: "plain net/http", Goal: goal{Ratio: 1}})
	}
	return nil
}

// saturated is the rate of deliveries when posts come as fast as they are taken.
func (b *bench) saturated(ctx context.Context, c contender, s shape) (r rate, err error) {
	x, err := b.begin(ctx, c, s)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, x.end()) }()
	if err := x.open(false); err != nil {
		return r, err
	}
	return x.saturate(ctx)
}

func (x *session) saturate(ctx context.Context) (r rate, err error) {
	post := func(ctx context.Context) error {
		_, err := x.poster.saturate(ctx, x.bench.posters)
		return err
	}
	err = x.whilePosting(ctx, post, func(ctx context.Context) error {
		r, err = x.during(ctx, x.bench.span())
		return err
	})
	return r, err
}
