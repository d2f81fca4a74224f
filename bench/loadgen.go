package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	// openingAtOnce is how many connections may wait for their stream to be ready. More would
	// overflow the server's accept queue.
	openingAtOnce = 256
	// commandTick is how often the readers look for commands, at least.
	commandTick = 5 * time.Millisecond
	// openWithin bounds the opening of all streams.
	openWithin = 2 * time.Minute
)

// loadgen is the process of the readers: all of them in one loop, without locks.
type loadgen struct {
	plan        plan
	poller      poller
	transcripts []*transcript // by room of the plan
	readers     []reader

	opened       int // readers from here on have never been opened
	opening      int // connections without a ready stream
	ready        int
	disconnected []int // readers that are to come back

	count     int64 // deliveries
	now       int64 // when what is being read arrived, in nanoseconds
	timing    bool
	times     *histogram
	delivered func(sent int64)
	failed    error // the first

	progress *os.File
	told     int64                       // the count in it
	nextByte time.Time                   // when the slow readers read next
	done     func() (ok bool, err error) // of the command under way, if any: whether, or why not yet
	deadline time.Time                   // of that command
}

// reader is one stream.
type reader struct {
	follower
	response response
	pace     readerPace
	back     time.Time // when to open the stream again; zero: it has never ended
}

type readerPace byte

const (
	reading readerPace = iota
	still              // does not read at all
	slow               // reads a byte a second
)

// poller keeps the connections of readers, which it knows by their index. It calls arrived and
// ended of the load generator from within wait and readSome.
type poller interface {
	// dial opens a connection and sends the request.
	dial(i int, address string, request []byte) error
	// wait hands on what has arrived, after d at the latest.
	wait(d time.Duration) error
	// pause stops reading; readSome reads n bytes nevertheless.
	pause(i int) error
	readSome(i, n int)
	hangUp(i int)
}

// runReaders is the main function of the readers' process. It ends with its input.
func runReaders(in io.Reader, out io.Writer) error {
	g := &loadgen{times: new(histogram)}
	g.delivered = func(sent int64) {
		g.count++
		if g.timing {
			g.times.add(time.Duration(g.now - sent))
		}
	}
	var err error
	if g.poller, err = newPoller(g); err != nil {
		return err
	}
	commands := make(chan command)
	go func() {
		defer close(commands)
		d := json.NewDecoder(in)
		for c := (command{}); d.Decode(&c) == nil; c = (command{}) {
			commands <- c
		}
	}()
	reports := json.NewEncoder(out)
	for {
		if err := g.poller.wait(commandTick); err != nil {
			return err
		}
		g.tick(time.Now())
		if g.finished() {
			if err := reports.Encode(g.report()); err != nil {
				return err
			}
		}
		select {
		case c, ok := <-commands:
			if !ok {
				return nil
			}
			g.begin(c)
		default:
		}
	}
}

// tick does what is due apart from reading: it opens streams, reads for the slow readers and tells
// the progress.
func (g *loadgen) tick(now time.Time) {
	for ; g.opened < len(g.readers) && g.opening < openingAtOnce; g.opened++ {
		g.dial(g.opened)
	}
	waiting := g.disconnected
	g.disconnected = nil
	for _, i := range waiting {
		if now.Before(g.readers[i].back) || g.opening >= openingAtOnce {
			g.disconnected = append(g.disconnected, i)
		} else {
			g.dial(i)
		}
	}
	if now.After(g.nextByte) {
		g.nextByte = now.Add(time.Second)
		for i := range g.readers {
			if g.readers[i].pace == slow {
				g.poller.readSome(i, 1)
			}
		}
	}
	if g.told != g.count && g.progress != nil {
		g.told = g.count
		var b [8]byte
		binary.NativeEndian.PutUint64(b[:], uint64(g.count))
		_, err := g.progress.WriteAt(b[:], 0)
		g.fail(err)
	}
}

func (g *loadgen) dial(i int) {
	r := &g.readers[i]
	headers := []string{bearer(g.plan.Tokens[i%len(g.plan.Tokens)])}
	if !r.back.IsZero() && r.first != unknown {
		headers = append(headers, fmt.Sprintf("Last-Event-ID: %d", r.idAfter(r.next)))
	}
	r.response = response{stream: true}
	g.opening++
	request := newRequest("GET", "/rooms/"+r.room+"/stream?as=json", "", headers...)
	if err := g.poller.dial(i, g.plan.Address, request); err != nil {
		g.ended(i, err)
	}
}

