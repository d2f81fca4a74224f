package bus

import (
	"sync/atomic"
	"time"
)

// queueBound is how many messages may wait to be sent, and how many packets to be accepted.
const queueBound = 8192

// outbox is the sending half of every bus: a bounded queue in front of send. After messages were
// dropped it sends Lost, as soon as anything can be sent.
type outbox struct {
	counters    *counters
	send        func([]Message) (dropped int)
	queue       queue[Message]
	lossPending atomic.Bool // messages were dropped and the other processes have not been told
}

// newOutbox returns an outbox that calls send with queued messages, from one goroutine. send
// returns how many of them it could not send.
func newOutbox(c *counters, send func([]Message) (dropped int)) *outbox {
	o := &outbox{counters: c, send: send}
	o.queue.bound = queueBound
	o.queue.handle = o.flush
	return o
}

// publish stamps copies of the messages with the present time and queues them. It never blocks:
// what finds the queue full is dropped.
func (o *outbox) publish(messages []Message) {
	stamped := make([]Message, len(messages))
	now := time.Now()
	for i, m := range messages {
		m.Published = now
		stamped[i] = m
	}
	o.counters.published.Add(int64(len(messages)))
	o.countDropped(o.queue.put(stamped...))
}

func (o *outbox) flush(messages []Message) {
	if dropped := o.send(messages); dropped > 0 {
		o.countDropped(dropped)
		return
	}
	o.announceLoss()
}

func (o *outbox) countDropped(messages int) {
	if messages > 0 {
		o.counters.dropped.Add(int64(messages))
		o.lossPending.Store(true)
	}
}

// announceLoss queues a Lost message if a loss is pending.
func (o *outbox) announceLoss() {
	if o.lossPending.Swap(false) && o.queue.put(Message{Lost: true, Published: time.Now()}) > 0 {
		o.lossPending.Store(true)
	}
}
