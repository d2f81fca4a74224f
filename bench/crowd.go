package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	// openingAtOnce is how many connections may wait for their stream to be ready; more would overflow the server's accept queue.
	openingAtOnce = 256
	// crowdTick is how often the readers look for orders, at least.
	crowdTick = 5 * time.Millisecond
	// openWithin bounds the opening of all streams.
	openWithin = 2 * time.Minute
)

// crowd is the process of the readers: all of them, one loop and no locks.
type crowd struct {
	wire    wire
	order   openOrder
	logs    []*roomLog
	readers []reader

	opening   int // connections without a ready stream
	toOpen    int // readers that have not been opened yet are those from here on
	away      []int
	ready     int
	returned  int
	count     int64
	now       int64 // when what is being read arrived
	timing    bool
	times     *histogram
	delivered func(sent int64)
	failed    error

	progress *os.File
	told     int64
	nextByte time.Time                   // when the slow readers read next
	done     func() (ok bool, err error) // the order under way, if any
	deadline time.Time
}

// reader is one stream.
type reader struct {
	place
	answer answer
	stall  stall
	back   time.Time // when to open the stream again
}

type stall byte

const (
	reading stall = iota
	still         // does not read at all
	slow          // reads a byte a second
)

// wire keeps the connections of readers, which it knows by their numbers.
type wire interface {
	// dial opens a connection and sends the request.
	dial(i int, address string, request []byte) error
	// wait hands on what has arrived, after d at the latest.
	wait(d time.Duration) error
	// pause stops reading; some reads n bytes nevertheless.
	pause(i int) error
	some(i, n int) error
	hangUp(i int)
}

// runReaders is the main function of the readers' process. It ends with its input.
func runReaders(in io.Reader, out io.Writer) error {
	c := &crowd{times: new(histogram)}
	c.delivered = func(sent int64) {
		c.count++
		if c.timing {
			c.times.add(time.Duration(c.now - sent))
		}
	}
	var err error
	if c.wire, err = newWire(c); err != nil {
		return err
	}
	orders := make(chan order)
	go readOrders(in, orders)
	answers := json.NewEncoder(out)
	for {
		if err := c.wire.wait(crowdTick); err != nil {
			return err
		}
		c.attend(time.Now())
		if c.finished() {
			if err := answers.Encode(c.report()); err != nil {
				return err
			}
		}
		select {
		case o, ok := <-orders:
			if !ok {
				return nil
			}
			c.obey(o)
		default:
		}
	}
}

func readOrders(in io.Reader, orders chan<- order) {
	defer close(orders)
	d := json.NewDecoder(bufio.NewReader(in))
	for {
		var o order
		if d.Decode(&o) != nil {
			return
		}
		orders <- o
	}
}

// attend does what is due apart from reading.
func (c *crowd) attend(now time.Time) {
	for c.toOpen < len(c.readers) && c.opening < openingAtOnce {
		c.dial(c.toOpen)
		c.toOpen++
	}
	c.comeBack(now)
	if now.After(c.nextByte) {
		c.nextByte = now.Add(time.Second)
		c.readSlowly()
	}
	if c.told != c.count && c.progress != nil {
		c.told = c.count
		var b [8]byte
		binary.NativeEndian.PutUint64(b[:], uint64(c.count))
		if _, err := c.progress.WriteAt(b[:], 0); err != nil {
			c.fail(err)
		}
	}
}

func (c *crowd) dial(i int) {
	r := &c.readers[i]
	cursor := ""
	if !r.back.IsZero() && r.log.first != unknown { // it has been here before
		cursor = fmt.Sprintf("Last-Event-ID: %d\r\n", r.log.idAfter(r.next))
	}
	request := fmt.Appendf(nil, "GET /rooms/%s/stream?as=json HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n%s\r\n",
		r.log.name, c.order.Tokens[i%len(c.order.Tokens)], cursor)
	r.answer = answer{}
	c.opening++
	if err := c.wire.dial(i, c.order.Address, request); err != nil {
		c.ended(i, err)
	}
}

// arrived takes what a stream has sent. The wire hangs up on false.
func (c *crowd) arrived(i int, b []byte) bool {
	r := &c.readers[i]
	was := r.ready
	for len(b) > 0 {
		body, rest, err := r.answer.next(b)
		if err == nil {
			err = r.receive(body, c.delivered)
		}
		if err != nil {
			c.ended(i, err)
			return false
		}
		b = rest
	}
	if r.ready && !was {
		c.opening--
		c.ready++
	}
	return true
}

// errHungUp is the end of a stream by the server.
var errHungUp = errors.New("the stream has ended")

// ended is told of the end of a connection, err saying why.
func (c *crowd) ended(i int, err error) {
	r := &c.readers[i]
	if r.ready {
		c.ready--
	} else {
		c.opening--
	}
	orderly := errors.Is(err, io.EOF) || errors.Is(err, errHungUp)
	switch {
	case r.stall != reading:
	case c.order.Return && orderly:
		r.reconnected()
		r.back = time.Now().Add(time.Duration(r.retry) * time.Millisecond)
		c.away = append(c.away, i)
	default:
		c.fail(fmt.Errorf("reader %d of room %s, after %d events: %w", i, r.log.name, r.next, err))
	}
}

// comeBack opens the streams again of those whose time it is.
func (c *crowd) comeBack(now time.Time) {
	away := c.away
	c.away = nil
	for _, i := range away {
		if now.Before(c.readers[i].back) || c.opening >= openingAtOnce {
			c.away = append(c.away, i)
			continue
		}
		c.returned++
		c.dial(i)
	}
}
