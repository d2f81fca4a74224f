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

// oldRoom is a room with a history, and somebody who looks at it.
type oldRoom struct {
	name   string
	rooms  int    // of the house
	reader string // token of somebody who is in all rooms and has read nothing
	cookie string // of a visitor who has come today
	first  int64  // messages at the beginning
	posted int64
	ahead  int64 // how far revisions are ahead of positions: people joined
	client *client
	poster *poster
	writer *writer // nil until it posts: a server does not wait long for the first request on a connection
	server *server
}

// head is the position of the newest message.
func (r *oldRoom) head() int64 { return r.first + r.posted }

// openOld starts the program on a house.
func (b *bench) openOld(h *house, messages int) (r *oldRoom, err error) {
	r = &oldRoom{name: h.rooms[0], rooms: len(h.rooms), reader: h.writers[len(h.writers)-1], first: int64(messages)}
	if r.server, err = b.startProgram(h.database, anyPort); err != nil {
		return nil, err
	}
	if err := r.enter(h); err != nil {
		return nil, errors.Join(err, r.server.stop())
	}
	return r, nil
}

// enter lets a visitor join every room.
func (r *oldRoom) enter(h *house) error {
	visit, err := signUp(r.server.address)
	if err != nil {
		return err
	}
	r.cookie = visit.cookie
	if r.client, err = dial(r.server.address); err != nil {
		return err
	}
	r.poster = newPoster(r.server.address, kindProgram, h.rooms[:1], h.writers, 80)
	for _, room := range h.rooms {
		if status, body, err := r.client.do(visit.request("/rooms/" + room)); err != nil || status != 200 {
			return fmt.Errorf("a visit: status %d: %.300s: %w", status, body, err)
		}
	}
	revision, err := r.revision()
	r.ahead = revision - r.head()
	return err
}

func (r *oldRoom) close() error {
	r.client.close()
	if r.writer != nil {
		r.writer.client.close()
	}
	return r.server.stop()
}

// time does something again and again, each time after a post.
func (r *oldRoom) time(ctx context.Context, do func(*oldRoom) error, span time.Duration) (spread, error) {
	var times histogram
	for end := time.Now().Add(span); time.Now().Before(end) && ctx.Err() == nil; {
		if err := r.post(); err != nil {
			return spread{}, err
		}
		start := time.Now()
		if err := do(r); err != nil {
			return spread{}, err
		}
		times.add(time.Since(start))
	}
	return times.spread(), nil
}

func (r *oldRoom) post() (err error) {
	if r.writer == nil {
		if r.writer, err = r.poster.writer(0); err != nil {
			return err
		}
	}
	r.posted++
	return r.writer.post(time.Now())
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
		ID           string
		Unread       int
		LastPosition int64 `json:"last_position"`
	}
	if err := json.Unmarshal(body, &rooms); err != nil {
		return err
	}
	for _, room := range rooms {
		if room.ID == r.name && room.Unread == unreadBound && room.LastPosition == r.head() && len(rooms) == r.rooms {
			return nil
		}
	}
	return fmt.Errorf("the list of %d rooms is %.300s", len(rooms), body)
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
	return missed(bufio.NewReader(&streamBody{in: conn}), head-historyBehind+1, head)
}

// missed reads the changes from next to head and the news that the stream is ready. What was posted a moment ago may come after that.
func missed(in *bufio.Reader, next, head int64) error {
	for ready := false; !ready || next <= head; {
		e, err := readEvent(in)
		switch {
		case err != nil:
			return err
		case e.name == "ready" && e.id == next-1:
			ready = true
		case (e.name == "message" || e.name == "room") && e.id == next:
			next++
		case e.id != noID:
			return fmt.Errorf("event %q %d, want %d of %d", e.name, e.id, next, head)
		}
	}
	return nil
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
