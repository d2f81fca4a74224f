package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarangbang/handlers/webtest"
	"sarangbang/internal/testseed"
)

// late is how long after its acknowledgement a message may reach a reader of another node, whatever
// becomes of the bus: the two seconds that are promised, and what a busy machine adds.
const late = 4 * time.Second

// witness reads a room in one process without ever stopping, and writes down when each change came.
type witness struct {
	t    testing.TB
	name string

	mu   sync.Mutex
	last int64
	seen map[int64]time.Time
}

// watch opens a witness's stream; it ends with the test.
func (c *cluster) watch(p *webtest.Person, node int, room string) *witness {
	c.t.Helper()
	wit := &witness{t: c.t, name: fmt.Sprintf("the reader of %s at node %d", room, node), seen: map[int64]time.Time{}}
	stream := c.at(p, node).Open(room+"/stream?as=json&after=0", "Accept", "application/json")
	stream.UntilNamed("ready")
	go wit.read(stream)
	return wit
}

func (w *witness) read(stream *webtest.Stream) {
	for e := range stream.All() {
		if e.Name != "message" {
			continue
		}
		var m said
		if err := json.Unmarshal([]byte(e.Data), &m); err != nil {
			w.t.Errorf("%s: %v", w.name, err)
		}
		w.mu.Lock()
		if m.Revision <= w.last {
			w.t.Errorf("%s got revision %d after %d", w.name, m.Revision, w.last)
		}
		w.last = m.Revision
		w.seen[m.Revision] = time.Now()
		w.mu.Unlock()
	}
}

// wantsAll waits until everything that was acknowledged has come, and looks whether it came in
// time.
func (w *witness) wantsAll(acknowledged map[int64]time.Time) {
	w.t.Helper()
	eventually(w.t, w.name+" has everything", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.seen) >= len(acknowledged)
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	var latest time.Duration
	for revision, at := range acknowledged {
		seen, ok := w.seen[revision]
		if !ok {
			w.t.Errorf("%s never got revision %d", w.name, revision)
			continue
		}
		latest = max(latest, seen.Sub(at))
	}
	if w.t.Logf("%s: %d changes, the latest after %v", w.name, len(w.seen), latest.Round(time.Millisecond)); latest > late {
		w.t.Errorf("%s got a change %v after it was acknowledged", w.name, latest)
	}
}

// poster says things in a room, and writes down when they were acknowledged.
type poster struct {
	c     *cluster
	token string
	room  string

	mu           sync.Mutex
	acknowledged map[int64]time.Time // by revision
	keys         map[string]int64    // position by key
}

func (c *cluster) poster(p *webtest.Person, room string) *poster {
	return &poster{c: c, token: p.WithToken().Header.Get("Authorization"), room: room, acknowledged: map[int64]time.Time{}, keys: map[string]int64{}}
}

// post says something at a process; at another one when there is no answer, as the same person's
// page would.
func (p *poster) post(node int, key string) {
	form := url.Values{"body": {"안녕하세요 " + key}, "key": {key}}.Encode()
	for try := range triesPerOne {
		at := p.c.nodes[(node+try)%len(p.c.nodes)]
		req, err := http.NewRequestWithContext(p.c.t.Context(), http.MethodPost, at.url+p.room+"/messages", strings.NewReader(form))
		if err != nil {
			p.c.t.Error(err)
			return
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", p.token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil && resp.StatusCode < 300 {
			p.note(key, body)
			return
		}
	}
	p.c.t.Errorf("%s could not be posted", key)
}

