package live

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// queueFrames and queueBytes bound what waits for one reader. One frame fits always, however big it is.
	queueFrames = 1024
	queueBytes  = 1 << 20
	// keptFrames is how long a queue's memory may be to be kept for the next frames.
	keptFrames = 16
	// writeTimeout is how long one write may take.
	writeTimeout = 10 * time.Second
	// lastWords is how long a stream that must end may take for its last write.
	lastWords = 500 * time.Millisecond
)

// ending is why a stream ends.
type ending int

const (
	running  ending = iota
	gone            // the client left, or a write failed
	slow            // the queue was full
	aged            // it lived or wrote as long as it may
	shutdown        // the hub closes
	lost            // the right has ended
)

func (e ending) String() string {
	return [...]string{"running", "gone", "slow", "aged", "shutdown", "lost"}[e]
}

// frame is what one change is on the wire.
type frame struct {
	revision int64
	bytes    []byte
}

// reader is one open stream. One goroutine, that of the request's handler, writes it.
type reader struct {
	hub        *Hub
	sub        Subscription
	writer     http.ResponseWriter
	controller *http.ResponseController
	ctx        context.Context // ends with the request, or when the stream must end
	stop       context.CancelFunc
	wake       chan struct{} // there is something to write

	user  *user
	room  *room
	group *group
	place int  // in group.readers; under room.mu
	stale bool // its list of rooms is not what it was told; under Hub.mu

	// Of the writing goroutine alone.
	position int64 // the newest revision written
	caughtUp bool  // what is in the queue follows what was written
	written  int64
	spoke    time.Time
	until    time.Time
	spare    []frame

	mu     sync.Mutex
	live   bool // frames are taken
	queue  []frame
	size   int
	rooms  []byte // the newest unread event; an older one need not be sent
	ending ending
	reason string // for lost
	done   bool   // the handler returns: the ResponseWriter is not ours any more
}

func newReader(h *Hub, w http.ResponseWriter, r *http.Request, s Subscription) *reader {
	ctx, stop := context.WithCancel(r.Context())
	return &reader{
		hub: h, sub: s, writer: w, controller: http.NewResponseController(w),
		ctx: ctx, stop: stop, wake: make(chan struct{}, 1),
		until: time.Now().Add(s.Audience.Format.lifetime()),
	}
}

// push adds a frame to the queue. A reader whose queue is full is disconnected: it resumes from its cursor.
func (r *reader) push(f frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.live || r.ending != running {
		return
	}
	if n := len(r.queue); n > 0 && (n == queueFrames || r.size+len(f.bytes) > queueBytes) {
		r.endLocked(slow, "")
		return
	}
	r.queue = append(r.queue, f)
	r.size += len(f.bytes)
	r.ring()
}

// tell replaces the unread event that waits.
func (r *reader) tell(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rooms = b
	r.ring()
}

func (r *reader) ring() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// listen starts or stops taking frames into the queue, which is empty at first.
func (r *reader) listen(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live, r.queue, r.size = on, nil, 0
}

// take empties the queue.
func (r *reader) take() (frames []frame, rooms []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	frames, rooms = r.queue, r.rooms
	r.queue, r.size, r.rooms = r.spare[:0], 0, nil
	r.spare = nil
	return frames, rooms
}

// giveBack keeps the memory of a short queue for the next frames.
func (r *reader) giveBack(frames []frame) {
	if cap(frames) <= keptFrames {
		clear(frames)
		r.spare = frames
	}
}

// end makes the stream end, by its own goroutine and soon: a write that hangs fails.
func (r *reader) end(why ending, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endLocked(why, reason)
}

func (r *reader) endLocked(why ending, reason string) {
	if r.ending != running || r.done {
		return
	}
	r.ending, r.reason = why, reason
	limit := time.Now()
	switch why {
	case slow:
	case aged:
		limit = limit.Add(writeTimeout)
	default:
		limit = limit.Add(lastWords)
	}
	r.controller.SetWriteDeadline(limit) // not supported: then nothing else can be done either
	r.stop()
}

// why is the reason of the stream's end.
func (r *reader) why() (ending, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ending, r.reason
}

// extend gives the writes that follow their time, unless the stream ends: then the deadline stays where it was put.
func (r *reader) extend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending == running {
		r.controller.SetWriteDeadline(time.Now().Add(writeTimeout))
	}
}

// finished lets go of the ResponseWriter.
func (r *reader) finished() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = true
}

// write puts bytes into the response; flush sends them.
func (r *reader) write(b []byte) error {
	n, err := r.writer.Write(b)
	r.written += int64(n)
	return err
}

func (r *reader) flush() error {
	r.spoke = time.Now()
	return r.controller.Flush()
}
