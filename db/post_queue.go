package db

import (
	"runtime"
	"sync"
)

// postBatch is the greatest number of posts in one commit.
const postBatch = 256

// postQueue gathers posts while others are being committed. No post waits for company: the first of
// all is committed at once, those that come meanwhile together after it. One goroutine commits, and
// exists only while there is something to commit.
type postQueue struct {
	commit func([]*post)

	mu      sync.Mutex
	waiting []*post
	running bool
	ended   sync.WaitGroup
}

func (q *postQueue) add(p *post) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, p)
	if !q.running {
		q.running = true
		q.ended.Go(q.run)
	}
}

func (q *postQueue) run() {
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

// gather yields the processor to those whose posts have just been committed, for as long as any of
// them post again: they are running already, and a commit that begins before them would be for the
// first of them alone. It never sleeps.
func (q *postQueue) gather() {
	for before, now := -1, q.length(); before < now && now < postBatch; before, now = now, q.length() {
		runtime.Gosched()
	}
}

func (q *postQueue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// take returns the next batch. After an empty one the goroutine ends.
func (q *postQueue) take() []*post {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), postBatch)
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	q.running = n > 0
	return batch
}

// wait returns when nothing is being committed.
func (q *postQueue) wait() { q.ended.Wait() }
