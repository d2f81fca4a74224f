package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

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
			cost := b.visit(ctx, s, f, h)
			b.addHouse(h, i == 0, cost, b.visitBare(ctx, h, int(cost.bytes)))
		})
	}
}

func (b *bench) addHouse(h house, judged bool, c houseCost, bare float64) {
	cpu, size, post := goal{}, goal{}, goal{}
	if judged {
		cpu.Most, size.Most, post.Most = houseCPU, housePageBytes, inMilliseconds(housePost)
	}
	b.add(row{What: fmt.Sprintf("busy house, %v: a post", h), Unit: unitTime, Ours: c.cpu, Goal: cpu,
		Limit: bare, LimitIs: "bare: the same bytes to each page at once, nothing stored",
		Note: fmt.Sprintf("of the server's core; %.2f ms with nobody online; %.0f pages concerned, %.1f µs each; "+
			"%.1f posts/s", c.alone, h.members(), 1000*(c.cpu-c.alone)/h.members(), c.rate)})
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
	p := newHousePoster(b, newPoster(s.address, false, f, 80))
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

// visitBare returns what a post costs a bare server that writes that many bytes to as many pages,
// in milliseconds of its core. Each of its pages is open in one room, which has all that a post
// concerns.
func (b *bench) visitBare(ctx context.Context, h house, size int) float64 {
	s := b.startBare(roleBarePaced, nil)
	defer finish(s.stop)
	f := &fixture{writers: make([]string, fixtureWriters)}
	for i := range max(1, int(float64(h.people)/h.members())) {
		f.rooms = append(f.rooms, strconv.Itoa(i))
	}
	pages := &openPages{times: new(histogram)}
	defer pages.close()
	for i := range h.people {
		check(pages.open(s.address, f.rooms[i%len(f.rooms)], "", i))
	}
	pages.settle(ctx)
	p := newHousePoster(b, newPoster(s.address, true, f, size))
	return p.measure(ctx, s, pages, b.span()/2).cpu
}

// housePoster posts at the rate of a house.
type housePoster struct {
	*poster
	span time.Duration // of measuring

	mu      sync.Mutex
	answers histogram
}

func newHousePoster(b *bench, p *poster) *housePoster {
	h := &housePoster{poster: p, span: max(2*b.span(), houseLeast)}
	p.answered = h.add
	return h
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
