package live

import (
	"container/heap"
	"math"
	"sync"
	"time"
)

// monotime is a point of time: nanoseconds since the hub began, by the clock that nobody sets.
type monotime time.Duration

// maxMonotime comes after everything else.
const maxMonotime monotime = math.MaxInt64

// in is the monotime after d, counted from m.
func (m monotime) add(d time.Duration) monotime { return m + monotime(d) }

// deadlines call readers at their times, with one timer for all of them: a timer for each would be a third of an idle stream.
type deadlines struct {
	began time.Time

	mu      sync.Mutex
	readers dueReaders
	timer   *time.Timer
	next    monotime // when the timer goes off
}

func (d *deadlines) now() monotime { return monotime(time.Since(d.began)) }

// set has a reader's tick called at a time, instead of the time that was set before.
func (d *deadlines) set(r *reader, at monotime) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r.due = at
	if r.heapIndex == noIndex {
		heap.Push(&d.readers, r)
	} else {
		heap.Fix(&d.readers, int(r.heapIndex))
	}
	d.armLocked()
}

// drop forgets a reader.
func (d *deadlines) drop(r *reader) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.heapIndex != noIndex {
		heap.Remove(&d.readers, int(r.heapIndex))
	}
}

// armLocked makes the timer go off early enough; that it does so for nobody does no harm. Under mu.
func (d *deadlines) armLocked() {
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
	for _, r := range d.popDue() {
		r.expire()
	}
}

func (d *deadlines) popDue() (due []*reader) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for now := d.now(); len(d.readers) > 0 && d.readers[0].due <= now; {
		due = append(due, heap.Pop(&d.readers).(*reader))
	}
	d.next = maxMonotime
	d.armLocked()
	return due
}

// dueReaders is a heap of readers (container/heap), the earliest first.
type dueReaders []*reader

func (q dueReaders) Len() int           { return len(q) }
func (q dueReaders) Less(i, j int) bool { return q[i].due < q[j].due }

func (q dueReaders) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].heapIndex, q[j].heapIndex = int32(i), int32(j)
}

func (q *dueReaders) Push(r any) {
	r.(*reader).heapIndex = int32(len(*q))
	*q = append(*q, r.(*reader))
}

func (q *dueReaders) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	r.heapIndex = noIndex
	return r
}
