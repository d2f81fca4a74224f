package live

import "time"

// closeTimeout is how long a stream that must end may take for its last write.
const closeTimeout = 500 * time.Millisecond

// ending is why a stream ends.
type ending int

const (
	running      ending = iota
	disconnected        // the client left, or a write failed
	slow                // the queue was full, or something waited in it for too long
	expired             // it lived, or wrote, as long as it may
	shutdown            // the hub closes
	revoked             // its right has ended
	endings             // how many there are
)

// String returns the label in metrics.
func (e ending) String() string {
	return [...]string{"running", "gone", "slow", "aged", "shutdown", "lost"}[e]
}

// expire ends what has lasted too long. The deadlines call it, and once the handshake.
func (r *reader) expire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.hub.deadlines.now()
	switch {
	case r.closed:
	case len(r.queue) > 0 && now >= r.queue[0].since.add(patience):
		r.failLocked(slow)
	case now < r.until:
		r.armLocked()
	case r.ending != running && r.transport != nil:
		r.closeLocked(true)
	case r.ending != running: // its handshake ends it
	case r.rightExpires:
		r.finishLocked(revoked, ReasonExpired)
	default:
		r.finishLocked(expired, "")
	}
}

// end ends the stream within closeTimeout, whatever its client does. reason is that of a right
// revoked.
func (r *reader) end(why ending, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finishLocked(why, reason)
}

// failLocked ends the stream at once; nothing more is sent.
func (r *reader) failLocked(why ending) {
	if r.ending == running {
		r.ending = why
	}
	r.stop()
	r.closeLocked(r.ending == slow)
}

// finishLocked ends the stream with its close event or tail. A stream without a transport yet
// learns of it in start.
func (r *reader) finishLocked(why ending, reason string) {
	if r.ending != running || r.closed {
		return
	}
	r.ending, r.reason = why, reason
	r.stop()
	if r.transport != nil {
		r.sendCloseLocked()
	}
}

// sendCloseLocked sends the close event where a right was revoked, else the tail, and closes the
// stream when it is sent, or its time is over: patience at the end of a lifetime, else
// closeTimeout.
func (r *reader) sendCloseLocked() {
	limit := closeTimeout
	last := r.tail
	switch r.ending {
	case revoked:
		r.dropUnreadableLocked()
		if r.group.audience.Format.events() {
			last = r.hub.closeFrames[r.reason]
		}
	case expired:
		limit = patience
	}
	r.until = r.hub.deadlines.now().add(limit)
	r.armLocked()
	r.transport.limit(limit)
	if len(last)+len(r.head) > 0 {
		r.enqueueLocked(last)
	}
	if !r.closed {
		r.drainedLocked()
	}
}

// dropUnreadableLocked drops what waits for a reader that may not read it any more, but for a piece
// of which a part was sent.
func (r *reader) dropUnreadableLocked() {
	if len(r.queue) == 0 {
		return
	}
	rest := 0
	if r.queue[0].begun {
		r.queue, rest = r.queue[:1], len(r.queue[0].bytes)
	} else {
		r.queue = nil
	}
	r.countLocked(rest - r.size)
}

// closeLocked closes the transport, once. abort is for a client that does not take what the system
// holds for it.
func (r *reader) closeLocked(abort bool) {
	if r.closed {
		return
	}
	r.closed = true
	r.hub.deadlines.drop(r)
	r.queue = nil
	r.countLocked(-r.size)
	r.wakeLocked()
	r.transport.close(abort)
}

// why returns why the stream ended, or running.
func (r *reader) why() (why ending, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ending, r.reason
}
