package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"
)

const (
	// historyBehind is how many changes a reader that catches up has missed.
	historyBehind = 200
	// historyTimes is how many times longer the same may take in a room with more history.
	historyTimes = 1.5
	// historyPlaces is how many places of a history are looked at, all over it. As many in each room, so that caches hold as much of each.
	historyPlaces = 50
	// unreadBound is where the program stops counting.
	unreadBound = 100
)

// measureHistory does the same things in rooms with different numbers of messages. Before each, somebody posts, so that no answer is one
// that was kept.
func measureHistory(b *bench, ctx context.Context) error {
	var first []spread
	for i, messages := range b.history {
		times, err := b.historyTimes(ctx, messages)
		if err != nil {
			return fmt.Errorf("%s messages: %w", grouped(float64(messages)), err)
		}
		if i == 0 {
			first = times
		}
		for k, act := range historyActs {
			l := line{What: fmt.Sprintf("%s, %s messages", act.name, grouped(float64(messages))), Unit: unitTime, Ours: inMilliseconds(times[k].P50)}
			if i > 0 {
				l.Limit, l.LimitIs = inMilliseconds(first[k].P50), grouped(float64(b.history[0]))+" messages"
				l.Goal = goal{Times: historyTimes}
			}
			b.add(l)
		}
	}
	return nil
}

// oldRoom is a room with a history, and somebody who looks at it.
type oldRoom struct {
	name   string
	reader string // token of somebody who has read nothing
	cookie string
	first  int64 // messages at the beginning
	posted int64
	ahead  int64 // how far revisions are ahead of positions: people joined
	client *client
	server *server
}

// head is the position of the newest message.
func (r *oldRoom) head() int64 { return r.first + r.posted }

var historyActs = []struct {
	name string
	do   func(*oldRoom) error
}{
	{"room page", (*oldRoom).showNewest},
	{"history page", (*oldRoom).showHistory},
	{fmt.Sprintf("catching up on %d", historyBehind), (*oldRoom).catchUp},
	{"unread", (*oldRoom).countUnread},
}

func (b *bench) historyTimes(ctx context.Context, messages int) (times []spread, err error) {
	b.say("  writing a history of %s messages", grouped(float64(messages)))
	h, err := b.furnish(ctx, fmt.Sprint("history-", messages), shape{1, 10}, messages)
	if err != nil {
		return nil, err
	}
	s, err := b.startProgram(h.database, anyPort)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	visit, err := signUp(s.address)
	if err != nil {
		return nil, err
	}
	if _, err := visit.page("/rooms/" + h.rooms[0]); err != nil { // which joins
		return nil, err
	}
	r := &oldRoom{name: h.rooms[0], reader: h.readers[0], cookie: visit.cookie, first: int64(messages), server: s}
	if r.client, err = dial(s.address); err != nil {
		return nil, err
	}
	defer r.client.close()
	return r.timeAll(ctx, h.writers, b.span())
}

// timeAll does everything.
func (r *oldRoom) timeAll(ctx context.Context, writers []string, span time.Duration) (times []spread, err error) {
	w, err := newPoster(r.server.address, kindProgram, []string{r.name}, writers, 80).writer(0)
	if err != nil {
		return nil, err
	}
	defer w.client.close()
	revision, err := r.revision()
	if err != nil {
		return nil, err
	}
	r.ahead = revision - r.head()
	for _, act := range historyActs {
		t, err := r.time(ctx, w, act.do, span)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", act.name, err)
		}
		times = append(times, t)
	}
	return times, nil
}

// time does the same again and again, each time after a post.
func (r *oldRoom) time(ctx context.Context, w *writer, do func(*oldRoom) error, span time.Duration) (spread, error) {
	var times histogram
	for end := time.Now().Add(span); time.Now().Before(end) && ctx.Err() == nil; {
		if err := w.post(time.Now()); err != nil {
			return spread{}, err
		}
		r.posted++
		start := time.Now()
		if err := do(r); err != nil {
			return spread{}, err
		}
		times.add(time.Since(start))
	}
	return times.spread(), nil
}

