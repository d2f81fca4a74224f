package bus

import "sync"

// queue passes items, in order, to one goroutine, which exists only while there are any. Items that
// arrive while handle runs are handled together by its next call.
type queue[T any] struct {
	handle func([]T)
	bound  int // how many items may wait; 0: any number

	mu      sync.Mutex // guards waiting, running and closed
	waiting []T
	running bool
	closed  bool

	workers sync.WaitGroup
}

// put queues items and returns how many of the last were refused, because the queue is full or
// closed. It never blocks.
func (q *queue[T]) put(items ...T) (refused int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return len(items)
	}
	if space := q.bound - len(q.waiting); q.bound > 0 && len(items) > space {
		refused = len(items) - space
		items = items[:space]
	}
	q.waiting = append(q.waiting, items...)
	if !q.running && len(q.waiting) > 0 {
		q.running = true
		q.workers.Go(q.work)
	}
	return refused
}

func (q *queue[T]) work() {
	for items := q.next(); len(items) > 0; items = q.next() {
		q.handle(items)
	}
}

// next empties the queue. When it returns nothing, the goroutine must end: put starts another one.
func (q *queue[T]) next() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	items := q.waiting
	q.waiting, q.running = nil, len(items) > 0
	return items
}

// close refuses further items and returns when the waiting ones have been handled.
func (q *queue[T]) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.workers.Wait()
}
