package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// poster posts into the rooms of a server in turn.
type poster struct {
	address string
	kind    string
	rooms   []postRoom
	tokens  []string // of those who write
	size    int      // of a body
	gate    *gate    // nil: posts wait for nothing but their answers
	turn    atomic.Int64
}

type postRoom struct {
	name   string
	number atomic.Int64 // of the newest post
}

func newPoster(address, kind string, rooms, tokens []string, size int) *poster {
	p := &poster{address: address, kind: kind, tokens: tokens, size: size, rooms: make([]postRoom, len(rooms))}
	for i, name := range rooms {
		p.rooms[i].name = name
	}
	return p
}

// posted is how many posts each room has got. It is exact when nobody is posting.
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
	client  *client
	token   string
	request []byte
	body    []byte
}

func (p *poster) writer(i int) (*writer, error) {
	c, err := dial(p.address)
	if err != nil {
		return nil, err
	}
	return &writer{poster: p, client: c, token: p.tokens[i%len(p.tokens)]}, nil
}

// post posts the next message, which says that it was sent at a time, and checks the answer.
func (w *writer) post(sent time.Time) error {
	room := &w.rooms[int(w.turn.Add(1))%len(w.rooms)]
	w.body = appendBody(w.body[:0], room.number.Add(1), sent.UnixNano(), w.size)
	w.write(room.name)
	status, answer, err := w.client.do(w.request)
	switch {
	case err != nil:
		return fmt.Errorf("a post: %w", err)
	case status != 201:
		return fmt.Errorf("a post is answered with status %d: %.300s", status, answer)
	case w.kind == kindProgram && !bytes.Contains(answer, w.body):
		return fmt.Errorf("the answer to a post has not its body: %.300s", answer)
	}
	return nil
}

// write makes the request. The bare servers take the body as it is.
func (w *writer) write(room string) {
	open, end, kind := "", "", "text/plain"
	if w.kind == kindProgram {
		open, end, kind = `{"body":"`, `"}`, "application/json"
	}
	r := append(w.request[:0], "POST /rooms/"...)
	r = append(r, room...)
	r = append(r, "/messages HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer "...)
	r = append(r, w.token...)
	r = append(r, "\r\nContent-Type: "...)
	r = append(r, kind...)
	r = append(r, "\r\nContent-Length: "...)
	r = strconv.AppendInt(r, int64(len(open)+len(w.body)+len(end)), 10)
	r = append(r, "\r\n\r\n"...)
	r = append(r, open...)
	r = append(r, w.body...)
	w.request = append(r, end...)
}

// saturate posts from n connections, each as soon as its last post is answered, until ctx ends. It returns how long the answers took.
func (p *poster) saturate(ctx context.Context, n int) (*histogram, error) {
	all := make([]histogram, n)
	group, ctx := errgroup.WithContext(ctx)
	for i := range n {
		group.Go(func() error {
			w, err := p.writer(i)
			if err != nil {
				return err
			}
			defer w.client.close()
			for ctx.Err() == nil && p.gate.pass(ctx, p) {
				sent := time.Now()
				if err := w.post(sent); err != nil {
					return err
				}
				all[i].add(time.Since(sent))
			}
			return nil
		})
	}
	err := group.Wait()
	for i := range all[1:] {
		all[0].merge(&all[1+i])
	}
	return &all[0], err
}

// leastRate is how many posts a second are sent at least, where a rate is too low to measure anything.
const leastRate = 1

// atRate posts so many times a second from up to n connections, however long the answers take, until ctx ends. A post that has to wait
// for a connection counts as sent when it was due.
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
			defer w.client.close()
			for sent := range due {
				if err := w.post(sent); err != nil {
					return err
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
