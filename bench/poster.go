package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// poster posts into the rooms of a server in turn.
type poster struct {
	address  string
	bare     bool // a bare server, not the real program
	rooms    []postRoom
	tokens   []string // of those who write
	size     int      // of a body
	throttle *throttle
	answered func(time.Duration) // told how long after it was due each post of atRate was answered; nil: nobody is
	turn     atomic.Int64
}

type postRoom struct {
	name   string
	number atomic.Int64 // of the newest post
}

func newPoster(address string, bare bool, f *fixture, size int) *poster {
	p := &poster{address: address, bare: bare, tokens: f.writers, size: size, rooms: make([]postRoom, len(f.rooms))}
	for i, name := range f.rooms {
		p.rooms[i].name = name
	}
	return p
}

// posted returns how many posts each room has got. It is exact when nobody is posting.
func (p *poster) posted() []int64 {
	counts := make([]int64, len(p.rooms))
	for i := range p.rooms {
		counts[i] = p.rooms[i].number.Load()
	}
	return counts
}

// writer is one connection that posts.
type writer struct {
	*poster
	*client
	token   string
	request []byte
	text    []byte // of the newest post
}

func (p *poster) writer(i int) (*writer, error) {
	c, err := dial(p.address)
	return &writer{poster: p, client: c, token: p.tokens[i%len(p.tokens)]}, err
}

// post posts the next message, which says that it was sent at a time, and checks the response.
func (w *writer) post(sent time.Time) error {
	room := &w.rooms[int(w.turn.Add(1))%len(w.rooms)]
	w.text = appendBody(w.text[:0], room.number.Add(1), sent.UnixNano(), w.size)
	before, after, kind := `{"body":"`, `"}`, "application/json"
	if w.bare {
		before, after, kind = "", "", "text/plain"
	}
	w.request = fmt.Appendf(w.request[:0], "POST /rooms/%s/messages HTTP/1.1\r\nHost: bench\r\n%s\r\n"+
		"Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s%s%s",
		room.name, bearer(w.token), kind, len(before)+len(w.text)+len(after), before, w.text, after)
	answer, err := w.do(w.request, 201)
	if err != nil {
		return fmt.Errorf("a post: %w", err)
	}
	if !w.bare && !bytes.Contains(answer, w.text) {
		return fmt.Errorf("the response to a post has not its body: %.300s", answer)
	}
	return nil
}

// open is an opener whose operation posts as soon as the throttle lets it.
func (p *poster) open(i int) (operation, error) {
	w, err := p.writer(i)
	if err != nil {
		return operation{}, err
	}
	return operation{close: w.close, do: func(ctx context.Context) error {
		if !p.throttle.wait(ctx, p) {
			return nil
		}
		return w.post(time.Now())
	}}, nil
}

// leastRate is how many posts a second are sent at least, where a rate is too low to measure
// anything.
const leastRate = 1

// atRate posts that many times a second from up to n connections until ctx ends, however long the
// responses take. A post that has to wait for a connection counts as sent when it was due.
func (p *poster) atRate(ctx context.Context, rate float64, n int) error {
	rate = max(rate, leastRate)
	n = min(n, 4+int(rate)) // a server does not wait long for the first request on a connection
	due := make(chan time.Time, n)
	group, ctx := errgroup.WithContext(ctx)
	for i := range n {
		group.Go(func() error {
			w, err := p.writer(i)
			if err != nil {
				return err
			}
			defer w.close()
			for sent := range due {
				if err := w.post(sent); err != nil {
					return err
				}
				if p.answered != nil {
					p.answered(time.Since(sent))
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(due)
		start := time.Now()
		for sent := 0; ctx.Err() == nil; sent++ {
			wait(ctx, time.Until(start.Add(time.Duration(float64(sent)/rate*1e9))))
			select {
			case due <- time.Now():
			case <-ctx.Done():
			}
		}
		return nil
	})
	return group.Wait()
}

// undelivered is how many posts of a room may be on their way, on average.
const undelivered = 128

// throttle holds posts back while too many have not been delivered. Without it saturation is no
// rate but a race: posts are accepted as fast as they come, and the slower readers are cut at their
// bound.
type throttle struct {
	progress *os.File // the readers keep the number of deliveries there
	shape    shape
}

// wait waits until another post may be sent. It reports false when ctx has ended. A nil throttle
// holds nothing back.
func (t *throttle) wait(ctx context.Context, p *poster) bool {
	for t != nil && ctx.Err() == nil &&
		p.turn.Load()*int64(t.shape.readers)-t.delivered() > undelivered*int64(t.shape.streams()) {
		time.Sleep(200 * time.Microsecond)
	}
	return ctx.Err() == nil
}

func (t *throttle) delivered() int64 {
	var b [8]byte
	if _, err := t.progress.ReadAt(b[:], 0); err != nil {
		return 0
	}
	return int64(binary.NativeEndian.Uint64(b[:]))
}
