package live

import (
	"container/heap"
	"math"
	"sync"
	"time"
)

// monotime is a point of time: nanoseconds since the hub began, by the monotonic clock.
type monotime time.Duration

// maxMonotime comes after everything else.
const maxMonotime monotime = math.MaxInt64

// add returns the time d after m.
func (m monotime) add(d time.Duration) monotime { return m + monotime(d) }

// deadlines calls readers at their times, with one timer for all of them: a timer for each would be
// a third of an idle stream's memory.
type deadlines struct {
	began time.Time

	mu      sync.Mutex
	readers deadlineHeap
	timer   *time.Timer
	next    monotime // when the timer goes off
}

func (d *deadlines) now() monotime { return monotime(time.Since(d.began)) }

// set replaces a reader's deadline. At that time a goroutine of its own calls the reader's expire,
// without locks.
func (d *deadlines) set(r *reader, at monotime) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r.timing.deadline = at
	if r.timing.index == noIndex {
		heap.Push(&d.readers, r)
	} else {
		heap.Fix(&d.readers, int(r.timing.index))
	}
	d.armLocked()
}

// drop forgets a reader.
func (d *deadlines) drop(r *reader) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.timing.index != noIndex {
		heap.Remove(&d.readers, int(r.timing.index))
	}
}

// armLocked makes the timer go off early enough for the first reader. It may go off for nobody.
func (d *deadlines) armLocked() {
	if len(d.readers) == 0 || d.readers[0].timing.deadline >= d.next {
		return
	}
	d.next = d.readers[0].timing.deadline
	wait := time.Duration(d.next - d.now())
	if d.timer == nil {
		d.timer = time.AfterFunc(wait, d.run)
		return
	}
	d.timer.Reset(wait)
}

// run calls the readers whose time has come.
func (d *deadlines) run() {
	for _, r := range d.popDue() {
		r.expire()
	}
}

// popDue returns the readers whose time has come, and forgets them.
func (d *deadlines) popDue() (due []*reader) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for now := d.now(); len(d.readers) > 0 && d.readers[0].timing.deadline <= now; {
		due = append(due, heap.Pop(&d.readers).(*reader))
	}
	d.next = maxMonotime
	d.armLocked()
	return due
}

// deadlineHeap is a heap of readers (container/heap), the earliest deadline first.
type deadlineHeap []*reader

func (q deadlineHeap) Len() int { return len(q) }

func (q deadlineHeap) Less(i, j int) bool { return q[i].timing.deadline < q[j].timing.deadline }

func (q deadlineHeap) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].timing.index, q[j].timing.index = int32(i), int32(j)
}

func (q *deadlineHeap) Push(r any) {
	r.(*reader).timing.index = int32(len(*q))
	*q = append(*q, r.(*reader))
}

func (q *deadlineHeap) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	r.timing.index = noIndex
	return r
}
