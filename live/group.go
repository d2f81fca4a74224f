package live

import (
	"bytes"
	"runtime"
	"slices"
	"sync"
	"time"

	"sarangbang/live/presence"
)

const (
	// pace is the least time between two flushes of a group: frames that come within it leave
	// together, because the system calls are what fan-out costs. The first frame after silence
	// leaves at once.
	pace = 5 * time.Millisecond
	// gatherBytes bounds what is pending: a caller that appends more waits until all of it is
	// written.
	gatherBytes = 1 << 20
)

// group is the readers of a room who get the same bytes.
//
// What they are to get is appended to pending (appendChange, appendLocked); scheduleFlush starts a
// flush, which writes all of it to all of them.
type group struct {
	hub      *Hub
	audience Audience
	chunks   flights[chunk] // of what readers missed

	attached int // readers, those in their handshake among them; guarded by room.mu

	// deliverMu guards readers, and is held while they are written to: what one of them is given
	// under it comes as a whole before or after what all are given.
	deliverMu sync.Mutex
	readers   []*reader

	mu        sync.Mutex
	head      int64 // the newest revision given to this group; unknown before the room is open
	recent    backlog
	marks     []byte // the event that tells how far the members have read; nil: the readers do not know
	online    []byte // the event that tells who is online, as the readers know it; nil: they do not
	typing    []byte // that of who is typing; nil: nobody
	pending   []byte // waits to be written to the readers; the bytes are never changed after that
	frames    int    // how many are in pending
	flushing  bool   // a flush is due or under way
	nextFlush time.Time
	lastFlush time.Time
	heartbeat *time.Timer
	closed    bool // the last reader has left
}

// newGroup makes a group that has been given everything up to a revision.
func newGroup(h *Hub, a Audience, head int64) *group {
	g := &group{hub: h, audience: a, head: head, recent: backlog{from: head}, lastFlush: time.Now()}
	g.heartbeat = time.AfterFunc(silence, g.beat)
	return g
}

// setHead is called when the room's head has become known.
func (g *group) setHead(head int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.head, g.recent.from = head, head
}

// encode returns the bytes that tell the group of a change; none when there is nothing to tell it.
func (g *group) encode(c change) []byte {
	return g.frame(c.render(g.hub.presenter, g.audience), c.revision)
}

// frame returns an event as the group's readers get it; empty when there is nothing to tell them.
func (g *group) frame(e Event, id int64) []byte {
	if !g.audience.Format.events() {
		return e.Data
	}
	return g.hub.encoders.frame(e, id)
}

// appendChange appends a change's frame to what the next flush writes, and to the backlog. Without
// bytes only the head moves. A flush is to be scheduled when all that belongs together is appended.
func (g *group) appendChange(c change, bytes []byte) {
	g.mu.Lock()
	g.head = max(g.head, c.revision)
	if len(bytes) > 0 {
		g.recent.add(frame{c.revision, c.position(), bytes}, time.Now())
		g.appendLocked(bytes)
	}
	full := len(g.pending) > gatherBytes
	g.mu.Unlock()
	if full {
		g.flush()
	}
}

// appendLocked appends a frame to what the next flush writes.
func (g *group) appendLocked(bytes []byte) {
	g.pending = append(g.pending, bytes...)
	g.frames++
}

// scheduleFlush is scheduleFlushLocked for callers without the lock.
func (g *group) scheduleFlush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.scheduleFlushLocked()
}

// scheduleFlushLocked starts a flush in a goroutine of its own, at once or pace after the last one.
// It does nothing when nothing is pending, or when a flush is due or under way: what is appended
// before that flush takes pending goes with it, and for what comes later it schedules the next one.
func (g *group) scheduleFlushLocked() {
	if g.flushing || len(g.pending) == 0 {
		return
	}
	g.flushing = true
	run := func() {
		runtime.Gosched() // what else can run may append more: the busier the processor, the more leaves together
		g.flush()
		g.mu.Lock()
		defer g.mu.Unlock()
		g.flushing, g.nextFlush = false, time.Now().Add(pace)
		g.scheduleFlushLocked()
	}
	if wait := time.Until(g.nextFlush); wait > 0 {
		time.AfterFunc(wait, run)
	} else {
		go run()
	}
}

