package live

import (
	"cmp"
	"slices"
	"sync"

	"sarangbang/db"
)

// pendingBound is how many notices of a room wait; when there are more, only the newest revision is kept and the rest is read.
const pendingBound = 512

// inbox is the notices of a room that wait for its worker, a goroutine that exists only while there are any. It has a lock of its
// own, so that a notice waits for nothing else.
type inbox struct {
	mu      sync.Mutex
	pending []db.Notice
	working bool
}

// put adds a notice. True: no worker is at it, and one has to be made.
func (in *inbox) put(n db.Notice) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.pending) == pendingBound {
		newest := slices.MaxFunc(in.pending, byRevision)
		in.pending = []db.Notice{{Room: newest.Room, Revision: newest.Revision}}
	}
	in.pending = append(in.pending, n)
	idle := !in.working
	in.working = true
	return idle
}

// drain empties the inbox; when it is empty already, the worker that asks is done.
func (in *inbox) drain() []db.Notice {
	in.mu.Lock()
	defer in.mu.Unlock()
	notices := in.pending
	in.pending, in.working = nil, len(in.pending) > 0
	slices.SortStableFunc(notices, byRevision) // commits that end together tell of themselves in any order
	return notices
}

func byRevision(a, b db.Notice) int { return cmp.Compare(a.Revision, b.Revision) }

// work works off what is pending, and ends when there is nothing left or nobody reads any more.
func (rm *room) work() {
	for notices := rm.inbox.drain(); len(notices) > 0; notices = rm.inbox.drain() {
		if rm.advance(notices) != nil {
			return
		}
	}
}
