package live

import "time"

const (
	// churnStreams is how many streams open or end until the hub reports churn.
	churnStreams = 1000
	// churnQuiet is how long none does until the churn is over.
	churnQuiet = 500 * time.Millisecond
)

// churn counts the streams that open or end, and reports when they are many.
type churn struct {
	hub    *Hub
	report func(busy bool) // Options.OnChurn

	streams int  // since the last churn was over; guarded by Hub.mu
	busy    bool // run is at work; guarded by Hub.mu
}

// countLocked counts one stream that opened or ended.
func (c *churn) countLocked() {
	c.streams++
	if c.report != nil && c.streams >= churnStreams && !c.busy && !c.hub.closed {
		c.busy = true
		c.hub.work.Go(c.run)
	}
}

// run reports a churn, and that it is over: when no stream opened or ended for churnQuiet, or when
// the hub closes.
func (c *churn) run() {
	c.report(true)
	for seen, streams := 0, -1; seen != streams; {
		select {
		case <-time.After(churnQuiet):
			seen, streams = streams, c.counted()
		case <-c.hub.ctx.Done():
			seen = streams
		}
	}
	c.report(false)
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	c.streams, c.busy = 0, false
}

// counted returns how many streams opened or ended since the last churn was over.
func (c *churn) counted() int {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	return c.streams
}
