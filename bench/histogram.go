package main

import (
	"fmt"
	"math/bits"
	"time"
)

// histogram counts durations in buckets whose width is 1/64 of the duration, so that a percentile
// is at most 1.6 % too high.
type histogram struct {
	counts [64 << bucketBits]int64
	total  int64
	most   time.Duration
}

// bucketBits is how many leading binary digits of a duration choose its bucket.
const bucketBits = 6

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucketOf(d)]++
	h.total++
	h.most = max(h.most, d)
}

// bucketOf returns the index of the bucket that counts a duration.
func bucketOf(d time.Duration) int {
	shift := max(bits.Len64(uint64(d))-bucketBits-1, 0)
	return shift<<bucketBits + int(d>>shift)
}

// ceiling returns the longest duration that a bucket counts.
func ceiling(bucket int) time.Duration {
	shift := max(bucket>>bucketBits-1, 0)
	return time.Duration(bucket-shift<<bucketBits+1)<<shift - 1
}

// percentile returns the duration that p % of those counted do not exceed, or 0 when none were.
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

// merge adds the counts of another histogram.
func (h *histogram) merge(other *histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
	h.most = max(h.most, other.most)
}

// percentiles sum up a histogram.
type percentiles struct {
	Count         int64
	P50, P99, Max time.Duration
}

func (h *histogram) percentiles() percentiles {
	return percentiles{Count: h.total, P50: h.percentile(50), P99: h.percentile(99), Max: h.most}
}

func (p percentiles) p50() time.Duration { return p.P50 }

func (p percentiles) p99() time.Duration { return p.P99 }

func (p percentiles) String() string {
	return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms", inMilliseconds(p.P50), inMilliseconds(p.P99))
}
