package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// contender is a server that can be measured: the real program, or a limit.
type contender struct {
	name string
	role string // of this program's process; none: the real program
}

// contenders are the program and its limits, in the order of the table.
var contenders = []contender{{"sarangbang", ""}, {"bare", roleBarePaced}, {"plain net/http", roleBarePlain}}

// testbed is a contender with its readers and posters. The real program and the bare servers are
// driven alike. Its methods end the part when something is wrong.
type testbed struct {
	contender
	bench   *bench
	shape   shape
	fixture *fixture
	server  *server
	readers *readers
	poster  *poster
}

// newTestbed starts a contender with rooms of that shape. The streams are not open yet.
func (b *bench) newTestbed(ctx context.Context, c contender, s shape) *testbed {
	t := &testbed{contender: c, bench: b, shape: s}
	if t.bare() {
		t.fixture = &fixture{readers: []string{"reader"}, writers: []string{"writer"}}
		for i := range s.rooms {
			t.fixture.rooms = append(t.fixture.rooms, fmt.Sprint("room-", i))
		}
		t.server = b.startBare(c.role, nil)
	} else {
		t.fixture = b.newFixture(ctx, "fanout", s, 0)
		t.server = b.startProgram(t.fixture.database, anyPort)
	}
	err := attempt(func() {
		t.poster = newPoster(t.server.address, t.bare(), t.fixture, t.bodySize())
		t.readers = b.startReaders()
	})
	if err != nil {
		check(errors.Join(err, t.close()))
	}
	return t
}

func (t *testbed) bare() bool { return t.role != "" }

// bodySize returns how long a body has to be whose event has payload bytes of data. The program's
// events hold a body twice, as text and as HTML, and more about it; the response to a post is the
// same JSON.
func (t *testbed) bodySize() int {
	if t.bare() {
		return t.bench.payload
	}
	probe := newPoster(t.server.address, false, t.fixture, leastBody)
	probe.rooms = probe.rooms[:1]
	w := must(probe.writer(0))
	defer w.close()
	check(w.post(time.Now()))
	return max(leastBody, leastBody+(t.bench.payload-len(w.body))/2)
}

// open opens the streams of the first rooms. If reconnect is set, readers come back when their
// stream ends.
func (t *testbed) open(rooms int, reconnect bool) {
	t.closeProgress()
	progress := must(os.CreateTemp(t.bench.dir, "progress-"))
	must(progress.Write(make([]byte, 8)))
	t.poster.throttle = &throttle{progress: progress, shape: t.shape}
	t.do(command{Open: &plan{
		Address: t.server.address, Bare: t.bare(), Rooms: t.fixture.rooms[:rooms], Readers: t.shape.readers,
		Tokens: t.fixture.readers, Progress: progress.Name(), Reconnect: reconnect,
	}})
}

// do gives the readers a command and waits for their report.
func (t *testbed) do(c command) report { return must(t.readers.do(c)) }

// settleWithin is how long the last deliveries may take once posting has ended.
const settleWithin = 30 * time.Second

// settle waits until every reader has received everything once.
func (t *testbed) settle(within time.Duration) {
	t.do(command{Settle: &settlement{Posted: t.poster.posted(), Within: within.Milliseconds()}})
}

// close stops the readers, then the server.
func (t *testbed) close() error {
	var err error
	if t.readers != nil {
		err = t.readers.close()
	}
	t.closeProgress()
	return errors.Join(err, t.server.stop())
}

func (t *testbed) closeProgress() {
	if t.poster != nil && t.poster.throttle != nil {
		t.poster.throttle.progress.Close()
	}
}

// whilePosting posts in the background while measure runs, and then waits until all is delivered.
func (t *testbed) whilePosting(ctx context.Context, post func(context.Context) error, measure func(context.Context)) {
	alongside(ctx, post, measure)
	t.settle(settleWithin)
}

