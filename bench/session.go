package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// session is a server with its readers and posters. The real program and the bare ones are driven alike.
type session struct {
	bench   *bench
	name    string // of the contender
	kind    string
	server  *server
	house   *house
	shape   shape
	readers *readers
	poster  *poster
}

// contender is a server that can be measured: ours or a limit.
type contender struct{ name, role string }

var (
	ours       = contender{"sarangbang", ""}
	barePaced  = contender{"bare", roleBarePaced}
	barePlain  = contender{"plain net/http", roleBarePlain}
	contenders = []contender{ours, barePaced, barePlain}
)

// begin starts a contender with a house of that shape; the streams are not open yet.
func (b *bench) begin(ctx context.Context, c contender, s shape) (*session, error) {
	x := &session{bench: b, name: c.name, shape: s, kind: kindBare}
	if c.role == "" {
		x.kind = kindProgram
	}
	var err error
	if x.kind == kindProgram {
		if x.house, err = b.furnish(ctx, "house", s, 0); err != nil {
			return nil, err
		}
		x.server, err = b.startProgram(x.house.database, anyPort)
	} else {
		x.house = bareHouse(s)
		x.server, err = b.startBare(c.role)
	}
	if err != nil {
		return nil, err
	}
	if err := x.prepare(); err != nil {
		return nil, errors.Join(err, x.end())
	}
	return x, nil
}

func bareHouse(s shape) *house {
	h := &house{readers: []string{"reader"}, writers: []string{"writer"}}
	for i := range s.rooms {
		h.rooms = append(h.rooms, fmt.Sprint("room-", i))
	}
	return h
}

// prepare finds out how long a body has to be, and starts the process of the readers.
func (x *session) prepare() error {
	size, err := x.bodySize()
	if err != nil {
		return err
	}
	x.poster = newPoster(x.server.address, x.kind, x.house.rooms, x.house.writers, size)
	x.readers, err = x.bench.startReaders()
	return err
}

// bodySize is the size of a body whose event has payload bytes of data. The program's events hold a body twice, as text and as HTML,
// and more about it; the answer to a post is the same JSON.
func (x *session) bodySize() (int, error) {
	if x.kind == kindBare {
		return x.bench.payload, nil
	}
	probe := newPoster(x.server.address, x.kind, x.house.rooms[:1], x.house.writers, leastBody)
	w, err := probe.writer(0)
	if err != nil {
		return 0, err
	}
	defer w.client.close()
	if err := w.post(time.Now()); err != nil {
		return 0, err
	}
	return max(leastBody, leastBody+(x.bench.payload-len(w.client.body))/2), nil
}

// open opens all streams. back lets readers come back when their stream ends.
func (x *session) open(back bool) error {
	progress, err := os.CreateTemp(x.bench.dir, "progress-")
	if err != nil {
		return err
	}
	x.poster.gate = &gate{progress: progress, readers: int64(x.shape.readers), rooms: int64(x.shape.rooms)}
	if _, err := progress.Write(make([]byte, 8)); err != nil {
		return err
	}
	_, err = x.readers.do(order{Open: &openOrder{
		Address: x.server.address, Kind: x.kind, Rooms: x.house.rooms, Readers: x.shape.readers,
		Tokens: x.house.readers, Progress: progress.Name(), Return: back,
	}})
	return err
}

// settleWithin is how long the last deliveries may take once posting has ended.
const settleWithin = 30 * time.Second

// settle waits until everybody has received everything once.
func (x *session) settle(within time.Duration) error {
	_, err := x.readers.do(order{Settle: &settleOrder{Posted: x.poster.posted(), Within: within.Milliseconds()}})
	return err
}

// end stops the readers, then the server.
func (x *session) end() error {
	var err error
	if x.readers != nil {
		err = x.readers.close()
	}
	if x.poster != nil && x.poster.gate != nil {
		x.poster.gate.progress.Close()
	}
	return errors.Join(err, x.server.stop())
}

// rate is what went through while it was measured.
type rate struct {
	deliveries float64 // a second
	posts      float64 // a second
	server     float64 // part of the time that the server was running on its core
	load       float64 // part of the time that readers and poster were running on theirs
}

func (r rate) String() string {
	return fmt.Sprintf("%s deliveries/s, %s posts/s; server busy %.0f %%, readers and poster %.0f %%; %s deliveries for each second of the server's core",
		grouped(r.deliveries), grouped(r.posts), 100*r.server, 100*r.load, grouped(r.perCore()))
}

// perCore is how many deliveries the server makes in each second that it really runs. Where other programs take their part of the core, this
// still tells servers from each other.
func (r rate) perCore() float64 {
	if r.server == 0 {
		return 0
	}
	return r.deliveries / r.server
}

// during measures for a while, after a warm-up, what comes through while something else keeps posting.
func (x *session) during(ctx context.Context, span time.Duration) (rate, error) {
	wait(ctx, span/3)
	before, err := x.sample()
	if err != nil {
		return rate{}, err
	}
	wait(ctx, span)
	after, err := x.sample()
	seconds := float64(after.At-before.At) / 1e9
	return rate{
		deliveries: float64(after.Deliveries-before.Deliveries) / seconds,
		posts:      float64(after.Deliveries-before.Deliveries) / seconds / float64(x.shape.readers),
		server:     (after.server - before.server).Seconds() / seconds,
		load:       (after.load - before.load).Seconds() / seconds,
	}, err
}

// sample is a report of the readers with the times that processes were running.
type sample struct {
	report
	server, load time.Duration
}

func (x *session) sample() (sample, error) {
	var s sample
	var err error
	s.server, _ = cpuOf(x.server.pid()) // where times are not known they are 0
	reading, _ := cpuOf(x.readers.cmd.Process.Pid)
	posting, _ := cpuOf(os.Getpid())
	s.load = reading + posting
	s.report, err = x.readers.do(order{Count: true})
	return s, err
}

// wait is a pause that ends with ctx.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// whilePosting lets a poster post while measure runs, and then waits until all is delivered.
func (x *session) whilePosting(ctx context.Context, post func(context.Context) error, measure func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	posting := make(chan error, 1)
	go func() {
		err := post(ctx)
		if err != nil {
			stop() // nothing is left to measure
		}
		posting <- err
	}()
	err := measure(ctx)
	stop()
	if err = errors.Join(<-posting, err); err != nil {
		return err
	}
	return x.settle(settleWithin)
}
