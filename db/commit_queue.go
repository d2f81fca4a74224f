package db

import (
	"runtime"
	"sync"
)

// commitBatch is the greatest number of writes in one commit.
const commitBatch = 256

// commitQueue gathers writes while others are being committed. None waits for company: the first of
// all is committed at once, those that come meanwhile together after it. One goroutine commits, and
// exists only while there is something to commit.
type commitQueue[Write any] struct {
	commit func([]Write)

	mu      sync.Mutex
	waiting []Write
	running bool
	ended   sync.WaitGroup
}

func (q *commitQueue[Write]) add(w Write) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, w)
	if !q.running {
		q.running = true
		q.ended.Go(q.run)
	}
}

func (q *commitQueue[Write]) run() {
	for {
		batch := q.take()
		if len(batch) == 0 {
			return
		}
		q.commit(batch)
		if len(batch) > 1 {
			q.gather()
		}
	}
}

// gather yields the processor to those whose writes have just been committed, for as long as any of
// them write again: they are running already, and a commit that begins before them would be for the
// first of them alone. It never sleeps.
func (q *commitQueue[Write]) gather() {
	for before, now := -1, q.length(); before < now && now < commitBatch; before, now = now, q.length() {
		runtime.Gosched()
	}
}

func (q *commitQueue[Write]) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// take returns the next batch. After an empty one the goroutine ends.
func (q *commitQueue[Write]) take() []Write {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), commitBatch)
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	q.running = n > 0
	return batch
}

// wait returns when nothing is being committed.
func (q *commitQueue[Write]) wait() { q.ended.Wait() }
