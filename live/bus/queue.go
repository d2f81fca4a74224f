package bus

import "sync"

// queue gives what is put into it, in order, to one goroutine, which exists only while there is something. What gathers while it
// is at work it gets together.
type queue[T any] struct {
	work  func([]T)
	bound int // how much may wait; 0: no bound

	mu      sync.Mutex
	waiting []T
	running bool
	closed  bool
	ended   sync.WaitGroup
}

// put never blocks; it returns how many items were refused.
func (q *queue[T]) put(items ...T) (refused int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return len(items)
	}
	if room := q.bound - len(q.waiting); q.bound > 0 && len(items) > room {
		refused = len(items) - room
		items = items[:room]
	}
	q.waiting = append(q.waiting, items...)
	if !q.running && len(q.waiting) > 0 {
		q.running = true
		q.ended.Go(q.run)
	}
	return refused
}

func (q *queue[T]) run() {
	for items := q.take(); len(items) > 0; items = q.take() {
		q.work(items)
	}
}

// take empties the queue; with nothing in it the goroutine has to end.
func (q *queue[T]) take() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	items := q.waiting
	q.waiting, q.running = nil, len(items) > 0
	return items
}

// close refuses what comes from now on, and returns when what is there has been worked off.
func (q *queue[T]) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.ended.Wait()
}
