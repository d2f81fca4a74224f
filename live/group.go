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
	// pace is the least time between two writes to a reader: frames that come within it leave together, because the system call is
	// what fan-out costs. The first frame after silence leaves at once.
	pace = 5 * time.Millisecond
	// gatherBytes is how much gathers at most: who adds more waits until it has been written.
	gatherBytes = 1 << 20
)

// group is the readers of a room who get the same bytes.
type group struct {
	hub      *Hub
	audience Audience
	attached int // readers, those that are opening among them; under room.mu

	// deliverMu guards readers, and is held while they are written to: what one pushes under it, all others' bytes come before or after.
	deliverMu sync.Mutex
	readers   []*reader

	mu       sync.Mutex
	head     int64 // the newest revision given to this group
	recent   backlog
	online   []byte // what the readers know of who is online and who is writing; nil: nothing
	typing   []byte
	pending  []byte // waits to be written to the readers
	frames   int    // in pending
	flushing bool   // a flush is due or under way
	next     time.Time
	spoke    time.Time
	beat     *time.Timer
	closed   bool // the last reader has left

	chunks flights[chunk]
}

// newGroup makes a group that has been given everything up to a revision.
func newGroup(h *Hub, a Audience, head int64) *group {
	g := &group{hub: h, audience: a, head: head, recent: backlog{from: head}, spoke: time.Now()}
	g.beat = time.AfterFunc(silence, g.heartbeat)
	return g
}

// begin is called when the room's revision has become known.
func (g *group) begin(head int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.head, g.recent.from = head, head
}

// encode makes the bytes that tell the group of a change; none when there is nothing to tell it.
func (g *group) encode(c change) []byte {
	return g.frame(c.render(g.hub.presenter, g.audience), c.revision)
}

// frame is an event as the group's readers get it; empty when there is nothing to tell them.
func (g *group) frame(e Event, id int64) []byte {
	if !g.audience.Format.events() {
		return e.Data
	}
	return g.hub.encoders.frame(e, id)
}

// extend keeps what was read for one reader for the next ones.
func (g *group) extend(from int64, p chunk) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.revision >= g.recent.from {
		g.recent.extend(from, p.frames, time.Now())
	}
}

// add gives a change to the readers, who get it with all that is added until release; without bytes there is nothing to tell them.
func (g *group) add(c change, bytes []byte) {
	g.mu.Lock()
	g.head = max(g.head, c.revision)
	if len(bytes) > 0 {
		g.recent.add(frame{c.revision, c.position(), bytes}, time.Now())
		g.keep(bytes)
	}
	full := len(g.pending) > gatherBytes
	g.mu.Unlock()
	if full {
		g.send()
	}
}

// gather has bytes written to all readers soon; under mu.
func (g *group) gather(bytes []byte) {
	g.keep(bytes)
	g.start()
}

// keep has bytes written to all readers when there is a flush; under mu.
func (g *group) keep(bytes []byte) {
	g.pending = append(g.pending, bytes...)
	g.frames++
}

func (g *group) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.start()
}

// start has there be a flush, at once or when the readers' time has come, if anything is kept; under mu.
func (g *group) start() {
	if g.flushing || len(g.pending) == 0 {
		return
	}
	g.flushing = true
	if wait := time.Until(g.next); wait > 0 {
		time.AfterFunc(wait, g.flush)
	} else {
		go g.flush()
	}
}

// flush sends what has gathered. One is due or under way while flushing is set, so what comes meanwhile is sent by the next one.
func (g *group) flush() {
	runtime.Gosched() // who else can run may have more for it: the busier the processor, the more leaves together
	g.send()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next = time.Now().Add(pace)
	if len(g.pending) > 0 {
		time.AfterFunc(pace, g.flush)
	} else {
		g.flushing = false
	}
}

func (g *group) send() {
	g.deliverMu.Lock()
	defer g.deliverMu.Unlock()
	g.mu.Lock()
	pending, frames := g.pending, g.frames
	g.pending, g.frames = nil, 0
	g.spoke = time.Now()
	g.mu.Unlock()
	for _, r := range g.readers {
		r.push(pending[r.skip:])
		r.skip = 0
	}
	g.hub.metrics.deliveries.Add(float64(frames * len(g.readers)))
}

// show tells the readers who is online and who is typing, where that is not what they were told last.
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
	if !bytes.Equal(g.online, online) {
		g.online = online
		g.gather(online)
	}
}

func (g *group) showTyping(typing []byte, anybody bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if bytes.Equal(g.typing, typing) || !anybody && g.typing == nil {
		return
	}
	g.gather(typing)
	if g.typing = typing; !anybody {
		g.typing = nil // which is how a stream begins
	}
}

// knowsOnline reports whether the readers have been told who is online.
func (g *group) knowsOnline() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.online != nil
}

// heartbeat breaks the silence.
func (g *group) heartbeat() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return
	}
	now := time.Now()
	if quiet := now.Sub(g.spoke); quiet < silence {
		g.beat.Reset(silence - quiet)
		return
	}
	g.recent.trim(now)
	g.spoke = now
	g.gather(g.audience.Format.heartbeat())
	g.beat.Reset(silence)
}

// admit gives a reader, after some bytes of its own, all that changed after its cursor, and from then on what changes. False: some
// of it is not here any more, or not yet. words makes what is said when the reader is up to date.
func (g *group) admit(r *reader, own []byte, cursor int64, words func(revision int64) []byte) bool {
	g.deliverMu.Lock()
	defer g.deliverMu.Unlock()
	g.mu.Lock()
	if !g.holds(cursor) {
		g.mu.Unlock()
		return false
	}
	if cursor != FromNow {
		own = g.recent.appendAfter(own, cursor)
	}
	head, online, typing := g.head, g.online, g.typing
	r.skip = int32(len(g.pending))
	g.mu.Unlock()
	r.push(slices.Concat(own, words(head), online, typing))
	if why, _ := r.why(); why == running {
		r.index = int32(len(g.readers))
		g.readers = append(g.readers, r)
	}
	return true
}

// has tells whether a reader with a cursor finds all that it missed here.
func (g *group) has(cursor int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.holds(cursor)
}

func (g *group) holds(cursor int64) bool {
	return cursor == FromNow || cursor >= g.recent.from && cursor <= g.head
}

// close ends what the group does by itself.
func (g *group) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.beat.Stop()
}

// revision is the newest revision given to the group.
func (g *group) revision() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.head
}

// leave takes a reader's seat away.
func (g *group) leave(r *reader) {
	g.deliverMu.Lock()
	defer g.deliverMu.Unlock()
	g.readers = removed(g.readers, r.index, func(r *reader, place int32) { r.index = place })
	r.index = noIndex
}

// removed takes one out of a list whose members know their places, and puts the last one there.
func removed(list []*reader, place int32, move func(r *reader, place int32)) []*reader {
	if place == noIndex {
		return list
	}
	last := len(list) - 1
	list[place] = list[last]
	move(list[place], place)
	list[last] = nil
	return list[:last]
}
