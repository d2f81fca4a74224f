package main

import (
	"fmt"
	"os"
	"time"
)

// obey begins with an order.
func (c *crowd) obey(o order) {
	c.deadline = time.Now().Add(openWithin)
	switch {
	case o.Open != nil:
		c.open(*o.Open)
	case o.Settle != nil:
		c.deadline = time.Now().Add(time.Duration(o.Settle.Within) * time.Millisecond)
		c.done = func() (bool, error) { return c.settled(o.Settle.Posted) }
		return
	case o.Time != nil:
		c.timing, c.times = *o.Time, new(histogram)
	case o.Stall != nil:
		c.fail(c.stallSome(*o.Stall))
	}
	if o.Open == nil {
		c.done = func() (bool, error) { return true, nil }
	}
}

// finished tells whether the order under way is done, or never will be.
func (c *crowd) finished() bool {
	if c.done == nil {
		return false
	}
	ok, pending := c.done()
	if !ok && time.Now().After(c.deadline) {
		c.fail(fmt.Errorf("too late: %w", pending))
	}
	if !ok && c.failed == nil {
		return false
	}
	c.done = nil
	return true
}

func (c *crowd) report() report {
	r := report{Deliveries: c.count, At: time.Now().UnixNano(), Ready: c.ready, Returned: c.returned, Times: c.times.spread()}
	if c.failed != nil {
		r.Error = c.failed.Error()
	}
	return r
}

func (c *crowd) fail(err error) {
	if c.failed == nil {
		c.failed = err
	}
}

func (c *crowd) open(o openOrder) {
	c.order = o
	in := bodyInBare
	if o.Kind == kindProgram {
		in = bodyInMessage
	}
	for _, name := range o.Rooms {
		c.logs = append(c.logs, newRoomLog(name, in))
	}
	c.readers = make([]reader, len(o.Rooms)*o.Readers)
	for i := range c.readers {
		c.readers[i].log = c.logs[i/o.Readers]
	}
	var err error
	if c.progress, err = os.OpenFile(o.Progress, os.O_WRONLY, 0); err != nil {
		c.fail(err)
	}
	c.done = func() (bool, error) {
		return c.ready == len(c.readers), fmt.Errorf("%d of %d streams are ready", c.ready, len(c.readers))
	}
}

// settled tells whether everybody has received what was posted. Nobody can have received an event twice or out of order.
func (c *crowd) settled(posted []int64) (bool, error) {
	for i, log := range c.logs {
		if n := int64(len(log.ends)); n > posted[i] {
			c.fail(fmt.Errorf("room %s: %d events arrived, %d were posted", log.name, n, posted[i]))
		}
	}
	for i := range c.readers {
		r := &c.readers[i]
		if want := posted[i/c.order.Readers]; r.stall == reading && (int64(r.next) != want || !r.ready) {
			return false, fmt.Errorf("reader %d of room %s has received %d of %d events", i, r.log.name, r.next, want)
		}
	}
	return true, nil
}

func (c *crowd) stallSome(o stallOrder) error {
	for n := range o.Still + o.Slow {
		i := len(c.readers) - 1 - n
		c.readers[i].stall = still
		if n >= o.Still {
			c.readers[i].stall = slow
		}
		if err := c.wire.pause(i); err != nil {
			return err
		}
	}
	return nil
}

func (c *crowd) readSlowly() {
	for i := range c.readers {
		if c.readers[i].stall == slow {
			c.fail(c.wire.some(i, 1))
		}
	}
}
