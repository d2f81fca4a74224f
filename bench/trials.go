package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// A part reads as a list of steps, as a test does: a step that goes wrong ends it. Only the
// goroutine of the part may call check, must and what is built on them.

// failure is the panic of a part that has failed.
type failure struct{ error }

// check ends the part with err, unless that is nil.
func check(err error) {
	if err != nil {
		panic(failure{err})
	}
}

// must returns v, or ends the part with err.
func must[T any](v T, err error) T {
	check(err)
	return v
}

// finish is for defer: it calls close and ends the part with its error, unless the part is ending
// with another already.
func finish(close func() error) {
	err := close()
	if failed := recover(); failed != nil {
		panic(failed)
	}
	check(err)
}

// attempt calls do and returns the error by which that ended the part, or nil.
func attempt(do func()) (err error) {
	defer func() {
		failed := recover()
		if f, ok := failed.(failure); ok {
			err = f.error
		} else if failed != nil {
			panic(failed)
		}
	}()
	do()
	return nil
}

// step calls do, and puts the name of the step before an error that ends the part.
func step(name string, do func()) {
	if err := attempt(do); err != nil {
		check(fmt.Errorf("%s: %w", name, err))
	}
}

// interleave measures n contenders in turns, several times each, and returns the median trial of
// each by key. In turns and in short trials, because whatever else the machine does must not hit
// one side of a comparison alone.
func interleave[T any, K cmp.Ordered](b *bench, n int, key func(T) K, measure func(i int) T) []T {
	trials := make([][]T, n)
	for range b.rounds {
		for i := range n {
			trials[i] = append(trials[i], measure(i))
		}
	}
	medians := make([]T, n)
	for i, list := range trials {
		slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
		medians[i] = list[(len(list)-1)/2]
	}
	return medians
}

// alongside runs measure while background runs, which is stopped by its context in the end. When
// background fails, the context of measure ends too.
func alongside(ctx context.Context, background func(context.Context) error, measure func(context.Context)) {
	ctx, stop := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() {
		defer stop()
		failed <- background(ctx)
	}()
	err := attempt(func() { measure(ctx) })
	stop()
	check(errors.Join(<-failed, err))
}

// wait is a pause that ends with ctx.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// operation does one thing that counts, on a connection of its own. One goroutine calls it.
type operation struct {
	do    func(ctx context.Context) error
	close func()
}

// opener makes the operation of client i.
type opener func(i int) (operation, error)

// repeat lets n clients do their operations until ctx ends, each again as soon as it has ended, and
// returns how long they took. The first error ends all.
func repeat(ctx context.Context, n int, open opener) (*histogram, error) {
	times := make([]histogram, n)
	group, ctx := errgroup.WithContext(ctx)
	for i := range n {
		group.Go(func() error {
			op, err := open(i)
			if err != nil {
				return err
			}
			defer op.close()
			for err == nil && ctx.Err() == nil {
				start := time.Now()
				if err = op.do(ctx); err == nil {
					times[i].add(time.Since(start))
				}
			}
			return err
		})
	}
	err := group.Wait()
	for i := range times[1:] {
		times[0].merge(&times[1+i])
	}
	return &times[0], err
}

// throughput is what a process does for clients that repeat an operation.
type throughput struct {
	PerSecond float64
	Times     percentiles
	CPU       time.Duration // of the process for each operation; 0 where it is not known
}

func (t throughput) perSecond() float64 { return t.PerSecond }

// measureThroughput lets n clients repeat an operation on a process for a span, after a warm-up of
// a third of it.
func measureThroughput(ctx context.Context, pid int, span time.Duration, n int, open opener) (t throughput, err error) {
	for _, d := range []time.Duration{span / 3, span} {
		before, _ := usageOf(pid)
		start := time.Now()
		ctx, stop := context.WithTimeout(ctx, d)
		times, err := repeat(ctx, n, open)
		stop()
		if err != nil {
			return t, err
		}
		after, _ := usageOf(pid)
		t = throughput{
			PerSecond: float64(times.total) / time.Since(start).Seconds(),
			Times:     times.percentiles(),
			CPU:       (after.cpu - before.cpu) / time.Duration(max(times.total, 1)),
		}
	}
	return t, nil
}
