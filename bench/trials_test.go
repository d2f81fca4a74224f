package main

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestInterleave_TakesTurnsAndTheMedian(t *testing.T) {
	b := &bench{options: options{rounds: 3}}
	figures := [][]int{{30, 10, 20}, {1, 3, 2}}
	var order []int
	got := interleave(b, 2, func(n int) int { return n }, func(i int) int {
		figure := figures[i][0]
		figures[i] = figures[i][1:]
		order = append(order, i)
		return figure
	})
	if got[0] != 20 || got[1] != 2 {
		t.Errorf("medians %v", got)
	}
	for i, contender := range order {
		if contender != i%2 {
			t.Fatalf("the order is %v", order)
		}
	}
}

func TestAttempt_ReturnsTheFirstFailure(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	for name, c := range map[string]struct {
		do   func()
		want error
	}{
		"nothing wrong":      {func() { defer finish(func() error { return nil }) }, nil},
		"a step":             {func() { must(0, first) }, first},
		"closing":            {func() { defer finish(func() error { return second }) }, second},
		"a step and closing": {func() { defer finish(func() error { return second }); check(first) }, first},
	} {
		t.Run(name, func(t *testing.T) {
			if err := attempt(c.do); err != c.want {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

func TestAttempt_LetsABugThrough(t *testing.T) {
	defer func() {
		if recover() != "a bug" {
			t.Error("the panic has gone")
		}
	}()
	attempt(func() { panic("a bug") })
}

func TestAlongside_EndsWhenEitherFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		posting := func(ctx context.Context) error { <-ctx.Done(); return nil }
		if err := attempt(func() { alongside(t.Context(), posting, func(context.Context) {}) }); err != nil {
			t.Errorf("error %v", err)
		}
		broken := errors.New("broken")
		err := attempt(func() { alongside(t.Context(), posting, func(context.Context) { check(broken) }) })
		if !errors.Is(err, broken) {
			t.Errorf("error %v of measuring", err)
		}
		fail := func(context.Context) error { return broken }
		err = attempt(func() {
			alongside(t.Context(), fail, func(ctx context.Context) { wait(ctx, 1000*time.Hour) })
		})
		if !errors.Is(err, broken) {
			t.Errorf("error %v of the background", err)
		}
	})
}

func TestMeasureThroughput_CountsAfterTheWarmUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened, closed := 0, 0
		open := func(i int) (operation, error) {
			opened++
			return operation{
				do:    func(context.Context) error { time.Sleep(10 * time.Millisecond); return nil },
				close: func() { closed++ },
			}, nil
		}
		got, err := measureThroughput(t.Context(), -1, time.Second, 1, open)
		if err != nil || math.Abs(got.PerSecond-100) > 2 || got.Times.P50 != 10*time.Millisecond {
			t.Errorf("%+v, error %v", got, err)
		}
		if opened != 2 || closed != 2 {
			t.Errorf("%d opened, %d closed", opened, closed)
		}
	})
}

func TestRepeat_EndsWithTheFirstError(t *testing.T) {
	_, err := repeat(t.Context(), 3, func(i int) (operation, error) {
		return operation{close: func() {}, do: func(ctx context.Context) error {
			if i == 1 {
				return errors.New("spilt")
			}
			<-ctx.Done()
			return nil
		}}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "spilt") {
		t.Errorf("error %v", err)
	}
}

func TestRateBetween_CountsByTime(t *testing.T) {
	before := sample{deliveries: 1000, at: 5e9, server: time.Second, load: time.Second}
	after := sample{deliveries: 21_000, at: 7e9, server: 2 * time.Second, load: 3 * time.Second}
	got := rateBetween(before, after, 100)
	if got != (rate{deliveries: 10_000, posts: 100, server: 0.5, load: 1}) || got.perCore() != 20_000 {
		t.Errorf("%+v, %v for each second of the core", got, got.perCore())
	}
	if (rate{deliveries: 5}).perCore() != 0 {
		t.Error("where times are not known there are deliveries for each second of the core")
	}
}
