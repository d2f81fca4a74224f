package live

import (
	"cmp"
	"slices"
	"sync"

	"sarangbang/db"
)

// pendingBound is how many notices of a room wait at most. With one more, only the newest revision
// is kept of them, and the changes are read from the store.
const pendingBound = 512

// inbox holds the notices of a room that wait for its worker (room.work). Its own lock is held for
// moments, so that Notify never waits for a room's fan-out.
type inbox struct {
	mu      sync.Mutex
	pending []db.Notice
	working bool // the worker exists, or is about to
}

// put adds a notice. It reports whether the caller has to start the worker.
func (in *inbox) put(n db.Notice) (start bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.pending) == pendingBound {
		newest := slices.MaxFunc(in.pending, byRevision)
		in.pending = []db.Notice{{Room: newest.Room, Revision: newest.Revision}}
	}
	in.pending = append(in.pending, n)
	start = !in.working
	in.working = true
	return start
}

// drain returns what is pending, by revision, since commits that end together give notice in any
// order. Nothing pending ends the worker, who is the only caller.
func (in *inbox) drain() []db.Notice {
	in.mu.Lock()
	defer in.mu.Unlock()
	notices := in.pending
	in.pending, in.working = nil, len(in.pending) > 0
	slices.SortStableFunc(notices, byRevision)
	return notices
}

func byRevision(a, b db.Notice) int { return cmp.Compare(a.Revision, b.Revision) }
