package live

import (
	"math"
	"sync"
	"time"

	"sarangbang/db"
)

const (
	// queueFrames and queueBytes bound what waits for one reader. One piece fits always, however
	// big it is.
	queueFrames = 1024
	queueBytes  = 1 << 20
	// patience is how long a piece may wait until the client's system has taken it.
	patience = 10 * time.Second
)

// reader is one open stream. It has no goroutine: whoever has something for it calls push, which
// sends it; what its transport does not take at once waits in the queue.
//
// There is one for each stream, so its size counts: see TestReader_IsSmall.
type reader struct {
	hub    *Hub
	user   *user
	room   *room
	group  *group
	socket socketTransport // the transport where it is a socket: one object less for each stream
	tail   []byte          // Subscription.Tail
	// session, token and epoch are of the right it came with. rightExpires tells that this right
	// ends at until, rather than the stream's lifetime.
	session      string
	token, epoch int64
	rightExpires bool
	// scarce and brief are set when it is registered; see Subscription.Scarce. Only lasting
	// streams are scarce.
	scarce, brief bool

	delivery struct { // guarded by group.deliverMu
		index int32 // in group.readers, or noIndex
		skip  int32 // how much of group.pending the reader has already, in bytes
	}
	listing struct { // guarded by Hub.mu
		index    int32 // in user.streams, or noIndex
		stale    bool  // its list of rooms is not what it was told last
		partners bool  // who is online in direct rooms is to be told
	}
	timing struct { // guarded by deadlines.mu
		index    int32    // in the heap of deadlines, or noIndex
		deadline monotime // when expire is called
	}

	mu        sync.Mutex
	transport transport // nil until the headers are written
	until     monotime  // when the stream ends; once ending is set, when the connection is closed
	head      []byte    // goes before the first bytes, whoever pushes them
	queue     []piece
	size      int   // of the queue, in bytes
	left      int64 // bytes until Subscription.Bytes are used up
	ending    ending
	reason    string        // in EventClose, if a right was revoked
	closed    bool          // the transport has been closed
	drained   chan struct{} // closed when the queue is empty; nil: nobody waits for that
	stop      func()        // gives up what the handshake waits for
}

// noIndex is the index of a reader that is not in a list.
const noIndex = -1

// piece is something that waits in a reader's queue.
type piece struct {
	bytes []byte
	since monotime
	begun bool // a part has been sent: the rest must follow, or nobody could read what comes after it
}

// newReader makes a reader that ends with its right, and at the latest with the lifetime of its
// format. stop gives up what its handshake waits for.
func newReader(h *Hub, s Subscription, stop func()) *reader {
	r := &reader{
		hub: h, session: s.Session, token: s.Token, epoch: s.Epoch, tail: s.Tail, left: math.MaxInt64, stop: stop,
	}
	r.delivery.index, r.listing.index, r.timing.index = noIndex, noIndex, noIndex
	if s.Bytes > 0 {
		r.left = s.Bytes
	}
	life := s.Audience.Format.lifetime()
	if !s.Expires.IsZero() && time.Until(s.Expires) < life {
		life, r.rightExpires = time.Until(s.Expires), true
	}
	r.until = h.deadlines.now().add(life)
	h.deadlines.set(r, r.until)
	return r
}

// right returns what the reader came with.
func (r *reader) right() db.Right {
	return db.Right{UserID: r.user.id, Room: r.room.id, Session: r.session, Token: r.token, Epoch: r.epoch}
}

// wantsUnread reports whether the stream carries unread events.
func (r *reader) wantsUnread() bool { return r.group.audience.Format.events() }

// start gives the reader its transport and starts it. It reports false when the stream has ended
// before; the close event has been sent then.
func (r *reader) start(out transport) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.transport = out
	out.start()
	if r.ending == running {
		return true
	}
	r.sendCloseLocked()
	return false
}

// handshakeDone lets go of what the handshake needed. A brief stream ends soon after.
func (r *reader) handshakeDone() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop = func() {}
	if r.brief && r.ending == running && !r.closed {
		r.until, r.rightExpires = r.hub.deadlines.now().add(briefly), false
		r.armLocked()
	}
}

// push sends bytes, or queues what cannot be sent yet; the caller must not change them any more. A
// reader for whom too much waits is cut: it comes back with its cursor.
func (r *reader) push(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending != running || r.transport == nil || len(b)+len(r.head) == 0 {
		return
	}
	if n := len(r.queue); n > 0 && (n >= queueFrames || r.size+len(b) > queueBytes) {
		r.failLocked(slow)
		return
	}
	r.enqueueLocked(b)
	if r.left -= int64(len(b)); r.left <= 0 {
		r.finishLocked(expired, "")
	}
}

// enqueueLocked sends bytes when nothing waits before them, and queues the rest.
func (r *reader) enqueueLocked(b []byte) {
	if len(r.head) > 0 {
		b = append(r.head, b...)
		r.head = nil
	}
	begun := false
	if len(r.queue) == 0 {
		n, err := r.transport.send(b)
		if err != nil {
			r.failLocked(disconnected)
			return
		}
		if n == len(b) {
			return
		}
		b, begun = b[n:], n > 0
	}
	r.queue = append(r.queue, piece{b, r.hub.deadlines.now(), begun})
	r.countLocked(len(b))
	if len(r.queue) == 1 {
		r.armLocked()
	}
}

// countLocked adds to the bytes that wait, here and in the metrics.
func (r *reader) countLocked(bytes int) {
	r.size += bytes
	r.hub.metrics.waiting.Add(float64(bytes))
}

// drain sends what waits, as far as the transport takes it. Transports call it when they can take
// more.
func (r *reader) drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.transport == nil {
		return
	}
	for len(r.queue) > 0 {
		first := &r.queue[0]
		n, err := r.transport.send(first.bytes)
		if err != nil {
			r.failLocked(disconnected)
			return
		}
		r.countLocked(-n)
		if n < len(first.bytes) {
			first.bytes, first.begun = first.bytes[n:], first.begun || n > 0
			return
		}
		*first = piece{}
		r.queue = r.queue[1:]
	}
	r.drainedLocked()
}

// dequeueAll hands over all that waits, to be written within patience; the transport calls
// drainedLocked when it has written everything and the queue is still empty.
func (r *reader) dequeueAll() []piece {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending == running {
		r.transport.limit(patience)
	}
	pieces := r.queue
	r.queue = nil
	r.countLocked(-r.size)
	return pieces
}

// drainedLocked is called when everything has been sent: it wakes the handshake, and closes a
// stream that ends. It does nothing when more waits by now.
func (r *reader) drainedLocked() {
	if len(r.queue) > 0 {
		return
	}
	r.queue = nil
	r.wakeLocked()
	if r.ending != running {
		r.closeLocked(false)
	}
}

// wakeLocked wakes who is waiting in awaitDrained.
func (r *reader) wakeLocked() {
	if r.drained != nil {
		close(r.drained)
		r.drained = nil
	}
}

// awaitDrained waits until the transport has taken all that was pushed, or the reader is closed.
func (r *reader) awaitDrained() {
	r.mu.Lock()
	if len(r.queue) == 0 || r.closed {
		r.mu.Unlock()
		return
	}
	drained := make(chan struct{})
	r.drained = drained
	r.mu.Unlock()
	r.transport.awaitDrained(drained)
}

// armLocked sets the deadline: until, or when the first piece of the queue will have waited for
// patience, whichever is earlier.
func (r *reader) armLocked() {
	next := r.until
	if len(r.queue) > 0 {
		next = min(next, r.queue[0].since.add(patience))
	}
	r.hub.deadlines.set(r, next)
}