func (p *poster) note(key string, body []byte) {
	var m said
	if err := json.Unmarshal(body, &m); err != nil {
		p.c.t.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.acknowledged[m.Revision] = time.Now()
	p.keys[key] = m.Position
}

// everybody lets somebody post at each of some processes at the same time, each n times, one every
// few milliseconds.
func (p *poster) everybody(n int, nodes ...int) (wait func()) {
	var posting sync.WaitGroup
	for person, node := range nodes {
		posting.Go(func() {
			for i := range n {
				p.post(node, fmt.Sprintf("%d-%d", person, i))
				pass(5 * time.Millisecond)
			}
		})
	}
	return posting.Wait
}

func TestEveryChangeReachesEveryProcessThoughTheBusIsCut(t *testing.T) {
	eachBus(t, 3, func(t *testing.T, c *cluster) {
		jimin := webtest.SignUp(t, c.nodes[0].url, "jimin", "")
		rooms := map[*poster][]*witness{}
		for range 2 {
			room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
			p := c.poster(jimin, room)
			for node := range c.nodes {
				rooms[p] = append(rooms[p], c.watch(jimin, node, room), c.watch(jimin, node, room))
			}
		}
		var posting []func()
		for p := range rooms {
			posting = append(posting, p.everybody(2*writesEach()+50, 0, 1)) // the third process hears of it over the bus alone
		}
		for _, d := range []time.Duration{100 * time.Millisecond, time.Second} {
			pass(200 * time.Millisecond)
			mend := c.cutBus()
			pass(d)
			mend()
		}
		for _, wait := range posting {
			wait()
		}
		for p, witnesses := range rooms {
			for _, wit := range witnesses {
				wit.wantsAll(p.acknowledged)
			}
		}
	})
}

func TestNothingIsLostWithAProcessThatIsKilled(t *testing.T) {
	eachBus(t, 3, func(t *testing.T, c *cluster) {
		jimin := webtest.SignUp(t, c.nodes[1].url, "jimin", "")
		room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
		p := c.poster(jimin, room)
		witnesses := []*witness{c.watch(jimin, 1, room), c.watch(jimin, 2, room)}
		wait := p.everybody(50, make([]int, 12)...) // all at the one that will be killed
		for range 2 {
			pass(150 * time.Millisecond)
			c.nodes[0].kill()
			pass(100 * time.Millisecond)
			c.nodes[0].start()
		}
		wait()
		for _, wit := range witnesses {
			wit.wantsAll(p.acknowledged)
		}
		all := history(c.at(jimin, 2), room)
		if len(all) != 12*50 {
			t.Errorf("%d messages, want each of %d once", len(all), 12*50)
		}
		for key, position := range p.keys {
			if !strings.HasSuffix(all[position].Body, " "+key) {
				t.Errorf("%s is not at %d, where %q is", key, position, all[position].Body)
			}
		}
	})
}

func TestReadersMoveBetweenProcessesWithTheirCursor(t *testing.T) {
	eachBus(t, 3, func(t *testing.T, c *cluster) {
		jimin := webtest.SignUp(t, c.nodes[0].url, "jimin", "")
		room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
		token := strings.TrimPrefix(jimin.WithToken().Header.Get("Authorization"), "Bearer ")
		seed := testseed.New(t)
		var written atomic.Int64
		var writing, reading sync.WaitGroup
		for name := range 6 {
			random := rand.New(rand.NewPCG(seed, uint64(name)))
			writer := &writer{t: t, base: c.nodes[name%3].url, room: room, token: token, name: name, random: random, written: &written}
			writing.Go(writer.run)
		}
		followers := make([]*follower, 3)
		for i := range followers {
			random := rand.New(rand.NewPCG(seed, uint64(100+i)))
			followers[i] = &follower{t: t, room: room, token: token, random: random, state: map[int64]said{}}
			reading.Go(func() { c.wander(followers[i], i) })
		}
		mend := c.cutBus()
		pass(time.Second)
		mend()
		c.nodes[1].kill()
		c.nodes[1].start()
		writing.Wait()
		jimin.Post(room+"/messages", webtest.Form{"body": lastWords}).Wants(http.StatusSeeOther)
		reading.Wait()
		want := history(jimin, room)
		for _, f := range followers {
			if diff := cmp.Diff(f.state, want); diff != "" {
				t.Errorf("a reader's state differs from a fresh page (-reader +page):\n%s", diff)
			}
		}
	})
}

// wander lets a reader read some events at one node, then some at the next.
func (c *cluster) wander(f *follower, node int) {
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	for ; !f.ended; node++ {
		if ctx.Err() != nil {
			c.t.Error("the reader never caught up")
			return
		}
		f.base = c.nodes[node%len(c.nodes)].url
		f.read(1 + f.random.IntN(cutAfter))
	}
}