// flush writes pending to all readers, less what a reader has been given on admission.
func (g *group) flush() {
	g.deliverMu.Lock()
	defer g.deliverMu.Unlock()
	g.mu.Lock()
	pending, frames := g.pending, g.frames
	g.pending, g.frames = nil, 0
	g.lastFlush = time.Now()
	g.mu.Unlock()
	for _, r := range g.readers {
		r.push(pending[r.delivery.skip:])
		r.delivery.skip = 0
	}
	g.hub.metrics.deliveries.Add(float64(frames * len(g.readers)))
}

// beat appends a heartbeat when the group has been silent for long enough.
func (g *group) beat() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return
	}
	now := time.Now()
	if quiet := now.Sub(g.lastFlush); quiet < silence {
		g.heartbeat.Reset(silence - quiet)
		return
	}
	g.recent.trim(now)
	g.lastFlush = now
	g.appendLocked(g.audience.Format.heartbeat())
	g.scheduleFlushLocked()
	g.heartbeat.Reset(silence)
}

// show sends the readers who is online and who is typing, unless it is what they were sent last.
// Readers who come later are told by admit.
func (g *group) show(s presence.Snapshot) {
	if !g.audience.Format.events() {
		return
	}
	if s.OnlineDue || !g.knowsOnline() {
		g.showOnline(g.frame(g.hub.presenter.Online(g.audience, s.Online), noID))
	}
	g.showTyping(g.frame(g.hub.presenter.Typing(g.audience, s.Typing), noID), len(s.Typing) > 0)
}

func (g *group) showOnline(online []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if bytes.Equal(g.online, online) {
		return
	}
	g.online = online
	g.appendLocked(online)
	g.scheduleFlushLocked()
}

func (g *group) showTyping(typing []byte, anybody bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if bytes.Equal(g.typing, typing) || !anybody && g.typing == nil {
		return
	}
	if g.typing = typing; !anybody {
		g.typing = nil // as in a stream that begins: nobody is typing unless an event says so
	}
	g.appendLocked(typing)
	g.scheduleFlushLocked()
}

// knowsOnline reports whether the readers have been told who is online.
func (g *group) knowsOnline() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.online != nil
}

// admit gives a reader its own bytes, the backlog after its cursor, and what ready returns for the
// group's head; from then on the reader gets what is flushed. It reports false, and does nothing,
// when the backlog does not reach back to the cursor, or the group not up to it.
//
// It is all one push, so that nothing else comes between. A reader that has ended gets nothing and
// is not entered.
func (g *group) admit(r *reader, own []byte, cursor int64, ready func(head int64) []byte) bool {
	g.deliverMu.Lock()
	defer g.deliverMu.Unlock()
	g.mu.Lock()
	if !g.reachesLocked(cursor) {
		g.mu.Unlock()
		return false
	}
	if cursor != FromNow {
		own = g.recent.appendAfter(own, cursor)
	}
	head, online, typing, marks := g.head, g.online, g.typing, g.marks
	r.delivery.skip = int32(len(g.pending)) // it is in the backlog, or older than "now"
	g.mu.Unlock()
	r.push(slices.Concat(own, ready(head), online, typing, marks))
	if why, _ := r.why(); why == running {
		r.delivery.index = int32(len(g.readers))
		g.readers = append(g.readers, r)
	}
	return true
}

// reaches reports whether admit would take a reader with this cursor.
func (g *group) reaches(cursor int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reachesLocked(cursor)
}

func (g *group) reachesLocked(cursor int64) bool {
	return cursor == FromNow || cursor >= g.recent.from && cursor <= g.head
}

// extend adds what was read for one reader to the backlog, for the next ones.
func (g *group) extend(from int64, p chunk) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.revision >= g.recent.from {
		g.recent.extend(from, p.frames, time.Now())
	}
}

// revision returns the newest revision given to the group.
func (g *group) revision() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.head
}

// remove undoes admit.
func (g *group) remove(r *reader) {
	g.deliverMu.Lock()
	defer g.deliverMu.Unlock()
	g.readers = removed(g.readers, r.delivery.index, func(r *reader, index int32) { r.delivery.index = index })
	r.delivery.index = noIndex
}

// close stops the heartbeat.
func (g *group) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.heartbeat.Stop()
}

// removed returns a list without the reader at an index, where the last one is now; move tells that
// one its new index.
func removed(list []*reader, index int32, move func(r *reader, index int32)) []*reader {
	if index == noIndex {
		return list
	}
	last := len(list) - 1
	list[index] = list[last]
	move(list[index], index)
	list[last] = nil
	return list[:last]
}