// arrived takes bytes that a connection has received. When it returns false, the poller hangs up.
func (g *loadgen) arrived(i int, b []byte) bool {
	r := &g.readers[i]
	was := r.ready
	err := r.response.each(b, func(piece []byte) error { return r.receive(piece, g.delivered) })
	if err != nil {
		g.ended(i, err)
		return false
	}
	if r.ready && !was {
		g.opening--
		g.ready++
	}
	return true
}

// errHungUp is the end of a stream by the server.
var errHungUp = errors.New("the stream has ended")

// ended is called when a connection has ended, with the reason.
func (g *loadgen) ended(i int, err error) {
	r := &g.readers[i]
	if r.ready {
		g.ready--
	} else {
		g.opening--
	}
	orderly := errors.Is(err, io.EOF) || errors.Is(err, errHungUp)
	switch {
	case r.pace != reading:
	case g.plan.Reconnect && orderly:
		r.follower.disconnected()
		r.back = time.Now().Add(time.Duration(r.retry) * time.Millisecond)
		g.disconnected = append(g.disconnected, i)
	default:
		g.fail(fmt.Errorf("reader %d of room %s, after %d events: %w", i, r.room, r.next, err))
	}
}

// fail keeps the first error for the reports.
func (g *loadgen) fail(err error) {
	if g.failed == nil {
		g.failed = err
	}
}

// begin begins with a command.
func (g *loadgen) begin(c command) {
	g.deadline = time.Now().Add(openWithin)
	g.done = func() (bool, error) { return true, nil }
	switch {
	case c.Open != nil:
		g.open(*c.Open)
		g.done = func() (bool, error) {
			return g.ready == len(g.readers), fmt.Errorf("%d of %d streams are ready", g.ready, len(g.readers))
		}
	case c.Settle != nil:
		g.deadline = time.Now().Add(time.Duration(c.Settle.Within) * time.Millisecond)
		g.done = func() (bool, error) { return g.settled(c.Settle.Posted) }
	case c.Time:
		g.timing, g.times = true, new(histogram)
	case c.Stall != nil:
		for n := range c.Stall.Still + c.Stall.Slow {
			i := len(g.readers) - 1 - n
			g.readers[i].pace = still
			if n >= c.Stall.Still {
				g.readers[i].pace = slow
			}
			g.fail(g.poller.pause(i))
		}
	}
}

// finished reports whether the command under way is done, or never will be.
func (g *loadgen) finished() bool {
	if g.done == nil {
		return false
	}
	ok, pending := g.done()
	if !ok && time.Now().After(g.deadline) {
		g.fail(fmt.Errorf("too late: %w", pending))
	}
	if !ok && g.failed == nil {
		return false
	}
	g.done = nil
	return true
}

func (g *loadgen) report() report {
	r := report{Deliveries: g.count, At: time.Now().UnixNano(), Ready: g.ready, Times: g.times.percentiles()}
	if g.failed != nil {
		r.Error = g.failed.Error()
	}
	return r
}

// open makes the readers of a plan. Their streams are opened by tick.
func (g *loadgen) open(p plan) {
	g.plan = p
	in := bodyInMessage
	if p.Bare {
		in = bodyInBare
	}
	for _, room := range p.Rooms {
		t := newTranscript(room, in)
		g.transcripts = append(g.transcripts, t)
		for range p.Readers {
			g.readers = append(g.readers, reader{follower: follower{transcript: t}})
		}
	}
	var err error
	g.progress, err = os.OpenFile(p.Progress, os.O_WRONLY, 0)
	g.fail(err)
}

// settled reports whether every reader has received all that was posted, or else what is missing.
// No reader can have received an event twice or out of order.
func (g *loadgen) settled(posted []int64) (bool, error) {
	for i, t := range g.transcripts {
		if n := int64(len(t.ends)); n > posted[i] {
			g.fail(fmt.Errorf("room %s: %d events arrived, %d were posted", t.room, n, posted[i]))
		}
	}
	for i := range g.readers {
		r := &g.readers[i]
		if want := posted[i/g.plan.Readers]; r.pace == reading && (int64(r.next) != want || !r.ready) {
			return false, fmt.Errorf("reader %d of room %s has received %d of %d events", i, r.room, r.next, want)
		}
	}
	return true, nil
}
