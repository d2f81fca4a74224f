package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// historyBehind is how many changes a reader that catches up has missed.
	historyBehind = 200
	// historyTimes is how many times longer the same may take in a room with more history.
	historyTimes = 1.5
	// historyPlaces is how many places of a history are looked at, all over it: as many in each
	// room, so that caches hold as much of each.
	historyPlaces = 50
	// historyRooms is how many rooms somebody is in who is in many.
	historyRooms = 200
	// unreadBound is where the program stops counting.
	unreadBound = 100
)

// variant is a fixture that is in one way bigger than the first.
type variant struct {
	name     string
	shape    shape // rooms and members
	messages int   // in each room
	goal     goal
}

// variants returns the fixtures to compare. The list of rooms is part of every page, so that many
// rooms have no goal.
func (b *bench) variants() []variant {
	var list []variant
	for i, messages := range b.history {
		v := variant{name: grouped(float64(messages)) + " messages", shape: shape{1, 10}, messages: messages}
		if i > 0 {
			v.goal = goal{Times: historyTimes}
		}
		list = append(list, v)
	}
	rooms := min(historyRooms, b.streams)
	return append(list,
		variant{grouped(float64(b.streams)) + " members", shape{1, b.streams}, b.history[0], goal{Times: historyTimes}},
		variant{grouped(float64(rooms)) + " rooms", shape{rooms, 1}, historyBehind, goal{}})
}

// historyActs are what is timed in each variant.
var historyActs = []struct {
	name string
	do   func(*historyRoom) error
}{
	{"room page", (*historyRoom).showNewest},
	{"history page", (*historyRoom).showHistory},
	{fmt.Sprintf("catching up on %d", historyBehind), (*historyRoom).catchUp},
	{"unread", (*historyRoom).countUnread},
	{"a post", (*historyRoom).post},
}

// measureHistory does the same things in fixtures of different size. Somebody posts before each, so
// that no response can come out of a cache.
func measureHistory(ctx context.Context, b *bench) {
	variants := b.variants()
	// All fixtures are made before any program starts: a connection does not stay open while a
	// million messages are written elsewhere.
	fixtures := make([]*fixture, len(variants))
	for i, v := range variants {
		b.logf("  a database with %s", v.name)
		fixtures[i] = b.newFixture(ctx, "history", v.shape, v.messages)
	}
	rooms := make([]*historyRoom, len(variants))
	for i, f := range fixtures {
		server := b.startProgram(f.database, anyPort)
		defer finish(server.stop)
		rooms[i] = openHistory(server, f, variants[i].messages)
	}
	for _, act := range historyActs {
		times := interleave(b, len(rooms), percentiles.p50, func(i int) (p percentiles) {
			step(act.name+", "+variants[i].name, func() { p = rooms[i].time(ctx, act.do, b.trialSpan()) })
			return p
		})
		for i, v := range variants {
			r := row{What: act.name + ", " + v.name, Unit: unitTime, Ours: inMilliseconds(times[i].P50), Goal: v.goal}
			if i > 0 {
				r.Limit, r.LimitIs = inMilliseconds(times[0].P50), variants[0].name
			}
			b.add(r)
		}
	}
}

// historyRoom is a room with a history in a program of its own, and people who look at it. Its
// connections end with the program.
type historyRoom struct {
	*fixture
	address string
	client  *client
	browser *browser // of somebody who has joined every room now
	reader  string   // token of somebody who is in all rooms and has read nothing
	poster  *poster
	writer  *writer // nil until it posts: a server does not wait long for the first request
	first   int64   // messages at the beginning
	ahead   int64   // how far revisions are ahead of positions, because people joined
}

// newest returns the position of the newest message.
func (r *historyRoom) newest() int64 { return r.first + r.poster.posted()[0] }

// openHistory lets a visitor join every room.
func openHistory(s *server, f *fixture, messages int) *historyRoom {
	r := &historyRoom{
		fixture: f, address: s.address, reader: f.writers[len(f.writers)-1], first: int64(messages) + 1, // with the line of who came in
		poster: newPoster(s.address, false, f, 80), browser: signUp(s.address), client: must(dial(s.address)),
	}
	r.poster.rooms = r.poster.rooms[:1]
	for _, room := range r.rooms {
		must(r.client.do(r.browser.request("/rooms/"+room), 200))
	}
	var room struct{ Revision int64 }
	check(r.getJSON("/rooms/"+r.rooms[0], &room))
	r.ahead = room.Revision - r.newest()
	return r
}