// get asks for an address, as a browser does or with the reader's token.
func (r *oldRoom) get(address, header string) ([]byte, error) {
	status, body, err := r.client.do(fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: bench\r\n%s\r\n\r\n", address, header))
	if err == nil && status != 200 {
		err = fmt.Errorf("status %d: %.300s", status, body)
	}
	return body, err
}

func (r *oldRoom) browse(address string, newest int64) error {
	page, err := r.get(address, "Accept: text/html\r\nCookie: "+r.cookie)
	if err != nil {
		return err
	}
	if !hasMessage(page, newest) || !hasMessage(page, newest-49) || hasMessage(page, newest+1) {
		return fmt.Errorf("%s does not end with message %d", address, newest)
	}
	return nil
}

func hasMessage(page []byte, position int64) bool {
	return bytes.Contains(page, fmt.Appendf(nil, `id="m%d"`, position))
}

func (r *oldRoom) showNewest() error { return r.browse("/rooms/"+r.name, r.head()) }

func (r *oldRoom) showHistory() error {
	before := 100 + rand.Int64N(historyPlaces)*((r.first-100)/historyPlaces)
	return r.browse(fmt.Sprintf("/rooms/%s/messages?before=%d", r.name, before), before-1)
}

func (r *oldRoom) countUnread() error {
	body, err := r.get("/rooms", "Authorization: Bearer "+r.reader)
	if err != nil {
		return err
	}
	var rooms []struct {
		Unread       int
		LastPosition int64 `json:"last_position"`
	}
	if err := json.Unmarshal(body, &rooms); err != nil {
		return err
	}
	if len(rooms) != 1 || rooms[0].Unread != unreadBound || rooms[0].LastPosition != r.head() {
		return fmt.Errorf("the list of rooms is %.300s", body)
	}
	return nil
}

// revision asks for that of the room.
func (r *oldRoom) revision() (int64, error) {
	body, err := r.get("/rooms/"+r.name, "Authorization: Bearer "+r.reader)
	if err != nil {
		return 0, err
	}
	var page struct{ Revision int64 }
	return page.Revision, json.Unmarshal(body, &page)
}

// catchUp opens a stream that has to begin with the changes missed, and closes it when it is ready.
func (r *oldRoom) catchUp() error {
	conn, err := net.Dial("tcp", r.server.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	head := r.head() + r.ahead
	_, err = fmt.Fprintf(conn, "GET /rooms/%s/stream?as=json&after=%d HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n",
		r.name, head-historyBehind, r.reader)
	if err != nil {
		return err
	}
	in := bufio.NewReader(&streamBody{in: conn})
	for next := head - historyBehind + 1; ; {
		e, err := readEvent(in)
		switch {
		case err != nil:
			return err
		case e.name == "ready" && e.id == head && next == head+1:
			return nil
		case (e.name == "message" || e.name == "room") && e.id == next:
			next++
		case e.id != noID:
			return fmt.Errorf("event %q %d, want %d", e.name, e.id, next)
		}
	}
}

// streamBody reads the body of the answer on a connection.
type streamBody struct {
	in     io.Reader
	answer answer
	buffer [64 << 10]byte
	rest   []byte
}

func (s *streamBody) Read(b []byte) (n int, err error) {
	for n == 0 && err == nil {
		if len(s.rest) == 0 {
			var got int
			got, err = s.in.Read(s.buffer[:min(len(b), len(s.buffer))])
			s.rest = s.buffer[:got]
		}
		var body []byte
		if err == nil {
			body, s.rest, err = s.answer.next(s.rest)
		}
		n = copy(b, body)
	}
	return n, err
}

// readEvent reads to the next blank line.
func readEvent(in *bufio.Reader) (event, error) {
	var lines []byte
	for {
		line, err := in.ReadSlice('\n')
		if lines = append(lines, line...); err != nil {
			return event{}, err
		}
		if len(line) == 1 {
			return parseEvent(lines[:len(lines)-1])
		}
	}
}
