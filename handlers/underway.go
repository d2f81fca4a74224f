package handlers

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// What one person, or one address where nobody is signed in, may have under way at a time. Beyond
// it requests are refused before they cost anything, so that answers that nobody reads cannot use
// up the memory. Streams do not count: they have bounds of their own (live.Options).
const (
	// requestsUnderWay is what a browser may have at a time on one connection of HTTP/2, as for
	// a page with many photos.
	requestsUnderWay = 100
	// answersUnderWay bounds the bodies of answers that are being written, in bytes.
	answersUnderWay = 16 << 20
	// photosUnderWay is how many photos of one person arrive, or are decoded or wait for that.
	photosUnderWay = 1
	// turnWithin is how long a request waits for its turn. Longer than all others of its key would
	// take, unless they wait themselves, as for a database that hangs.
	turnWithin = time.Second
)

// turns is how many requests of one key are worked on at a time: those of one person take at most
// half of the processor, however many they are, and all others have the rest.
func turns() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// underWay counts the requests that are being answered in this process, and the bytes of their
// answers, by key (limitKey). Its methods may be called concurrently.
type underWay struct {
	requests int // how many of one key may be under way
	bytes    int // and how many bytes; a request is begun while there are fewer

	mu   sync.Mutex
	keys map[string]*load // guarded by mu
}

func newUnderWay(requests, bytes int) *underWay {
	return &underWay{requests: requests, bytes: bytes, keys: map[string]*load{}}
}

// load is what is under way for one key.
type load struct {
	requests int
	bytes    int
	turns    chan struct{} // holds one for each request that is worked on
}

// begin counts a request. It returns nil when there are too many.
func (u *underWay) begin(key string) *passage {
	u.mu.Lock()
	defer u.mu.Unlock()
	l := u.keys[key]
	switch {
	case l == nil:
		l = &load{turns: make(chan struct{}, turns())}
		u.keys[key] = l
	case l.requests >= u.requests, l.bytes >= u.bytes:
		return nil
	}
	l.requests++
	return &passage{all: u, key: key, load: l}
}

// passage is one request under way. A nil passage is not counted.
type passage struct {
	all   *underWay
	key   string
	load  *load
	bytes int
	over  bool

	working bool // it has a turn
}

// work waits for the turn of the request, after those of the same key that came before. It ends
// with rest, which whoever waits for something else calls: for a client that takes the answer, say.
func (p *passage) work(ctx context.Context) {
	if p == nil || p.working {
		return
	}
	ctx, stop := context.WithTimeout(ctx, turnWithin)
	defer stop()
	select {
	case p.load.turns <- struct{}{}:
		p.working = true
	case <-ctx.Done():
	}
}

func (p *passage) rest() {
	if p != nil && p.working {
		p.working = false
		<-p.load.turns
	}
}

// holds counts the bytes of the answer, which is about to be sent.
func (p *passage) holds(bytes int) {
	if p == nil {
		return
	}
	p.rest()
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	if !p.over {
		p.bytes += bytes
		p.load.bytes += bytes
	}
}

// end undoes begin and holds. Calling it again does nothing.
func (p *passage) end() {
	if p == nil {
		return
	}
	p.rest()
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	if p.over {
		return
	}
	p.over = true
	p.load.bytes -= p.bytes
	if p.load.requests--; p.load.requests == 0 {
		delete(p.all.keys, p.key)
	}
}

const keyPassage = "passage" // *passage of a request that is counted

// passageOf returns the passage of a request; nil for one that is not counted.
func passageOf(c *gin.Context) *passage {
	p, _ := c.Get(keyPassage)
	found, _ := p.(*passage)
	return found
}
