package main

import (
	"bytes"
	"fmt"
	"math"
	"sort"
)

// transcript is what the readers of a room receive. All of them get the same bytes, so that only
// the bytes of the reader furthest ahead are parsed; those of the others are compared with them.
type transcript struct {
	room   string
	bodyIn bodyIn

	bytes []byte  // all events so far, each with the blank line at its end
	ends  []int   // where each event ends in bytes
	sent  []int64 // when each event's body was sent, in nanoseconds
	first int64   // id before the first event; unknown until a reader is ready
	seen  []bool  // by number of body
}

const unknown = math.MinInt64

func newTranscript(room string, in bodyIn) *transcript {
	return &transcript{room: room, bodyIn: in, first: unknown}
}

// add appends an event that no reader has received before, given as its lines with the blank line
// at their end. An event that is wrong is an error.
func (t *transcript) add(e event, lines []byte) error {
	if want := t.idAfter(len(t.ends)) + 1; e.id != want {
		return fmt.Errorf("room %s: an event has id %d, want %d", t.room, e.id, want)
	}
	body, err := t.bodyIn(t.room, e)
	if err != nil {
		return err
	}
	number, sent, ok := readBody(body)
	if !ok {
		return fmt.Errorf("room %s: event %d is not as it was posted: %.200q", t.room, e.id, body)
	}
	for int64(len(t.seen)) <= number {
		t.seen = append(t.seen, false)
	}
	if t.seen[number] {
		return fmt.Errorf("room %s: post %d arrives a second time, as event %d", t.room, number, e.id)
	}
	t.seen[number] = true
	t.bytes = append(t.bytes, lines...)
	t.ends = append(t.ends, len(t.bytes))
	t.sent = append(t.sent, sent)
	return nil
}

// idAfter returns the id of the last of n events, which is the cursor of a reader that has them.
func (t *transcript) idAfter(n int) int64 { return t.first + int64(n) }

// startOf returns where event n begins in bytes.
func (t *transcript) startOf(n int) int {
	if n == 0 {
		return 0
	}
	return t.ends[n-1]
}

// follower is how far one reader has come in a transcript.
type follower struct {
	*transcript

	at    int    // bytes of the transcript received
	next  int    // events of the transcript received whole
	part  []byte // the beginning of an event not, or not yet, found in the transcript at this point
	ready bool   // the event "ready" has come
	retry int64  // how long to wait before reconnecting, in milliseconds; 0: not told
}

// receive takes bytes of the stream, and calls delivered for each event that they complete, with
// the time it was sent.
func (f *follower) receive(b []byte, delivered func(sent int64)) error {
	for len(b) > 0 {
		if len(f.part) == 0 {
			n := commonPrefix(b, f.bytes[f.at:])
			f.at += n
			b = b[n:]
			f.count(delivered)
			if len(b) == 0 {
				return nil
			}
			start := f.startOf(f.next)
			f.part = append(f.part, f.bytes[start:f.at]...)
			f.at = start
		}
		before := len(f.part)
		f.part = append(f.part, b...)
		from := max(before-1, 0)
		end := bytes.Index(f.part[from:], []byte("\n\n"))
		if end < 0 {
			return nil
		}
		whole := f.part[:from+end+2]
		b = b[len(whole)-before:]
		f.part = f.part[:0]
		if err := f.parse(whole, delivered); err != nil {
			return err
		}
	}
	return nil
}

// commonPrefix returns how many bytes both begin with. Usually that is all of the shorter.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n
	}
	return sort.Search(n, func(i int) bool { return !bytes.Equal(a[:i+1], b[:i+1]) })
}

// count calls delivered for the events that are complete by now.
func (f *follower) count(delivered func(sent int64)) {
	for f.next < len(f.ends) && f.ends[f.next] <= f.at {
		delivered(f.sent[f.next])
		f.next++
	}
}

// parse takes one whole event that was not recognised by its bytes.
func (f *follower) parse(lines []byte, delivered func(sent int64)) error {
	lines = f.skipOwn(lines)
	e, err := parseEvent(lines[:max(len(lines)-1, 0)])
	switch {
	case err != nil:
		return err
	case e.name == "close" || e.name == "reset":
		return fmt.Errorf("room %s: a stream ends with %q: %s", f.room, e.name, e.data)
	case e.name == "ready":
		return f.setReady(e)
	case e.id == noID:
		return nil
	}
	if f.next == len(f.ends) {
		if err := f.add(e, lines); err != nil {
			return err
		}
	}
	if want := f.bytes[f.at:f.ends[f.next]]; !bytes.Equal(lines, want) {
		return fmt.Errorf("room %s: a reader got %.200q where another got %.200q", f.room, lines, want)
	}
	f.at = f.ends[f.next]
	f.count(delivered)
	return nil
}

// skipOwn returns lines without those before the event that are for one reader alone.
func (f *follower) skipOwn(lines []byte) []byte {
	for {
		line, rest, found := bytes.Cut(lines, []byte("\n"))
		if !found || !bytes.HasPrefix(line, []byte(":")) && !bytes.HasPrefix(line, []byte("retry:")) {
			return lines
		}
		if ms, ok := bytes.CutPrefix(line, []byte("retry:")); ok {
			fmt.Sscan(string(ms), &f.retry)
		}
		lines = rest
	}
}

// setReady checks that the stream begins, or goes on, where the reader is.
func (f *follower) setReady(e event) error {
	if f.first == unknown {
		f.first = e.id
	}
	if want := f.idAfter(f.next); e.id != want {
		return fmt.Errorf("room %s: a reader that has received %d is told that it is ready at %d", f.room, want, e.id)
	}
	f.ready = true
	return nil
}

// disconnected forgets the state of a connection that has ended, an incomplete event included.
func (f *follower) disconnected() {
	f.at, f.part, f.ready = f.startOf(f.next), f.part[:0], false
}
