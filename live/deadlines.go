package live

import (
	"container/heap"
	"math"
	"sync"
	"time"
)

// instant is a point of time: nanoseconds since the hub began, by the clock that nobody sets.
type instant time.Duration

// never comes after everything else.
const never instant = math.MaxInt64

// in is the instant after d, counted from m.
func (m instant) in(d time.Duration) instant { return m + instant(d) }

// deadlines call readers at their times, with one timer for all of them: a timer for each would be a third of an idle stream.
type deadlines struct {
	began time.Time

	mu      sync.Mutex
	readers dueReaders
	timer   *time.Timer
	next    instant // when the timer goes off
}

func (d *deadlines) now() instant { return instant(time.Since(d.began)) }

// set has a reader's tick called at a time, instead of the time that was set before.
func (d *deadlines) set(r *reader, at instant) {
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
	if len(d.readers) == 0 || d.readers[0].due >= d.next {
		return
	}
	d.next = d.readers[0].due
	wait := time.Duration(d.next - d.now())
	if d.timer == nil {
		d.timer = time.AfterFunc(wait, d.run)
		return
	}
	d.timer.Reset(wait)
}

// run calls those whose time has come.
func (d *deadlines) run() {
	for _, r := range d.take() {
		r.tick()
	}
}

func (d *deadlines) take() (due []*reader) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for now := d.now(); len(d.readers) > 0 && d.readers[0].due <= now; {
		due = append(due, heap.Pop(&d.readers).(*reader))
	}
	d.next = never
	d.wind()
	return due
}

// dueReaders is a heap of readers (container/heap), the earliest first.
type dueReaders []*reader

func (q dueReaders) Len() int           { return len(q) }
func (q dueReaders) Less(i, j int) bool { return q[i].due < q[j].due }

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
