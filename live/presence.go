package live

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

const (
	// presencePause is the least time between two rounds of presence and typing events. For each crowdUnit of people in a room its
	// readers are told of them that much more rarely: in a large crowd somebody always comes or goes.
	presencePause = time.Second
	crowdUnit     = 500
	// writing is how long somebody who has typed something is shown as writing.
	writing = 6 * time.Second
	// shownPeople and shownWriters are how many are named at most.
	shownPeople  = 50
	shownWriters = 5
	// usersAtOnce and roomsAtOnce are how many are asked for in one query.
	usersAtOnce = 500
	roomsAtOnce = 1000
)

// Online is who of a room's members has a stream open, anywhere.
type Online struct {
	Count  int
	People []*db.User // some of them, when there are many
}

// presence tells those who read a room which of its members are online and who is writing. It works in rounds, and rests as long as
// nothing changes. Its lock is taken under any other, and none under it.
type presence struct {
	hub     *Hub
	writers atomic.Int64 // in all crowds
	company atomic.Bool  // there are other processes
	kept    atomic.Bool  // something was not told, because there were none

	mu      sync.Mutex
	closed  bool
	working bool // a round is due or under way
	asked   bool // another process wants the roll to be called
	call    time.Duration
	next    time.Time
	rolls   int64
	roster  roster
	changed map[int64]struct{} // who came or left since the last round
	crowds  map[uuid.UUID]*crowd
	busy    map[*crowd]struct{} // those in which something happens
}

// crowd is the people of a room that is read here.
type crowd struct {
	room    *room
	stale   bool      // present is not known any more
	dirty   bool      // readers are to be told
	next    time.Time // not before that of who is online
	present map[int64]struct{}
	writers map[int64]time.Time // until when
}

func newPresence(h *Hub, call time.Duration) *presence {
	if call == 0 {
		call = rollCall
	}
	return &presence{hub: h, call: call, roster: newRoster(), changed: map[int64]struct{}{}, crowds: map[uuid.UUID]*crowd{}, busy: map[*crowd]struct{}{}}
}

// wake has a round begin, unless one is due; under mu.
func (p *presence) wake() {
	if !p.working && !p.closed {
		p.working = true
		p.hub.work.Go(p.round)
	}
}

// stir has the next round look at a crowd; under mu.
func (p *presence) stir(c *crowd) {
	c.dirty = true
	p.busy[c] = struct{}{}
	p.wake()
}

func (p *presence) note(user int64) { p.changed[user] = struct{}{} }

// arrive and depart are somebody's first stream here, and the end of the last one.
func (p *presence) arrive(user int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.roster.arrive(user) {
		p.note(user)
	}
	p.wake()
}

func (p *presence) depart(user int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.roster.depart(user, time.Now().Add(p.call/lingers))
	p.wake()
}

// IsOnline tells whether somebody has a stream open, in any process.
func (h *Hub) IsOnline(user int64) bool {
	h.presence.mu.Lock()
	defer h.presence.mu.Unlock()
	return h.presence.roster.online[user] > 0
}

// hear takes what another process tells of its people.
func (p *presence) hear(from string, news *bus.Presence) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, known := p.roster.others[from]
	p.roster.hear(from, news, time.Now(), p.note)
	p.company.Store(len(p.roster.others) > 0)
	if p.asked = p.asked || !known || news.Ask; p.asked {
		ring(p.hub.others.asked)
	}
	if len(p.changed) > 0 {
		p.wake()
	}
}

// look has the readers of a room told soon, also those who were not there the last time.
func (p *presence) look(rm *room) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if rm.ctx.Err() != nil { // the reader for whom this is was the last, and has left meanwhile
		return
	}
	c := p.crowds[rm.id]
	if c == nil || c.room != rm {
		c = &crowd{room: rm, stale: true, present: map[int64]struct{}{}, writers: map[int64]time.Time{}}
		p.crowds[rm.id] = c
	}
	p.stir(c)
}

// recount has it read again who is there, because the room's members are not who they were.
func (p *presence) recount(room uuid.UUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.crowds[room]; c != nil {
		c.stale = true
		p.stir(c)
	}
}

// forget drops a room that nobody reads any more.
func (p *presence) forget(rm *room) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.crowds[rm.id]; c != nil && c.room == rm {
		p.writers.Add(-int64(len(c.writers)))
		delete(p.crowds, rm.id)
		delete(p.busy, c)
	}
}

// tend calls the roll when it is time or somebody has asked, and lets the people of processes go that have been silent for too long.
// killed: there were some.
func (p *presence) tend(now time.Time) (roll []bus.Letter, killed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if killed = p.roster.sweep(now.Add(-silentCalls*p.call), p.note); killed {
		p.company.Store(len(p.roster.others) > 0)
		p.wake()
	}
	if !p.asked && now.Before(p.next) {
		return nil, killed
	}
	p.asked, p.next = false, now.Add(p.call)
	p.rolls++
	roll = p.roster.call(p.rolls)
	if p.company.Load() && p.kept.Swap(false) {
		roll = append(roll, bus.Letter{Lost: true})
	}
	return roll, killed
}

// close ends all rounds.
func (p *presence) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}
