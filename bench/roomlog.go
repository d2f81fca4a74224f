package main

import (
	"bytes"
	"fmt"
	"math"
	"sort"
)

// roomLog is what the readers of a room receive. All get the same bytes, so only the bytes of whoever is ahead are read closely;
// those of the others are compared with them.
type roomLog struct {
	name   string
	bodyIn bodyIn

	bytes []byte  // all events so far, each with the blank line at its end
	ends  []int   // where each event ends in bytes
	sent  []int64 // when each event's body was sent, in nanoseconds
	first int64   // id before the first event; unknown until a reader is ready
	seen  []bool  // by number of body
}

const unknown = math.MinInt64

func newRoomLog(name string, in bodyIn) *roomLog {
	return &roomLog{name: name, bodyIn: in, first: unknown}
}

// add appends an event that nobody has received before, unless something is wrong with it. lines has the blank line at its end.
func (l *roomLog) add(e event, lines []byte) error {
	if want := l.first + int64(len(l.ends)) + 1; e.id != want {
		return fmt.Errorf("room %s: an event has id %d, want %d", l.name, e.id, want)
	}
	body, err := l.bodyIn(l.name, e)
	if err != nil {
		return err
	}
	number, sent, ok := readBody(body)
	if !ok {
		return fmt.Errorf("room %s: event %d is not as it was posted: %.200q", l.name, e.id, body)
	}
	for int64(len(l.seen)) <= number {
		l.seen = append(l.seen, false)
	}
	if l.seen[number] {
		return fmt.Errorf("room %s: post %d arrives a second time, as event %d", l.name, number, e.id)
	}
	l.seen[number] = true
	l.bytes = append(l.bytes, lines...)
	l.ends = append(l.ends, len(l.bytes))
	l.sent = append(l.sent, sent)
	return nil
}

// idAfter is the id of the last of n events: the cursor of a reader that has received n.
func (l *roomLog) idAfter(n int) int64 { return l.first + int64(n) }

// startOf is where event n begins.
func (l *roomLog) startOf(n int) int {
	if n == 0 {
		return 0
	}
	return l.ends[n-1]
}

// place is what one reader has received of a room. Its zero value with a log is that of a reader that has received nothing.
type place struct {
	log *roomLog

	at    int    // bytes of the log received
	next  int    // events of the log received whole
	part  []byte // the beginning of an event that is not, or not yet, the one in the log at this place
	ready bool   // the event "ready" has come
	retry int64  // how long to wait before coming back, in milliseconds; 0: not told
}

// receive takes bytes of the stream. delivered is called for each event received whole, with the time it was sent.
func (p *place) receive(b []byte, delivered func(sent int64)) error {
	for len(b) > 0 {
		if len(p.part) == 0 {
			n := commonPrefix(b, p.log.bytes[p.at:])
			p.at += n
			b = b[n:]
			p.count(delivered)
			if len(b) == 0 {
				return nil
			}
			start := p.log.startOf(p.next)
			p.part = append(p.part, p.log.bytes[start:p.at]...)
			p.at = start
		}
		var err error
		if b, err = p.collect(b, delivered); err != nil {
			return err
		}
	}
	return nil
}

// commonPrefix is how many bytes both begin with. The usual case is that the shorter is all of it.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n
	}
	return sort.Search(n, func(i int) bool { return !bytes.Equal(a[:i+1], b[:i+1]) })
}

// count tells of the events that have become whole.
func (p *place) count(delivered func(sent int64)) {
	for p.next < len(p.log.ends) && p.log.ends[p.next] <= p.at {
		delivered(p.log.sent[p.next])
		p.next++
	}
}

// collect adds to the part of an event until it is whole, and returns what follows it.
func (p *place) collect(b []byte, delivered func(sent int64)) (rest []byte, err error) {
	from := max(len(p.part)-1, 0)
	before := len(p.part)
	p.part = append(p.part, b...)
	end := bytes.Index(p.part[from:], []byte("\n\n"))
	if end < 0 {
		return nil, nil
	}
	whole := p.part[:from+end+2]
	rest = b[len(whole)-before:]
	p.part = p.part[:0]
	return rest, p.take(whole, delivered)
}

// take receives one whole event that was not recognised by its bytes.
func (p *place) take(lines []byte, delivered func(sent int64)) error {
	lines = p.skipOwn(lines)
	e, err := parseEvent(lines[:max(len(lines)-1, 0)])
	if err != nil {
		return err
	}
	switch {
	case e.name == "close" || e.name == "reset":
		return fmt.Errorf("room %s: a stream ends with %q: %s", p.log.name, e.name, e.data)
	case e.name == "ready":
		return p.getReady(e)
	case e.id == noID:
		return nil
	}
	if p.next == len(p.log.ends) {
		if err := p.log.add(e, lines); err != nil {
			return err
		}
	}
	if want := p.log.bytes[p.at:p.log.ends[p.next]]; !bytes.Equal(lines, want) {
		return fmt.Errorf("room %s: a reader got %.200q where another got %.200q", p.log.name, lines, want)
	}
	p.at = p.log.ends[p.next]
	p.count(delivered)
	return nil
}

// skipOwn leaves out the lines before an event that are for one reader alone.
func (p *place) skipOwn(lines []byte) []byte {
	for {
		line, rest, found := bytes.Cut(lines, []byte("\n"))
		if !found || !bytes.HasPrefix(line, []byte(":")) && !bytes.HasPrefix(line, []byte("retry:")) {
			return lines
		}
		if ms, ok := bytes.CutPrefix(line, []byte("retry:")); ok {
			fmt.Sscan(string(ms), &p.retry)
		}
		lines = rest
	}
}

// getReady checks that the stream begins, or goes on, where the reader is.
func (p *place) getReady(e event) error {
	if p.log.first == unknown {
		p.log.first = e.id
	}
	if want := p.log.idAfter(p.next); e.id != want {
		return fmt.Errorf("room %s: a reader that has received %d is told that it is ready at %d", p.log.name, want, e.id)
	}
	p.ready = true
	return nil
}

// reconnected forgets what belonged to a connection that has ended: its last event, when that came in part.
func (p *place) reconnected() {
	p.at, p.part, p.ready = p.log.startOf(p.next), p.part[:0], false
}
