package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// timedEvery is how seldom a page looks into its events for the time of a post.
const timedEvery = 16

// openPages are the streams of open pages, each with a goroutine that reads it.
type openPages struct {
	read    atomic.Int64 // bytes
	group   errgroup.Group
	clients []*client
	closing atomic.Bool

	mu     sync.Mutex
	times  *histogram // from a post to its time on a page
	timing bool
	err    error
}

// open opens the stream of person i's page.
func (p *openPages) open(address, room, token string, i int) error {
	c, err := dial(address)
	if err != nil {
		return err
	}
	c.buffer = make([]byte, 16<<10)
	p.clients = append(p.clients, c)
	seen := map[int64]struct{}{}
	request := newRequest("GET", "/rooms/"+room+"/stream?as=html", "", "Accept: text/html", bearer(token))
	p.group.Go(func() error {
		err := c.follow(request, func(piece []byte) error {
			p.read.Add(int64(len(piece)))
			if i%timedEvery == 0 {
				p.timePosts(string(piece), time.Now().UnixNano(), seen)
			}
			return nil
		})
		if p.closing.Load() {
			return nil
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.err = fmt.Errorf("the stream of page %d: %w", i, err)
		return p.err
	})
	return nil
}

// entryTime stands before the time of the newest message in the entry of a room, in milliseconds.
const entryTime = `data-active="`

// timePosts takes the times of the posts that a piece of a stream shows for the first time. seen
// holds when the posts were made that the page has shown before.
func (p *openPages) timePosts(text string, now int64, seen map[int64]struct{}) {
	for {
		_, rest, found := strings.Cut(text, entryTime)
		digits, _, whole := strings.Cut(rest, `"`)
		if !found || !whole {
			return
		}
		text = rest
		posted, err := strconv.ParseInt(digits, 10, 64)
		if _, known := seen[posted]; known || err != nil {
			continue
		}
		seen[posted] = struct{}{}
		p.mu.Lock()
		if p.timing {
			p.times.add(time.Duration(now - posted*int64(time.Millisecond)))
		}
		p.mu.Unlock()
	}
}

// time begins to take times anew.
func (p *openPages) time() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times, p.timing = new(histogram), true
}

func (p *openPages) percentiles() percentiles {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.times.percentiles()
}

// settle waits until the pages have received nothing for houseQuiet.
func (p *openPages) settle(ctx context.Context) {
	for read := int64(-1); read < p.read.Load() && ctx.Err() == nil; {
		read = p.read.Load()
		wait(ctx, houseQuiet)
	}
}

// failed returns the error of a stream that ended by itself.
func (p *openPages) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// close ends all streams.
func (p *openPages) close() {
	p.closing.Store(true)
	for _, c := range p.clients {
		c.close()
	}
	p.group.Wait()
}
