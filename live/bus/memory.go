package bus

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// Exchange joins the hubs of one program, as the other buses join processes. Its zero value is ready.
type Exchange struct {
	mu      sync.Mutex
	members map[*Memory]struct{}
	fault   func(Letter) []time.Duration
}

// Suffer has a function decide what becomes of each letter on its way to each hub: a copy arrives after each of the times it
// returns. None: it is lost; one of zero: all is well. With nil all is well again.
func (e *Exchange) Suffer(fault func(Letter) []time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = fault
}

// Memory is one hub's place at an exchange. Alone there, it is the bus of a house with one process.
type Memory struct {
	receiver
	exchange *Exchange
	outbox   *outbox
	inbox    queue[[]byte]

	mu     sync.Mutex
	follow map[uuid.UUID]struct{}
}

// Join takes a place.
func (e *Exchange) Join() *Memory {
	m := &Memory{exchange: e, follow: map[uuid.UUID]struct{}{}}
	m.process = rand.Text()
	m.outbox = newOutbox(&m.counters, m.send)
	m.inbox.bound = queueBound
	m.inbox.work = m.takeAll
	return m
}

// Open begins to receive; see Bus in package live.
func (m *Memory) Open(receive func(Letter), missed func()) {
	m.receive, m.receiver.missed = receive, missed
	m.exchange.mu.Lock()
	defer m.exchange.mu.Unlock()
	if m.exchange.members == nil {
		m.exchange.members = map[*Memory]struct{}{}
	}
	m.exchange.members[m] = struct{}{}
}

// Publish gives letters to all others, without waiting for them.
func (m *Memory) Publish(letters ...Letter) {
	if !m.exchange.alone() {
		m.outbox.publish(letters)
	}
}

// Follow makes a room's letters come here.
func (m *Memory) Follow(room uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.follow[room] = struct{}{}
}

// Unfollow undoes Follow.
func (m *Memory) Unfollow(room uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.follow, room)
}

func (m *Memory) follows(room uuid.UUID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.follow[room]
	return ok || room == uuid.Nil
}

// Close sends what waits and leaves the exchange.
func (m *Memory) Close() {
	m.outbox.letters.close()
	m.exchange.mu.Lock()
	delete(m.exchange.members, m)
	m.exchange.mu.Unlock()
	m.inbox.close()
}

// Break makes all letters get lost until the returned function is called, as a connection that is lost and comes back does.
func (m *Memory) Break() (mend func()) {
	m.exchange.mu.Lock()
	defer m.exchange.mu.Unlock()
	delete(m.exchange.members, m)
	return func() {
		m.Open(m.receive, m.receiver.missed)
		m.lost()
	}
}

func (e *Exchange) alone() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.members) < 2
}

// others are all members but one, and what happens to letters now.
func (e *Exchange) others(but *Memory) (others []*Memory, fault func(Letter) []time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for m := range e.members {
		if m != but {
			others = append(others, m)
		}
	}
	return others, e.fault
}

func (m *Memory) send(letters []Letter) (dropped int) {
	others, fault := m.exchange.others(m)
	for _, whole := range letters {
		split(whole, func(room uuid.UUID, l Letter) {
			parcels, tooBig := pack(m.process, db.AnnouncementBytes, []Letter{l})
			dropped += tooBig
			for _, to := range others {
				to.deliver(room, l, parcels, fault)
			}
		})
	}
	return dropped
}

// deliver puts a letter into the inbox, in the form the wire would have given it.
func (m *Memory) deliver(room uuid.UUID, l Letter, parcels []parcel, fault func(Letter) []time.Duration) {
	if !m.follows(room) {
		return
	}
	copies := []time.Duration{0}
	if fault != nil {
		copies = fault(l)
	}
	for _, after := range copies {
		for _, p := range parcels {
			if after == 0 {
				m.accept(p.text)
			} else {
				time.AfterFunc(after, func() { m.accept(p.text) })
			}
		}
	}
}

func (m *Memory) accept(text []byte) {
	if m.inbox.put(text) > 0 {
		m.lost()
	}
}

func (m *Memory) takeAll(texts [][]byte) {
	for _, text := range texts {
		m.take(text) // it was encoded a moment ago
	}
}
