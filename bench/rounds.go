package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Whatever else a machine does must not hit one side of a comparison alone. So the contenders are measured in turns, several times each in
// short windows, and of each the round in the middle counts.

// window is how long one round of one contender takes.
func (o *options) window() time.Duration { return o.span() / time.Duration(o.rounds) }

// inTurns measures n contenders in turns. The outcome is by contender, with the middle of its rounds.
func inTurns[T any, K cmp.Ordered](b *bench, n int, key func(T) K, measure func(i int) (T, error)) ([]T, error) {
	all := make([][]T, n)
	for range b.rounds {
		for i := range n {
			one, err := measure(i)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], one)
		}
	}
	middle := make([]T, n)
	for i, rounds := range all {
		slices.SortStableFunc(rounds, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
		middle[i] = rounds[(len(rounds)-1)/2]
	}
	return middle, nil
}

// sessions are those of several contenders at the same time, their streams open. While one is measured the others are idle.
type sessions []*session

func (b *bench) beginAll(ctx context.Context, all []contender, s shape) (sessions, error) {
	var list sessions
	for _, c := range all {
		x, err := b.begin(ctx, c, s)
		if err == nil {
			list = append(list, x)
			err = x.open(false)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s, %v: %w", c.name, s, err), list.end())
		}
	}
	return list, nil
}

func (list sessions) end() error {
	var errs []error
	for _, x := range list {
		errs = append(errs, x.end())
	}
	return errors.Join(errs...)
}
