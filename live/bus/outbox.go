package bus

import (
	"sync/atomic"
	"time"
)

// queueBound is how many letters wait to go out, or to be taken, at most.
const queueBound = 8192

// outbox is the sending side of a bus. When letters could not go out, the others are told as soon as something can.
type outbox struct {
	counters *counters
	send     func([]Letter) (dropped int)
	letters  queue[Letter]
	owes     atomic.Bool // the others have not been told yet that letters were lost
}

// newOutbox has letters sent by one goroutine; send returns how many did not go out.
func newOutbox(c *counters, send func([]Letter) (dropped int)) *outbox {
	o := &outbox{counters: c, send: send}
	o.letters.bound = queueBound
	o.letters.work = o.deliver
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
	o.lose(o.letters.put(stamped...))
}

func (o *outbox) deliver(letters []Letter) {
	if dropped := o.send(letters); dropped > 0 {
		o.lose(dropped)
		return
	}
	o.apologize()
}

func (o *outbox) lose(letters int) {
	if letters > 0 {
		o.counters.dropped.Add(int64(letters))
		o.owes.Store(true)
	}
}

// apologize tells the others that they miss something, if they do.
func (o *outbox) apologize() {
	if o.owes.Swap(false) && o.letters.put(Letter{Lost: true, Published: time.Now()}) > 0 {
		o.owes.Store(true)
	}
}
