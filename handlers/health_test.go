package handlers

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A flood of questions costs the database one query a second.
func TestReadiness_IsAskedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, gone := 0, errors.New("gone")
		var answer error
		r := readiness{ask: func(context.Context) error {
			asked++
			return answer
		}}
		flood := func(want error) {
			t.Helper()
			var all sync.WaitGroup
			for range 100 {
				all.Go(func() {
					if err := r.now(); err != want {
						t.Errorf("%v, want %v", err, want)
					}
				})
			}
			all.Wait()
		}
		flood(nil)
		answer = gone
		flood(nil)
		time.Sleep(readyFor)
		flood(gone)
		if asked != 2 {
			t.Errorf("the database was asked %d times", asked)
		}
	})
}
