package live

import "time"

// lastWords is how long a stream that must end may take for its last write.
const lastWords = 500 * time.Millisecond

// ending is why a stream ends.
type ending int

const (
	running  ending = iota
	gone            // the client left, or a write failed
	slow            // the queue was full, or something waited in it for too long
	aged            // it lived or wrote as long as it may
	shutdown        // the hub closes
	lost            // the right has ended
	endings         // how many there are
)

func (e ending) String() string {
	return [...]string{"running", "gone", "slow", "aged", "shutdown", "lost"}[e]
}

// tick ends what has lasted too long.
func (r *reader) tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.hub.deadlines.now()
	switch {
	case r.closed:
	case len(r.queue) > 0 && now >= r.queue[0].since.in(patience):
		r.fail(slow)
	case now < r.until:
		r.wind()
	case r.ending != running && r.outlet != nil:
		r.close(true)
	case r.ending != running: // its opening ends it
	case r.expires:
		r.finish(lost, ReasonExpired)
	default:
		r.finish(aged, "")
	}
}

// end makes the stream end, soon and whatever its client does.
func (r *reader) end(why ending, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finish(why, reason)
}

// fail ends the stream at once, and says nothing more.
func (r *reader) fail(why ending) {
	if r.ending == running {
		r.ending = why
	}
	r.stop()
	r.close(r.ending == slow)
}

// finish ends the stream with its last words. One that is still opening learns of it there.
func (r *reader) finish(why ending, reason string) {
	if r.ending != running || r.closed {
		return
	}
	r.ending, r.reason = why, reason
	r.stop()
	if r.outlet != nil {
		r.conclude()
	}
}

// conclude sends the last words. Where a right was lost, what waits is not theirs to read any more; only a piece that has been begun
// is sent to its end, or nobody could read what follows.
func (r *reader) conclude() {
	limit := lastWords
	words := r.tail
	switch r.ending {
	case lost:
		if len(r.queue) > 0 {
			kept := len(r.queue[0].bytes)
			r.queue = r.queue[:1]
			if !r.queue[0].begun {
				r.queue, kept = nil, 0
			}
			r.wait(kept - r.size)
		}
		if r.group.audience.Format.events() {
			words = r.hub.farewells[r.reason]
		}
	case aged:
		limit = patience
	}
	r.until = r.hub.deadlines.now().in(limit)
	r.wind()
	r.outlet.limit(limit)
	if len(words)+len(r.head) > 0 {
		r.enqueue(words)
	}
	if !r.closed {
		r.sent()
	}
}

// close lets go of the connection. Abort is for a client that does not take what the system holds for it.
func (r *reader) close(abort bool) {
	if r.closed {
		return
	}
	r.closed = true
	r.hub.deadlines.drop(r)
	r.queue = nil
	r.wait(-r.size)
	if r.empty != nil {
		close(r.empty)
		r.empty = nil
	}
	r.outlet.close(abort)
}

// why is the reason of the stream's end.
func (r *reader) why() (ending, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ending, r.reason
}
