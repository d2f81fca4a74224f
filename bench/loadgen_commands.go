package main

import (
	"fmt"
	"os"
	"time"
)

// begin begins with a command.
func (g *loadgen) begin(c command) {
	g.deadline = time.Now().Add(openWithin)
	g.done = func() (bool, error) { return true, nil }
	switch {
	case c.Open != nil:
		g.open(*c.Open)
		g.done = func() (bool, error) {
			return g.ready == len(g.readers), fmt.Errorf("%d of %d streams are ready", g.ready, len(g.readers))
		}
	case c.Settle != nil:
		g.deadline = time.Now().Add(time.Duration(c.Settle.Within) * time.Millisecond)
		g.done = func() (bool, error) { return g.settled(c.Settle.Posted) }
	case c.Time:
		g.timing, g.times = true, new(histogram)
	case c.Stall != nil:
		for n := range c.Stall.Still + c.Stall.Slow {
			i := len(g.readers) - 1 - n
			g.readers[i].pace = still
			if n >= c.Stall.Still {
				g.readers[i].pace = slow
			}
			g.fail(g.poller.pause(i))
		}
	}
}

// finished reports whether the command under way is done, or never will be.
func (g *loadgen) finished() bool {
	if g.done == nil {
		return false
	}
	ok, pending := g.done()
	if !ok && time.Now().After(g.deadline) {
		g.fail(fmt.Errorf("too late: %w", pending))
	}
	if !ok && g.failed == nil {
		return false
	}
	g.done = nil
	return true
}

func (g *loadgen) report() report {
	r := report{Deliveries: g.count, At: time.Now().UnixNano(), Ready: g.ready, Times: g.times.percentiles()}
	if g.failed != nil {
		r.Error = g.failed.Error()
	}
	return r
}

// open makes the readers of a plan. Their streams are opened by tick.
func (g *loadgen) open(p plan) {
	g.plan = p
	in := bodyInMessage
	if p.Bare {
		in = bodyInBare
	}
	for _, room := range p.Rooms {
		t := newTranscript(room, in)
		g.transcripts = append(g.transcripts, t)
		for range p.Readers {
			g.readers = append(g.readers, reader{follower: follower{transcript: t}})
		}
	}
	var err error
	g.progress, err = os.OpenFile(p.Progress, os.O_WRONLY, 0)
	g.fail(err)
}

// settled reports whether every reader has received all that was posted, or else what is missing. No
// reader can have received an event twice or out of order.
func (g *loadgen) settled(posted []int64) (bool, error) {
	for i, t := range g.transcripts {
		if n := int64(len(t.ends)); n > posted[i] {
			g.fail(fmt.Errorf("room %s: %d events arrived, %d were posted", t.room, n, posted[i]))
		}
	}
	for i := range g.readers {
		r := &g.readers[i]
		if want := posted[i/g.plan.Readers]; r.pace == reading && (int64(r.next) != want || !r.ready) {
			return false, fmt.Errorf("reader %d of room %s has received %d of %d events", i, r.room, r.next, want)
		}
	}
	return true, nil
}
