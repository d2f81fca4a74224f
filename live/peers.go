package live

import (
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

// Bus carries messages between the processes of a service; package bus has some. A message may be
// lost, doubled or late. All methods may be called by many goroutines, and all return at once.
type Bus interface {
	// Open begins to receive; it is called once. The bus calls receive with the messages of other
	// processes, from one goroutine at a time, and missed, from any, when some may have been lost.
	Open(receive func(bus.Message), missed func())
	// Publish sends messages to all other processes, in order. They are not changed afterwards.
	Publish(...bus.Message)
	// Follow asks for the messages of a room, Unfollow asks for them no more. A bus may deliver
	// those of other rooms as well.
	Follow(room uuid.UUID)
	Unfollow(room uuid.UUID)
	// Connected reports whether messages arrive at present, as far as the bus knows.
	Connected() bool
	Stats() bus.Stats
}

// peers joins a hub to those of other processes. It publishes and receives messages, follows the
// rooms that somebody reads or watches here, and finds out by asking the store what lost messages
// did not tell (reconcile). Without a bus it does nothing.
type peers struct {
	hub     *Hub
	bus     Bus // nil: there are no other processes
	metrics busMetrics

	missed   chan struct{} // signals that messages may have been lost
	announce chan struct{} // signals that a peer wants the full state of presence
	// unpublished is set when a notice was not published because no peer was known.
	unpublished atomic.Bool
	users       usersCheck // used by the goroutine of reconcile alone

	// Hub.mu guards what follows.
	followed map[uuid.UUID]struct{}
	list     []uuid.UUID // the followed rooms, in no order, to go through a part at a time
}

// newPeers returns the peers of a hub; nothing is received before open.
func newPeers(h *Hub, b Bus) *peers {
	p := &peers{
		hub: h, bus: b,
		missed: make(chan struct{}, 1), announce: make(chan struct{}, 1),
		followed: map[uuid.UUID]struct{}{},
	}
	if b != nil {
		p.metrics = newBusMetrics(b)
		h.metrics.all = append(h.metrics.all, p.metrics)
	}
	return p
}

// open begins to receive, and to reconcile until the hub closes.
func (p *peers) open() {
	if p.bus != nil {
		p.bus.Open(p.receive, func() { signal(p.missed) })
		p.hub.work.Go(p.reconcile)
	}
}

// leave tells the peers that nobody is online here any more.
func (p *peers) leave() {
	p.send(bus.Message{Presence: &bus.Presence{Goodbye: true}})
}

func (p *peers) send(messages ...bus.Message) {
	if p.bus != nil {
		p.bus.Publish(messages...)
	}
}

// publish tells the peers what was committed here. While no peer is known it publishes nothing:
// most services on PostgreSQL are one process, for which each commit would be announced in vain. A
// process that starts asks for the full state of presence, by which it becomes known, and gets a
// Lost message if anything was not published before (see announceState).
func (p *peers) publish(notices []db.Notice) {
	if !p.hub.presence.HasPeers() {
		p.unpublished.Store(true)
		return
	}
	messages := make([]bus.Message, len(notices))
	for i := range notices {
		messages[i].Notice = &notices[i]
	}
	p.send(messages...)
}

// receive is called by the bus.
func (p *peers) receive(m bus.Message) {
	p.metrics.lag.Observe(time.Since(m.Published).Seconds())
	if m.Notice != nil {
		p.hub.dispatch(*m.Notice)
		return
	}
	p.hub.presence.Receive(m)
}

// signal wakes the receiver of a channel of capacity 1, once however often it is called before.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// followLocked lets the messages of a room arrive here, because somebody reads or watches it. prune
// undoes it a while after nobody does: people come and go.
func (p *peers) followLocked(room uuid.UUID) {
	if p.bus == nil || room == uuid.Nil {
		return
	}
	if _, ok := p.followed[room]; !ok {
		p.followed[room] = struct{}{}
		p.list = append(p.list, room)
		p.bus.Follow(room)
	}
}
