package bus

import "time"

// queueBound is how many letters wait to go out, or to be taken, at most.
const queueBound = 8192

// outbox is the sending side of a bus.
type outbox struct {
	counters *counters
	letters  queue[Letter]
}

// newOutbox has letters sent by one goroutine; send returns how many did not go out.
func newOutbox(c *counters, send func([]Letter) (dropped int)) *outbox {
	o := &outbox{counters: c}
	o.letters.bound = queueBound
	o.letters.work = func(letters []Letter) { c.dropped.Add(int64(send(letters))) }
	return o
}

func (o *outbox) publish(letters []Letter) {
	stamped := make([]Letter, len(letters))
	now := time.Now()
	for i, l := range letters {
		l.Published = now
		stamped[i] = l
	}
	o.counters.published.Add(int64(len(letters)))
	o.counters.dropped.Add(int64(o.letters.put(stamped...)))
}
