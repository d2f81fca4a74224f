package main

import (
	"runtime/debug"
	"testing"
)

func TestReleaseMemory_CollectsSoonerAndThenAsBefore(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(321))
	percent := func() int {
		now := debug.SetGCPercent(321)
		debug.SetGCPercent(now)
		return now
	}
	onChurn := releaseMemory()
	for range 2 {
		onChurn(true)
		if got := percent(); got != churnGarbage {
			t.Errorf("while streams come and go the percentage is %d, want %d", got, churnGarbage)
		}
		onChurn(false)
		if got := percent(); got != 321 {
			t.Errorf("afterwards it is %d, want it as before: 321", got)
		}
	}
}