// atRate returns a background that posts at a rate, in posts a second.
func (t *testbed) atRate(rate float64) func(context.Context) error {
	return func(ctx context.Context) error { return t.poster.atRate(ctx, rate, 2*t.bench.posters) }
}

// postEach posts n messages one after the other, and waits until all are delivered.
func (t *testbed) postEach(n int, within time.Duration) {
	w := must(t.poster.writer(0))
	defer w.close()
	for range n {
		check(w.post(time.Now()))
	}
	t.settle(within)
}

// times returns how long deliveries took within a span, or within as many spans as it takes until
// there is one.
func (t *testbed) times(ctx context.Context, span time.Duration) percentiles {
	t.do(command{Time: true})
	for {
		wait(ctx, span)
		if times := t.do(command{}).Times; times.Count > 0 || ctx.Err() != nil {
			return times
		}
	}
}

// eachShape opens the streams of contenders for each shape in turn, and closes them after measure.
// The streams of all are open at the same time; while one is measured the others are idle.
func (b *bench) eachShape(ctx context.Context, all []contender, measure func(list []*testbed)) {
	for _, s := range b.shapes {
		step(s.String(), func() {
			var list []*testbed
			for _, c := range all {
				t := b.newTestbed(ctx, c, s)
				defer finish(t.close)
				t.open(s.rooms, false)
				list = append(list, t)
			}
			measure(list)
		})
	}
}

// rate is what goes through a server, with the parts of the time that its processes run.
type rate struct {
	deliveries float64 // a second
	posts      float64 // a second
	server     float64 // part of the time that the server runs on its core
	load       float64 // part of the time that readers and poster run on theirs
}

func (r rate) String() string {
	return fmt.Sprintf("%s deliveries/s, %s posts/s; server busy %.0f %%, readers and poster %.0f %%; "+
		"%s deliveries for each second of the server's core",
		grouped(r.deliveries), grouped(r.posts), 100*r.server, 100*r.load, grouped(r.perCore()))
}

// perCore returns how many deliveries the server makes in each second that it really runs. Where
// other programs take their part of the core, that still tells servers from each other.
func (r rate) perCore() float64 {
	if r.server == 0 {
		return 0
	}
	return r.deliveries / r.server
}

// saturated returns the rate of each testbed when posts come as fast as they are taken.
func saturated(ctx context.Context, b *bench, list ...*testbed) []rate {
	deliveries := func(r rate) float64 { return r.deliveries }
	return interleave(b, len(list), deliveries, func(i int) (r rate) {
		t := list[i]
		post := func(ctx context.Context) error {
			_, err := repeat(ctx, b.posters, t.poster.open)
			return err
		}
		t.whilePosting(ctx, post, func(ctx context.Context) {
			wait(ctx, b.trialSpan()/3) // the warm-up
			before := t.sample()
			wait(ctx, b.trialSpan())
			r = rateBetween(before, t.sample(), t.shape.readers)
		})
		b.logf("  %v, %s: %v", t.shape, t.name, r)
		return r
	})
}

// sample is how far a testbed has come, with the times that its processes have been running.
type sample struct {
	deliveries   int64
	at           int64 // in nanoseconds
	server, load time.Duration
}

func (t *testbed) sample() sample {
	server, _ := usageOf(t.server.pid()) // where it is not known it is 0
	reading, _ := usageOf(t.readers.cmd.Process.Pid)
	posting, _ := usageOf(os.Getpid())
	r := t.do(command{})
	return sample{r.Deliveries, r.At, server.cpu, reading.cpu + posting.cpu}
}

// rateBetween returns the rate between two samples in rooms with that many readers each.
func rateBetween(before, after sample, readers int) rate {
	seconds := float64(after.at-before.at) / 1e9
	deliveries := float64(after.deliveries-before.deliveries) / seconds
	return rate{
		deliveries: deliveries,
		posts:      deliveries / float64(readers),
		server:     (after.server - before.server).Seconds() / seconds,
		load:       (after.load - before.load).Seconds() / seconds,
	}
}
