package live

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

const (
	// pageSize is how many messages are read from the store at once, and how many an HTML reader may be behind.
	pageSize = 200
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

	mu     sync.Mutex
	head   int64 // all changes up to here were given to the readers there were
	groups []*group
}

// group is the readers of a room who get the same bytes.
type group struct {
	audience Audience
	encoder  *encoder  // nil in formats that are no event stream
	readers  []*reader // under room.mu
}

func newRoom(h *Hub, id uuid.UUID) *room {
	r := &room{hub: h, id: id, head: unknown}
	r.ctx, r.cancel = context.WithCancel(h.ctx)
	return r
}

// join puts a reader into the group of its audience, which is made for the first one.
func (rm *room) join(r *reader) {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	i := slices.IndexFunc(rm.groups, func(g *group) bool { return g.audience == r.sub.Audience })
	if i < 0 {
		i = len(rm.groups)
		g := &group{audience: r.sub.Audience}
		if g.audience.Format.events() {
			g.encoder = newEncoder(rm.hub.server, rm.id.String()+"/"+strconv.FormatInt(rm.hub.encoders.Add(1), 10))
		}
		rm.groups = append(slices.Clone(rm.groups), g) // a worker may be going through the old list
	}
	g := rm.groups[i]
	r.group, r.place = g, len(g.readers)
	g.readers = append(g.readers, r)
}

// leave undoes join. When the reader was the group's last, it returns the group's encoder to close.
func (rm *room) leave(r *reader) *encoder {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	g, last := r.group, len(r.group.readers)-1
	g.readers[r.place] = g.readers[last]
	g.readers[r.place].place = r.place
	g.readers[last] = nil
	g.readers = g.readers[:last]
	if last > 0 {
		return nil
	}
	rm.groups = slices.DeleteFunc(slices.Clone(rm.groups), func(o *group) bool { return o == g })
	return g.encoder
}

// open finds out where the room stands, once, so that gaps in the notices show. Every change after that revision is given to the
// readers attached, and what a reader reads from the store after open reaches at least that far: so nothing lies between.
func (rm *room) open(ctx context.Context) error {
	if rm.standing() != unknown {
		return nil
	}
	head, err := rm.hub.store.Head(ctx, rm.id)
	if err != nil {
		return err
	}
	rm.mu.Lock()
	defer rm.mu.Unlock()
	if rm.head == unknown {
		rm.head = head
	}
	return nil
}

// advance brings the readers to the revision of a notice: the next one is in the notice, what lies between is read, what is old is
// dropped. So is everything before the room is open: who opens it reads the store later than the notice was committed.
// The error is that of a room nobody reads any more.
func (rm *room) advance(n db.Notice) error {
	head := rm.standing()
	if head == unknown {
		return nil
	}
	if c, ok := changeOf(n); ok && n.Revision == head+1 {
		rm.deliver(c)
		rm.setHead(n.Revision)
		return nil
	}
	for more := true; more && head < n.Revision; {
		changes, err := rm.missed(head)
		if err != nil {
			return err
		}
		for _, c := range changesIn(changes, head) {
			rm.deliver(c)
		}
		head, more = max(head, changes.Revision), changes.More
		rm.setHead(head)
	}
	return nil
}

func (rm *room) standing() int64 {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	return rm.head
}

func (rm *room) setHead(revision int64) {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	rm.head = revision
}

// missed reads what happened after a revision, again and again until the store answers or nobody reads any more.
func (rm *room) missed(after int64) (*db.RoomChanges, error) {
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		ctx, cancel := context.WithTimeout(rm.ctx, readTimeout)
		changes, err := rm.hub.store.Changes(ctx, rm.id, after, pageSize)
		cancel()
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

// deliver renders and encodes a change once for each audience and gives the same bytes to each of its readers. A group that comes
// while this works needs nothing from it: its readers attached after the change was committed and find it in the store.
func (rm *room) deliver(c change) {
	rm.mu.Lock()
	groups := rm.groups
	rm.mu.Unlock()
	for _, g := range groups {
		b := g.frame(c.render(rm.hub.presenter, g.audience), c.revision)
		if len(b) == 0 {
			continue
		}
		rm.mu.Lock()
		for _, r := range g.readers {
			r.push(frame{c.revision, b})
		}
		rm.mu.Unlock()
	}
}

// frame is an event as the group's readers get it; nil when there is nothing to tell them.
func (g *group) frame(e Event, id int64) []byte {
	if g.encoder == nil {
		return e.Data
	}
	return g.encoder.frame(e, id)
}
