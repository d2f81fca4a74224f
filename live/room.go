package live

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/presence"
)

const (
	// chunkSize is how many messages are read from the store at once, and how many an HTML reader
	// may be behind.
	chunkSize = 200
	// readTimeout bounds one read of the store.
	readTimeout = 10 * time.Second
	// firstRetry is the pause after a failed read; it doubles up to lastRetry.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// unknown is the head of a room before the store was asked.
const unknown = -1

// room is a room that somebody reads here. It brings its groups from revision to revision.
type room struct {
	hub    *Hub
	id     uuid.UUID
	ctx    context.Context // ends when the last reader has left
	cancel context.CancelFunc

	attached int // readers; guarded by Hub.mu

	inbox inbox
	// advanceMu is held by whoever delivers changes to the groups, so that they come in order;
	// mostly for as long as the store takes. It is a channel, so that waiting for it can be given
	// up.
	advanceMu chan struct{}
	reads     flights[*db.RoomChanges]

	mu        sync.Mutex
	delivered int64 // the newest revision that was or is being given to the groups; unknown before open
	groups    []*group
	marks     marksNews
}

func newRoom(h *Hub, id uuid.UUID) *room {
	r := &room{hub: h, id: id, delivered: unknown, advanceMu: make(chan struct{}, 1)}
	if id == uuid.Nil { // nothing happens there
		r.delivered = 0
	}
	r.ctx, r.cancel = context.WithCancel(h.ctx)
	return r
}

// joinGroup returns the group of an audience, made where there is none, with one more reader
// attached.
func (rm *room) joinGroup(a Audience) *group {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	i := slices.IndexFunc(rm.groups, func(g *group) bool { return g.audience == a })
	if i < 0 {
		i = len(rm.groups)
		rm.groups = append(slices.Clone(rm.groups), newGroup(rm.hub, a, rm.delivered)) // see current
	}
	g := rm.groups[i]
	g.attached++
	return g
}

// leaveGroup undoes joinGroup, and drops the group with its last reader.
func (rm *room) leaveGroup(g *group) {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	if g.attached--; g.attached > 0 {
		return
	}
	rm.groups = slices.DeleteFunc(slices.Clone(rm.groups), func(o *group) bool { return o == g })
	g.close()
}

// current returns the groups. The list is never changed, only replaced.
func (rm *room) current() []*group {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	return rm.groups
}

// head returns the newest revision that was or is being given to the readers; unknown before open.
func (rm *room) head() int64 {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	return rm.delivered
}

// open asks the store for the room's head, once: from then on gaps in the notices show.
func (rm *room) open(ctx context.Context) error {
	if rm.head() != unknown {
		return nil
	}
	if err := rm.lockAdvance(ctx); err != nil {
		return err
	}
	defer rm.unlockAdvance()
	if rm.head() != unknown {
		return nil
	}
	head, err := rm.hub.store.Head(ctx, rm.id)
	if err != nil {
		return fmt.Errorf("reading a room's head: %w", err)
	}
	rm.mu.Lock()
	defer rm.mu.Unlock()
	rm.delivered = head
	for _, g := range rm.groups {
		g.setHead(head)
	}
	return nil
}

// lockAdvance waits for advanceMu; the error is that of ctx.
func (rm *room) lockAdvance(ctx context.Context) error {
	select {
	case rm.advanceMu <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (rm *room) unlockAdvance() { <-rm.advanceMu }

// work is the room's worker, a goroutine that exists only while the inbox has notices. It ends
// early when nobody reads the room any more.
func (rm *room) work() {
	for notices := rm.inbox.drain(); len(notices) > 0; notices = rm.inbox.drain() {
		if rm.advance(notices) != nil {
			return
		}
	}
}

// advance brings the readers to the revisions of some notices, ordered by them. The next change is
// in its notice; what a gap skips is read from the store; a stale notice is dropped. So is every
// notice before open, which reads the store later than the notice was committed.
//
// Only the worker calls it. The error says that nobody reads the room any more.
func (rm *room) advance(notices []db.Notice) error {
	if err := rm.lockAdvance(rm.ctx); err != nil {
		return err
	}
	defer rm.unlockAdvance()
	defer rm.flush()
	for _, n := range notices {
		class := classify(n, rm.head())
		rm.hub.metrics.notices[class].Inc()
		switch class {
		case noticeNext:
			c, _ := changeOf(n)
			rm.deliver(c)
		case noticeGap:
			if err := rm.deliverUpTo(n.Revision, rm.readRetrying); err != nil {
				return err
			}
		}
	}
	return nil
}

// catchUp brings the readers at least to the revision of a reader's cursor, if there is such a
// revision: its page may have been made before the notice arrived. The handshakes call it.
func (rm *room) catchUp(ctx context.Context, cursor int64) error {
	if err := rm.lockAdvance(ctx); err != nil {
		return err
	}
	defer rm.unlockAdvance()
	defer rm.flush()
	return rm.deliverUpTo(cursor, func(after int64) (*db.RoomChanges, error) {
		return rm.hub.store.Changes(ctx, rm.id, after, chunkSize)
	})
}

// deliverUpTo delivers what read returns, until a revision or the room's newest. It returns the
// error of read. The caller holds advanceMu.
func (rm *room) deliverUpTo(revision int64, read func(after int64) (*db.RoomChanges, error)) error {
	for head, more := rm.head(), true; more && head < revision; {
		rm.flush() // reading may take long
		changes, err := read(head)
		if err != nil {
			return fmt.Errorf("reading a room's changes: %w", err)
		}
		for _, c := range changesIn(changes, head) {
			rm.deliver(c)
		}
		head, more = max(head, changes.Revision), changes.More
		rm.deliver(change{revision: head}) // past revisions whose message changed again later
	}
	return nil
}

// readRetrying reads the changes after a revision, again and again until the store answers or
// nobody reads the room any more.
func (rm *room) readRetrying(after int64) (*db.RoomChanges, error) {
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		changes, err := rm.read(after)
		if err == nil {
			return changes, nil
		}
		if rm.ctx.Err() != nil {
			return nil, err
		}
		rm.hub.logger.Error("reading what a room missed",
			"room", rm.id, "after", after, "again_in", pause, "error", err)
		select {
		case <-time.After(pause):
		case <-rm.ctx.Done():
			return nil, err
		}
	}
}

func (rm *room) read(after int64) (*db.RoomChanges, error) {
	ctx, cancel := context.WithTimeout(rm.ctx, readTimeout)
	defer cancel()
	return rm.hub.store.Changes(ctx, rm.id, after, chunkSize)
}

// deliver renders and encodes a change once for each audience and gives the same bytes to all
// readers of it, who get them with the next flush. The caller holds advanceMu. A group that is made
// meanwhile needs nothing of it: it begins at this revision, which its readers have or find in the
// store.
func (rm *room) deliver(c change) {
	rm.mu.Lock()
	groups := rm.groups
	rm.delivered = max(rm.delivered, c.revision)
	rm.mu.Unlock()
	for _, g := range groups {
		g.appendChange(c, g.encode(c))
	}
}

// flush schedules the writing of what was delivered.
func (rm *room) flush() {
	for _, g := range rm.current() {
		g.scheduleFlush()
	}
}

// chunk is a part of what readers of a group missed, encoded.
type chunk struct {
	frames   []frame
	revision int64 // how far it goes
	head     int64 // the room's newest when it was read
	more     bool  // there is more after revision
}

// chunk reads and encodes what a group's readers missed after a cursor, once for all who ask at
// about the same time.
func (rm *room) chunk(g *group, after int64) (chunk, error) {
	return g.chunks.do(after, func() (chunk, error) {
		changes, err := rm.reads.do(after, func() (*db.RoomChanges, error) { return rm.read(after) })
		if err != nil {
			return chunk{}, fmt.Errorf("reading what a reader missed: %w", err)
		}
		p := chunk{revision: max(after, changes.Revision), head: changes.Head, more: changes.More}
		for _, c := range changesIn(changes, after) {
			if b := g.encode(c); len(b) > 0 {
				p.frames = append(p.frames, frame{c.revision, c.position(), b})
			}
		}
		rm.hub.metrics.caughtUp.Observe(float64(len(p.frames)))
		if !p.more && after <= p.head {
			g.extend(after, p)
		}
		return p, nil
	})
}

// ID returns the room's id (presence.Room).
func (rm *room) ID() uuid.UUID { return rm.id }

// Closed reports whether the last reader has left (presence.Room).
func (rm *room) Closed() bool { return rm.ctx.Err() != nil }

// Show sends the readers who is online and who is typing (presence.Room); see group.show.
func (rm *room) Show(s presence.Snapshot) {
	for _, g := range rm.current() {
		g.show(s)
	}
}
