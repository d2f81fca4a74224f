package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogram_PercentilesAreThoseOfTheValues(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, draw := range map[string]func() time.Duration{
		"nothing at all": func() time.Duration { return 0 },
		"nanoseconds":    func() time.Duration { return time.Duration(random.IntN(200)) },
		"milliseconds":   func() time.Duration { return time.Duration(random.ExpFloat64() * 5e6) },
		"hours":          func() time.Duration { return time.Duration(random.Int64N(int64(50 * time.Hour))) },
	} {
		t.Run(name, func(t *testing.T) {
			var h, half histogram
			all := make([]time.Duration, 9999)
			for i := range all {
				all[i] = draw()
				if i%2 == 0 {
					h.add(all[i])
				} else {
					half.add(all[i])
				}
			}
			h.merge(&half)
			slices.Sort(all)
			for _, p := range []float64{0.1, 50, 90, 99, 99.9, 100} {
				want := all[max(int(float64(len(all))*p/100+0.5)-1, 0)]
				if got := h.percentile(p); got < want || got > want+want/60 {
					t.Errorf("p%v is %v, want %v", p, got, want)
				}
			}
			if s := h.percentiles(); s.Count != int64(len(all)) || s.Max != all[len(all)-1] {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestHistogram_OfNothingIsZero(t *testing.T) {
	if got := new(histogram).percentile(99); got != 0 {
		t.Errorf("%v, want 0", got)
	}
}

func TestHistogram_BucketsRise(t *testing.T) {
	last := -1
	for d := time.Duration(0); d < 1<<62; d += d/50 + 1 {
		at := bucketOf(d)
		if at < last || ceiling(at) < d {
			t.Fatalf("%d is counted at %d, up to %d, after %d", d, at, ceiling(at), last)
		}
		last = at
	}
}
