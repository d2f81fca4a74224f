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

// outlet is where a reader's bytes leave: a socket that is written to without waiting, or a ResponseWriter with a goroutine.
// All methods but settle are called under reader.mu and never wait.
type outlet interface {
	// start begins the response; from now on it may ask for more, or tell that the client has left.
	start()
	// send takes what it can of b and returns how much; the rest it asks for, with reader.drain or reader.take, when it can be sent.
	send(b []byte) (int, error)
	// limit gives a write that is under way so much time.
	limit(time.Duration)
	// settle waits until a channel is closed, which happens when nothing waits any more.
	settle(empty <-chan struct{})
	// close lets go of the connection; abort throws away what the system holds for it. Nothing is called after it.
	close(abort bool)
}

// reader is one open stream. It has no goroutine: whoever has something for it pushes; what its outlet does not take at once waits.
type reader struct {
	hub   *Hub
	user  *user
	room  *room
	group *group
	// session, token and epoch are of the right it came with.
	session      string
	token, epoch int64
	tail         []byte // for a polite end
	conn         conn   // the outlet where it is a socket: one object less for each stream
	// expires tells that the right ends at until, not the stream's life.
	expires bool

	seat  int32   // in group.readers, or standing; under group.seats
	skip  int32   // how much of group.pending it has already; under group.seats
	place int32   // in user.streams, or standing; under Hub.mu
	stale bool    // its list of rooms is not what it was told; under Hub.mu
	turn  int32   // in the heap of deadlines, or standing; under deadlines.mu
	due   instant // when it is called; under deadlines.mu

	mu     sync.Mutex
	outlet outlet  // nil until the headers are written
	until  instant // it ends, or with an ending its last words must have been sent
	head   []byte  // goes before the first bytes, whoever pushes them
	queue  []piece
	size   int   // of the queue, in bytes
	left   int64 // bytes until the end of its size; unbounded: without limit
	ending ending
	reason string        // for lost
	closed bool          // the outlet is not ours any more
	empty  chan struct{} // closed when nothing waits; nil: nobody asks
	stop   func()        // gives up what opening waits for
}

// standing is the place of a reader that is not in a list.
const standing = -1

// piece is something that waits in a reader's queue.
type piece struct {
	bytes []byte
	since instant
	begun bool // a part has been sent
}

// right is what the reader came with.
func (r *reader) right() db.Right {
	return db.Right{UserID: r.user.id, Room: r.room.id, Session: r.session, Token: r.token, Epoch: r.epoch}
}

// begin gives an open reader its outlet. False: the stream has ended before, and has said its last words.
func (r *reader) begin(out outlet) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outlet = out
	out.start()
	if r.ending == running {
		return true
	}
	r.conclude()
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
	if r.ending != running || r.outlet == nil || len(b)+len(r.head) == 0 {
		return
	}
	if n := len(r.queue); n > 0 && (n >= queueFrames || r.size+len(b) > queueBytes) {
		r.fail(slow)
		return
	}
	r.enqueue(b)
	if r.left -= int64(len(b)); r.left <= 0 {
		r.finish(aged, "")
	}
}

// enqueue sends bytes, or the rest of them waits.
func (r *reader) enqueue(b []byte) {
	if len(r.head) > 0 {
		b = append(r.head, b...)
		r.head = nil
	}
	begun := false
	if len(r.queue) == 0 {
		n, err := r.outlet.send(b)
		if err != nil {
			r.fail(gone)
			return
		}
		if n == len(b) {
			return
		}
		b, begun = b[n:], n > 0
	}
	r.queue = append(r.queue, piece{b, r.hub.deadlines.now(), begun})
	r.wait(len(b))
	if len(r.queue) == 1 {
		r.wind()
	}
}

// wait counts bytes that wait, or do not any more.
func (r *reader) wait(by int) {
	r.size += by
	r.hub.metrics.waiting.Add(float64(by))
}

// drain sends what waits, as far as the outlet takes it.
func (r *reader) drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.outlet == nil {
		return
	}
	for len(r.queue) > 0 {
		first := &r.queue[0]
		n, err := r.outlet.send(first.bytes)
		if err != nil {
			r.fail(gone)
			return
		}
		r.wait(-n)
		if n < len(first.bytes) {
			first.bytes, first.begun = first.bytes[n:], first.begun || n > 0
			return
		}
		*first = piece{}
		r.queue = r.queue[1:]
	}
	r.sent()
}

// take hands over all that waits, to be written within the reader's patience. Nothing is left when sent is called.
func (r *reader) take() []piece {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending == running {
		r.outlet.limit(patience)
	}
	pieces := r.queue
	r.queue = nil
	r.wait(-r.size)
	return pieces
}

// sent is called when the last piece has left.
func (r *reader) sent() {
	if len(r.queue) > 0 {
		return
	}
	r.queue = nil
	if r.empty != nil {
		close(r.empty)
		r.empty = nil
	}
	if r.ending != running {
		r.close(false)
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
	r.outlet.settle(empty)
}

// wind has the reader called when something may be due.
func (r *reader) wind() {
	next := r.until
	if len(r.queue) > 0 {
		next = min(next, r.queue[0].since.in(patience))
	}
	r.hub.deadlines.set(r, next)
}
