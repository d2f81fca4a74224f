package live

import (
	"sync"
	"time"

	"sarangbang/db"
)

const (
	// queueFrames and queueBytes bound what waits for one reader. One piece fits always, however big it is.
	queueFrames = 1024
	queueBytes  = 1 << 20
	// patience is how long a piece may wait until the reader has taken it.
	patience = 10 * time.Second
)

// transport is where a reader's bytes leave: a socket that is written to without waiting, or a ResponseWriter with a goroutine.
// All methods but settle are called under reader.mu and never wait.
type transport interface {
	// start begins the response; from now on it may ask for more, or tell that the client has left.
	start()
	// send takes what it can of b and returns how much; the rest it asks for, with reader.drain or reader.dequeueAll, when it can be sent.
	send(b []byte) (int, error)
	// limit gives a write that is under way so much time.
	limit(time.Duration)
	// settle waits until a channel is closed, which happens when nothing waits any more.
	settle(empty <-chan struct{})
	// close lets go of the connection; abort throws away what the system holds for it. Nothing is called after it.
	close(abort bool)
}

// reader is one open stream. It has no goroutine: whoever has something for it pushes; what its transport does not take at once waits.
type reader struct {
	hub   *Hub
	user  *user
	room  *room
	group *group
	// session, token and epoch are of the right it came with.
	session      string
	token, epoch int64
	tail         []byte          // for a polite end
	socket       socketTransport // the transport where it is a socket: one object less for each stream
	// expires tells that the right ends at until, not the stream's life.
	rightExpires bool

	index     int32    // in group.readers, or noIndex; under group.deliverMu
	skip      int32    // how much of group.pending it has already; under group.deliverMu
	userIndex int32    // in user.streams, or noIndex; under Hub.mu
	stale     bool     // its list of rooms is not what it was told; under Hub.mu
	heapIndex int32    // in the heap of deadlines, or noIndex; under deadlines.mu
	due       monotime // when it is called; under deadlines.mu

	mu        sync.Mutex
	transport transport // nil until the headers are written
	until     monotime  // it ends, or with an ending its last words must have been sent
	head      []byte    // goes before the first bytes, whoever pushes them
	queue     []piece
	size      int   // of the queue, in bytes
	left      int64 // bytes until the end of its size; unbounded: without limit
	ending    ending
	reason    string        // for lost
	closed    bool          // the transport is not ours any more
	empty     chan struct{} // closed when nothing waits; nil: nobody asks
	stop      func()        // gives up what opening waits for
}

// noIndex is the place of a reader that is not in a list.
const noIndex = -1

// piece is something that waits in a reader's queue.
type piece struct {
	bytes []byte
	since monotime
	begun bool // a part has been sent
}

// right is what the reader came with.
func (r *reader) right() db.Right {
	return db.Right{UserID: r.user.id, Room: r.room.id, Session: r.session, Token: r.token, Epoch: r.epoch}
}

// begin gives an open reader its transport. False: the stream has ended before, and has said its last words.
func (r *reader) begin(out transport) bool {
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

// opened lets go of what opening needed.
func (r *reader) opened() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop = func() {}
}

// push sends bytes, or keeps them until they can be sent. A reader that has too much waiting is disconnected: it resumes from its cursor.
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

// enqueueLocked sends bytes, or the rest of them waits.
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

// countLocked counts bytes that wait, or do not any more.
func (r *reader) countLocked(by int) {
	r.size += by
	r.hub.metrics.waiting.Add(float64(by))
}

// drain sends what waits, as far as the transport takes it.
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

// dequeueAll hands over all that waits, to be written within the reader's patience. Nothing is left when sent is called.
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

// drainedLocked is called when the last piece has left.
func (r *reader) drainedLocked() {
	if len(r.queue) > 0 {
		return
	}
	r.queue = nil
	if r.empty != nil {
		close(r.empty)
		r.empty = nil
	}
	if r.ending != running {
		r.closeLocked(false)
	}
}

// settle waits until the reader has taken all that was pushed.
func (r *reader) settle() {
	r.mu.Lock()
	if len(r.queue) == 0 || r.closed {
		r.mu.Unlock()
		return
	}
	empty := make(chan struct{})
	r.empty = empty
	r.mu.Unlock()
	r.transport.settle(empty)
}

// armLocked has the reader called when something may be due.
func (r *reader) armLocked() {
	next := r.until
	if len(r.queue) > 0 {
		next = min(next, r.queue[0].since.add(patience))
	}
	r.hub.deadlines.set(r, next)
}
