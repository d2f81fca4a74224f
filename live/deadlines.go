package live

import (
	"container/heap"
	"math"
	"sync"
	"time"
)

// deadlines call readers at their times, with one timer for all of them: a timer for each would be a third of an idle stream.
type deadlines struct {
	mu      sync.Mutex
	readers dueReaders
	timer   *time.Timer
	next    time.Time // when the timer goes off; far away: never
}

// never is when no timer goes off.
var never = time.Unix(math.MaxInt32, 0)

// set has a reader's tick called at a time, instead of the time that was set before.
func (d *deadlines) set(r *reader, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r.due = at
	if r.turn == standing {
		heap.Push(&d.readers, r)
	} else {
		heap.Fix(&d.readers, int(r.turn))
	}
	d.wind()
}

// drop forgets a reader.
func (d *deadlines) drop(r *reader) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.turn != standing {
		heap.Remove(&d.readers, int(r.turn))
	}
}

// wind makes the timer go off early enough; that it does so for nobody does no harm. Under mu.
func (d *deadlines) wind() {
	if len(d.readers) == 0 || !d.readers[0].due.Before(d.next) {
		return
	}
	d.next = d.readers[0].due
	if d.timer == nil {
		d.timer = time.AfterFunc(time.Until(d.next), d.run)
		return
	}
	d.timer.Reset(time.Until(d.next))
}

// run calls those whose time has come.
func (d *deadlines) run() {
	for _, r := range d.take(time.Now()) {
		r.tick()
	}
}

func (d *deadlines) take(now time.Time) (due []*reader) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.readers) > 0 && !d.readers[0].due.After(now) {
		due = append(due, heap.Pop(&d.readers).(*reader))
	}
	d.next = never
	d.wind()
	return due
}

// dueReaders is a heap of readers (container/heap), the earliest first.
type dueReaders []*reader

func (q dueReaders) Len() int           { return len(q) }
func (q dueReaders) Less(i, j int) bool { return q[i].due.Before(q[j].due) }

func (q dueReaders) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].turn, q[j].turn = int32(i), int32(j)
}

func (q *dueReaders) Push(r any) {
	r.(*reader).turn = int32(len(*q))
	*q = append(*q, r.(*reader))
}

func (q *dueReaders) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	r.turn = standing
	return r
}
