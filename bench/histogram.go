package main

import (
	"fmt"
	"math/bits"
	"time"
)

// histogram counts durations in steps of 1/64 of their size, so that a percentile is at most 1.6 % too high.
type histogram struct {
	counts [64 << stepBits]int64
	total  int64
	most   time.Duration
}

// stepBits is how many binary digits of a duration are kept.
const stepBits = 6

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[step(d)]++
	h.total++
	h.most = max(h.most, d)
}

// step is the place where a duration is counted; it rises with it.
func step(d time.Duration) int {
	shift := max(bits.Len64(uint64(d))-stepBits-1, 0)
	return shift<<stepBits + int(d>>shift)
}

// ceiling is the longest duration that is counted at a place.
func ceiling(step int) time.Duration {
	shift := max(step>>stepBits-1, 0)
	return time.Duration(step-shift<<stepBits+1)<<shift - 1
}

// percentile is the duration that p of 100 do not exceed; 0 when nothing was counted.
func (h *histogram) percentile(p float64) time.Duration {
	rank := int64(float64(h.total)*p/100 + 0.5)
	var seen int64
	for i, n := range h.counts {
		if seen += n; n > 0 && seen >= rank {
			return min(ceiling(i), h.most)
		}
	}
	return 0
}

// merge adds what another has counted.
func (h *histogram) merge(other *histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
	h.most = max(h.most, other.most)
}

// spread is what is told of a histogram.
type spread struct {
	Count         int64
	P50, P99, Max time.Duration
}

func (h *histogram) spread() spread {
	return spread{Count: h.total, P50: h.percentile(50), P99: h.percentile(99), Max: h.most}
}

func (s spread) String() string {
	return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms", inMilliseconds(s.P50), inMilliseconds(s.P99))
}
