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

	"sarangbang/db"
)

const (
	// houseRate is how many posts a second the house writes, over all its rooms in turn.
	houseRate = 50
	// houseMessages is how many messages each room holds, unread by everybody.
	houseMessages = 20
	// houseCPU, housePageBytes and housePost are the goals: milliseconds of the server's core for a
	// post, bytes for each open page of a member, and the slowest hundredth of posts.
	houseCPU, housePageBytes, housePost = 0.6, 600, 20 * time.Millisecond
	// houseLeast is how long a house is measured at least: the processor's time is known to 10 ms.
	houseLeast = 500 * time.Millisecond
	// houseQuiet is the silence after which pages have what they were sent when they opened: longer
	// than the pauses between events, shorter than a heartbeat's.
	houseQuiet = 1500 * time.Millisecond
	// timedEvery is how seldom a page looks into its events for the time of a post.
	timedEvery = 16
)

// house is a number of people online, each with one page open in one of that many rooms.
type house struct{ people, rooms, each int }

func (h house) String() string {
	return fmt.Sprintf("%s people, %d of %d rooms each", grouped(float64(h.people)), h.each, h.rooms)
}

// members is how many pages a post concerns: those of the members of its room. A page that shows
// the room gets the message, and all others get its entry in the list of rooms.
func (h house) members() float64 { return float64(h.people*h.each) / float64(h.rooms) }

// parseHouse parses a house like 1000x500x30: people, rooms, and the rooms that each is in.
func parseHouse(text string) (h house, err error) {
	_, err = fmt.Sscanf(text, "%dx%dx%d", &h.people, &h.rooms, &h.each)
	if err != nil || h.people < 1 || h.each < 1 || h.rooms < h.each {
		return h, fmt.Errorf("a house is like 1000x500x30, not %q", text)
	}
	return h, nil
}

// measureHouse measures what a post costs where everybody has a page open, but hardly anybody a
// page of the room that it comes into. The first house is judged, the others show how it grows.
func measureHouse(ctx context.Context, b *bench) {
	for i, h := range b.houses {
		step(h.String(), func() {
			f := b.newHouse(ctx, h)
			s := b.startProgram(f.database, anyPort)
			defer finish(s.stop)
			b.addHouse(h, i == 0, b.visit(ctx, s, f, h))
		})
	}
}

func (b *bench) addHouse(h house, judged bool, c houseCost) {
	cpu, size, post := goal{}, goal{}, goal{}
	if judged {
		cpu.Most, size.Most, post.Most = houseCPU, housePageBytes, inMilliseconds(housePost)
	}
	b.add(row{What: fmt.Sprintf("busy house, %v: a post", h), Unit: unitTime, Ours: c.cpu, Goal: cpu,
		Limit: c.alone, LimitIs: "nobody online",
		Note: fmt.Sprintf("of the server's core; %.0f pages concerned, %.1f µs each; %.1f posts/s",
			h.members(), 1000*(c.cpu-c.alone)/h.members(), c.rate)})
	b.add(row{What: "busy house, a page concerned", Unit: unitBytes, Ours: c.bytes, Goal: size,
		Note: fmt.Sprintf("of each post; on its screen after %v", c.shown)})
	b.add(row{What: "busy house, p99 of a post", Unit: unitTime, Ours: inMilliseconds(c.posts.P99), Goal: post,
		Note: c.posts.String()})
}

// newHouse makes the rooms and people of a house. Person i is in each rooms from room i on, spread
// over the house, and has a page of the first of them open.
func (b *bench) newHouse(ctx context.Context, h house) *fixture {
	f, build := b.emptyFixture(ctx, "house")
	defer finish(build.db.Close)
	users, tokens := build.people(ctx, fixtureWriters+h.people)
	f.writers, f.readers = tokens[:fixtureWriters], tokens[fixtureWriters:]
	var rooms []*db.Room
	var members []*db.UsersOnRoom
	enter := func(room int, u *db.User) {
		members = append(members,
			&db.UsersOnRoom{RoomID: rooms[room].ID, UserID: u.ID, JoinedAt: build.at, Notify: "all"})
	}
	for i := range h.rooms {
		rooms = append(rooms, build.room(i, users[0].ID, houseMessages))
		f.rooms = append(f.rooms, rooms[i].ID.String())
		for _, u := range users[:fixtureWriters] {
			enter(i, u)
		}
	}
	for i, u := range users[fixtureWriters:] {
		for k := range h.each {
			enter(h.room(i, k), u)
		}
	}
	check(insert(ctx, build.db, rooms))
	check(insert(ctx, build.db, members))
	for _, room := range rooms {
		build.messages(ctx, room, users[:fixtureWriters])
	}
	build.analyze(ctx, b)
	return f
}

// room returns the k-th room of person i. All of a person's rooms differ.
func (h house) room(i, k int) int { return (i + k*(h.rooms/h.each)) % h.rooms }

// houseCost is what a post costs.
type houseCost struct {
	cpu, alone   float64 // milliseconds for a post, and for one while nobody is online
	bytes, rate  float64 // bytes for a page concerned; posts a second
	posts, shown percentiles
}

// visit posts, opens everybody's page, and posts again.
func (b *bench) visit(ctx context.Context, s *server, f *fixture, h house) (c houseCost) {
	pages := &openPages{times: new(histogram)}
	defer pages.close()
	p := &housePoster{poster: newPoster(s.address, false, f, 80), span: max(2*b.span(), houseLeast)}
	p.answered = p.add
	alone := p.measure(ctx, s, pages, b.span()/2)
	for i := range h.people {
		check(pages.open(s.address, f.rooms[h.room(i, 0)], f.readers[i], i))
	}
	pages.settle(ctx) // every page gets its whole list once
	busy := p.measure(ctx, s, pages, b.span())
	check(pages.failed())
	return houseCost{
		cpu: busy.cpu, alone: alone.cpu, bytes: busy.bytes / h.members(), rate: busy.rate,
		posts: busy.posts, shown: pages.percentiles(),
	}
}

// housePoster posts at the rate of a house.
type housePoster struct {
	*poster
	span time.Duration // of measuring

	mu      sync.Mutex
	answers histogram
}

// add takes the time of a post.
func (p *housePoster) add(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers.add(d)
}

// taken returns the times taken since it was called before.
func (p *housePoster) taken() histogram {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := p.answers
	p.answers = histogram{}
	return taken
}

// measure returns what a post costs, after a warm-up; bytes are those of all pages.
func (p *housePoster) measure(ctx context.Context, s *server, pages *openPages, warmUp time.Duration) (c houseCost) {
	post := func(ctx context.Context) error { return p.atRate(ctx, houseRate, 16) }
	alongside(ctx, post, func(ctx context.Context) {
		wait(ctx, warmUp)
		p.taken()
		pages.time()
		before, read, start := must(usageOf(s.pid())), pages.read.Load(), time.Now()
		wait(ctx, p.span)
		span, after, times := time.Since(start), must(usageOf(s.pid())), p.taken()
		posts := float64(max(times.total, 1))
		c = houseCost{
			cpu: inMilliseconds(after.cpu-before.cpu) / posts, rate: posts / span.Seconds(),
			bytes: float64(pages.read.Load()-read) / posts, posts: times.percentiles(),
		}
	})
	return c
}

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
