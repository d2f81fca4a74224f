package bus

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// Exchange connects hubs of one program as the other buses connect processes, and can be told to
// lose, double and delay messages. Tests of live use it: a process alone needs no bus. The zero
// value is ready.
type Exchange struct {
	mu      sync.Mutex // guards what follows
	members map[*Local]struct{}
	fault   func(Message) []time.Duration
}

// InjectFault sets a function that decides the fate of each message on its way to each hub: a copy
// arrives after each of the returned durations, so none of them loses it and two double it. With
// nil each message arrives once and at once. The function is called by one goroutine of each
// sender.
func (e *Exchange) InjectFault(fault func(Message) []time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = fault
}

// Local is one hub's connection to an Exchange.
type Local struct {
	receiver
	exchange *Exchange
	outbox   *outbox
	inbox    queue[[]byte] // packets

	mu       sync.Mutex // guards followed
	followed map[uuid.UUID]struct{}
}

// Join returns a connection for one more hub. It receives from Open to Close.
func (e *Exchange) Join() *Local {
	l := &Local{exchange: e, followed: map[uuid.UUID]struct{}{}}
	l.process = rand.Text()
	l.outbox = newOutbox(&l.counters, l.send)
	l.inbox.bound = queueBound
	l.inbox.handle = l.acceptAll
	return l
}

// Open begins to receive; see Bus in package live.
func (l *Local) Open(receive func(Message), missed func()) {
	l.onMessage, l.onMissed = receive, missed
	l.exchange.mu.Lock()
	defer l.exchange.mu.Unlock()
	if l.exchange.members == nil {
		l.exchange.members = map[*Local]struct{}{}
	}
	l.exchange.members[l] = struct{}{}
}

// Publish queues messages for all other hubs and returns.
func (l *Local) Publish(messages ...Message) {
	if !l.exchange.alone() {
		l.outbox.publish(messages)
	}
}

// Follow lets the messages of a room arrive here, from now on.
func (l *Local) Follow(room uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.followed[room] = struct{}{}
}

// Unfollow undoes Follow.
func (l *Local) Unfollow(room uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.followed, room)
}

func (l *Local) follows(room uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.followed[room]
	return ok || room == uuid.Nil
}

// Close sends what is queued, leaves the exchange, and returns when everything received is handled.
func (l *Local) Close() {
	l.outbox.queue.close()
	l.exchange.mu.Lock()
	delete(l.exchange.members, l)
	l.exchange.mu.Unlock()
	l.inbox.close()
}

// Connected reports whether messages arrive.
func (l *Local) Connected() bool {
	l.exchange.mu.Lock()
	defer l.exchange.mu.Unlock()
	_, ok := l.exchange.members[l]
	return ok
}

// Disconnect loses all messages to and from this hub until the returned function is called, which
// then reports that some were missed, as a real connection does that comes back.
func (l *Local) Disconnect() (reconnect func()) {
	l.exchange.mu.Lock()
	defer l.exchange.mu.Unlock()
	delete(l.exchange.members, l)
	return func() {
		l.Open(l.onMessage, l.onMissed)
		l.reportMissed()
	}
}

func (e *Exchange) alone() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.members) < 2
}

// recipients returns all members but the sender, and the fault function now in force.
func (e *Exchange) recipients(sender *Local) (others []*Local, fault func(Message) []time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for l := range e.members {
		if l != sender {
			others = append(others, l)
		}
	}
	return others, e.fault
}

// send is the outbox's: it gives each message to every member that follows its room, encoded as on
// a wire.
func (l *Local) send(messages []Message) (dropped int) {
	others, fault := l.exchange.recipients(l)
	for _, whole := range messages {
		split(whole, func(room uuid.UUID, m Message) {
			packets, tooBig := encode(l.process, db.AnnouncementBytes, []Message{m})
			dropped += tooBig
			for _, to := range others {
				if to.follows(room) {
					to.deliver(m, packets, fault)
				}
			}
		})
	}
	return dropped
}

// deliver puts packets into the inbox, now or when the fault function says.
func (l *Local) deliver(m Message, packets []packet, fault func(Message) []time.Duration) {
	copies := []time.Duration{0}
	if fault != nil {
		copies = fault(m)
	}
	for _, after := range copies {
		for _, p := range packets {
			if after == 0 {
				l.enqueue(p.text)
			} else {
				time.AfterFunc(after, func() { l.enqueue(p.text) })
			}
		}
	}
}

func (l *Local) enqueue(packet []byte) {
	if l.inbox.put(packet) > 0 {
		l.reportMissed()
	}
}

// acceptAll is the inbox's.
func (l *Local) acceptAll(packets [][]byte) {
	for _, packet := range packets {
		l.accept(packet) // cannot fail: encode has just made it
	}
}
