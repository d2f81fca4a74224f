package dbtest

import (
	"sync"
	"time"
)

// Clock is a time that stands still until Advance moves it. Its Now belongs into db.Options.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at ten on a Monday morning in Seoul.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, time.March, 2, 1, 0, 0, 0, time.UTC)}
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the time forward and returns it.
func (c *Clock) Advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}
