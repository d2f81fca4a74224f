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
	expired             // it lived or wrote as long as it may
	shutdown            // the hub closes
	revoked             // the right has ended
	endings             // how many there are
)

func (e ending) String() string {
	return [...]string{"running", "gone", "slow", "aged", "shutdown", "lost"}[e]
}

// expire ends what has lasted too long.
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
	case r.ending != running: // its opening ends it
	case r.rightExpires:
		r.finishLocked(revoked, ReasonExpired)
	default:
		r.finishLocked(expired, "")
	}
}

// end makes the stream end, soon and whatever its client does.
func (r *reader) end(why ending, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finishLocked(why, reason)
}

// failLocked ends the stream at once, and says nothing more.
func (r *reader) failLocked(why ending) {
	if r.ending == running {
		r.ending = why
	}
	r.stop()
	r.closeLocked(r.ending == slow)
}

// finishLocked ends the stream with its last words. One that is still opening learns of it there.
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

// sendCloseLocked sends the last words. Where a right was lost, what waits is not theirs to read any more; only a piece that has been begun
// is sent to its end, or nobody could read what follows.
func (r *reader) sendCloseLocked() {
	limit := closeTimeout
	words := r.tail
	switch r.ending {
	case revoked:
		if len(r.queue) > 0 {
			kept := len(r.queue[0].bytes)
			r.queue = r.queue[:1]
			if !r.queue[0].begun {
				r.queue, kept = nil, 0
			}
			r.countLocked(kept - r.size)
		}
		if r.group.audience.Format.events() {
			words = r.hub.closeFrames[r.reason]
		}
	case expired:
		limit = patience
	}
	r.until = r.hub.deadlines.now().add(limit)
	r.armLocked()
	r.transport.limit(limit)
	if len(words)+len(r.head) > 0 {
		r.enqueueLocked(words)
	}
	if !r.closed {
		r.drainedLocked()
	}
}

// closeLocked lets go of the connection. Abort is for a client that does not take what the system holds for it.
func (r *reader) closeLocked(abort bool) {
	if r.closed {
		return
	}
	r.closed = true
	r.hub.deadlines.drop(r)
	r.queue = nil
	r.countLocked(-r.size)
	if r.empty != nil {
		close(r.empty)
		r.empty = nil
	}
	r.transport.close(abort)
}

// why is the reason of the stream's end.
func (r *reader) why() (ending, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ending, r.reason
}
