package live

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/presence"
)

const (
	// chunkSize is how many messages are read from the store at once, and how many an HTML reader may be behind.
	chunkSize = 200
	// readTimeout is how long one read of the store may take.
	readTimeout = 10 * time.Second
	// firstRetry is the pause after a failed read; it doubles up to lastRetry.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// unknown is the head of a room before the store was asked.
const unknown = -1

// room is a room somebody reads here.
type room struct {
	hub      *Hub
	id       uuid.UUID
	attached int             // readers; under Hub.mu
	ctx      context.Context // ends when the last reader has left
	cancel   context.CancelFunc

	inbox inbox
	// turn is held by whoever brings the room forward, so that changes are given to the groups in order.
	advanceMu chan struct{}
	reads     flights[*db.RoomChanges]

	mu        sync.Mutex
	delivered int64 // the newest revision that is given, or being given, to the groups there are
	groups    []*group
}

func newRoom(h *Hub, id uuid.UUID) *room {
	r := &room{hub: h, id: id, delivered: unknown, advanceMu: make(chan struct{}, 1)}
	if id == uuid.Nil { // nothing happens there
		r.delivered = 0
	}
	r.ctx, r.cancel = context.WithCancel(h.ctx)
	return r
}

// join finds the group of an audience, or makes it.
func (rm *room) join(a Audience) *group {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	i := slices.IndexFunc(rm.groups, func(g *group) bool { return g.audience == a })
	if i < 0 {
		i = len(rm.groups)
		rm.groups = append(slices.Clone(rm.groups), newGroup(rm.hub, a, rm.delivered)) // somebody may be going through the old list
	}
	g := rm.groups[i]
	g.attached++
	return g
}

// leave undoes join, and drops the group with its last reader.
func (rm *room) leave(g *group) {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	if g.attached--; g.attached > 0 {
		return
	}
	rm.groups = slices.DeleteFunc(slices.Clone(rm.groups), func(o *group) bool { return o == g })
	g.close()
}

// open finds out where the room stands, once, so that gaps in the notices show.
func (rm *room) open(ctx context.Context) error {
	if rm.head() != unknown {
		return nil
	}
	if err := rm.lock(ctx); err != nil {
		return err
	}
	defer rm.unlock()
	if rm.head() != unknown {
		return nil
	}
	head, err := rm.hub.store.Head(ctx, rm.id)
	if err != nil {
		return err
	}
	rm.mu.Lock()
	defer rm.mu.Unlock()
	rm.delivered = head
	for _, g := range rm.groups {
		g.begin(head)
	}
	return nil
}

// lock waits for the turn.
func (rm *room) lock(ctx context.Context) error {
	select {
	case rm.advanceMu <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (rm *room) unlock() { <-rm.advanceMu }

// advance brings the readers to the revisions of notices: the next one is in the notice, what lies between is read, what is old is
// dropped. So is everything before the room is open: who opens it reads the store later than the notice was committed.
// The error is that of a room nobody reads any more.
func (rm *room) advance(notices []db.Notice) error {
	if err := rm.lock(rm.ctx); err != nil {
		return err
	}
	defer rm.unlock()
	defer rm.release()
	for _, n := range notices {
		class := classify(n, rm.head())
		rm.hub.metrics.notices[class].Inc()
		switch class {
		case noticeNext:
			c, _ := changeOf(n)
			rm.deliver(c)
		case noticeGap:
			if err := rm.reach(n.Revision, rm.missed); err != nil {
				return err
			}
		}
	}
	return nil
}

// meet brings the readers at least to the revision of a reader's cursor, if there is such a revision: its page may have been made
// before the notice arrived.
func (rm *room) meet(ctx context.Context, cursor int64) error {
	if err := rm.lock(ctx); err != nil {
		return err
	}
	defer rm.unlock()
	defer rm.release()
	return rm.reach(cursor, func(after int64) (*db.RoomChanges, error) { return rm.hub.store.Changes(ctx, rm.id, after, chunkSize) })
}

// reach delivers what there is up to a revision, as read finds it.
func (rm *room) reach(revision int64, read func(after int64) (*db.RoomChanges, error)) error {
	for head, more := rm.head(), true; more && head < revision; {
		rm.release() // reading may take long
		changes, err := read(head)
		if err != nil {
			return err
		}
		for _, c := range changesIn(changes, head) {
			rm.deliver(c)
		}
		head, more = max(head, changes.Revision), changes.More
		rm.deliver(change{revision: head}) // of what was changed again nothing tells
	}
	return nil
}

func (rm *room) head() int64 {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	return rm.delivered
}

// missed reads what happened after a revision, again and again until the store answers or nobody reads any more.
func (rm *room) missed(after int64) (*db.RoomChanges, error) {
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		changes, err := rm.read(after)
		if err == nil {
			return changes, nil
		}
		if rm.ctx.Err() != nil {
			return nil, err
		}
		rm.hub.logger.Error("reading what a room missed", "room", rm.id, "after", after, "again_in", pause, "error", err)
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

// deliver renders and encodes a change once for each audience and gives the same bytes to each of its readers. A group that comes
// while this works needs nothing from it: it begins at this revision, which its readers have or find in the store.
func (rm *room) deliver(c change) {
	rm.mu.Lock()
	groups := rm.groups
	rm.delivered = max(rm.delivered, c.revision)
	rm.mu.Unlock()
	for _, g := range groups {
		g.add(c, g.encode(c))
	}
}

// release lets what was delivered leave.
func (rm *room) release() {
	rm.mu.Lock()
	groups := rm.groups
	rm.mu.Unlock()
	for _, g := range groups {
		g.release()
	}
}

// ID, Closed and Show implement presence.Room.
func (rm *room) ID() uuid.UUID { return rm.id }

// Closed reports whether the last reader has left.
func (rm *room) Closed() bool { return rm.ctx.Err() != nil }

// Show tells the readers who is online and who is typing, where that is not what they were told last.
func (rm *room) Show(s presence.Snapshot) {
	rm.mu.Lock()
	groups := rm.groups
	rm.mu.Unlock()
	for _, g := range groups {
		g.show(s)
	}
}

// chunk reads and encodes what a group's readers missed after a cursor, once for all who ask at about the same time.
func (rm *room) chunk(g *group, after int64) (chunk, error) {
	return g.chunks.do(after, func() (chunk, error) {
		changes, err := rm.reads.do(after, func() (*db.RoomChanges, error) { return rm.read(after) })
		if err != nil {
			return chunk{}, err
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

// chunk is a stretch of what was missed, encoded for a group.
type chunk struct {
	frames   []frame
	revision int64 // how far it goes
	head     int64 // the room's newest when it was read
	more     bool
}