// time repeats an act for a span, each time after a post.
func (r *historyRoom) time(ctx context.Context, act func(*historyRoom) error, span time.Duration) percentiles {
	var times histogram
	for end := time.Now().Add(span); time.Now().Before(end) && ctx.Err() == nil; {
		check(r.post())
		start := time.Now()
		check(act(r))
		times.add(time.Since(start))
	}
	return times.percentiles()
}

func (r *historyRoom) post() (err error) {
	if r.writer == nil {
		if r.writer, err = r.poster.writer(0); err != nil {
			return err
		}
	}
	return r.writer.post(time.Now())
}

// getJSON fetches an address with the reader's token into a value.
func (r *historyRoom) getJSON(address string, to any) error {
	body, err := r.client.do(newRequest("GET", address, "", bearer(r.reader)), 200)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, to)
}

// browse fetches a page whose 50 messages are to end with newest.
func (r *historyRoom) browse(address string, newest int64) error {
	page, err := r.client.do(r.browser.request(address), 200)
	if err != nil {
		return err
	}
	has := func(position int64) bool { return bytes.Contains(page, []byte(marker(position))) }
	if !has(newest) || !has(newest-49) || has(newest+1) {
		return fmt.Errorf("%s does not end with message %d", address, newest)
	}
	return nil
}

func (r *historyRoom) showNewest() error {
	return r.browse("/rooms/"+r.rooms[0]+"?at=newest", r.newest())
}

func (r *historyRoom) showHistory() error {
	before := 100 + rand.Int64N(historyPlaces)*((r.first-100)/historyPlaces)
	return r.browse(fmt.Sprintf("/rooms/%s/messages?before=%d", r.rooms[0], before), before-1)
}

func (r *historyRoom) countUnread() error {
	var rooms []struct {
		ID           string
		Unread       int
		LastPosition int64 `json:"last_position"`
	}
	if err := r.getJSON("/rooms", &rooms); err != nil {
		return err
	}
	for _, room := range rooms {
		same := room.ID == r.rooms[0] && room.Unread == unreadBound && room.LastPosition == r.newest()
		if same && len(rooms) == len(r.rooms) {
			return nil
		}
	}
	return fmt.Errorf("the list of %d rooms is %+v", len(rooms), rooms)
}

// catchUp opens a stream that has to begin with the changes missed, and closes it when it is ready.
func (r *historyRoom) catchUp() error {
	c, err := dial(r.address)
	if err != nil {
		return err
	}
	defer c.close()
	newest := r.newest() + r.ahead
	m := &missedChanges{next: newest - historyBehind + 1, newest: newest}
	path := fmt.Sprintf("/rooms/%s/stream?as=json&after=%d", r.rooms[0], newest-historyBehind)
	return c.follow(newRequest("GET", path, "", bearer(r.reader)), m.read)
}

// missedChanges checks the beginning of a stream: the changes from next to newest in order, and the
// event that the stream is ready. What was posted a moment ago may come after that.
type missedChanges struct {
	next, newest int64
	ready        bool
	pending      []byte // the beginning of an event
}

// read takes a piece of the stream. It returns errEnough when nothing is missing any more.
func (m *missedChanges) read(piece []byte) error {
	m.pending = append(m.pending, piece...)
	for !m.ready || m.next <= m.newest {
		lines, rest, whole := bytes.Cut(m.pending, []byte("\n\n"))
		if !whole {
			return nil
		}
		m.pending = rest
		e, err := parseEvent(lines)
		switch {
		case err != nil:
			return err
		case e.name == "ready" && e.id == m.next-1:
			m.ready = true
		case (e.name == "message" || e.name == "room") && e.id == m.next:
			m.next++
		case e.id != noID:
			return fmt.Errorf("event %q %d, want %d of %d", e.name, e.id, m.next, m.newest)
		}
	}
	return errEnough
}
