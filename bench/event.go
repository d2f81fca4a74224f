package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// event is one event of a stream (WHATWG HTML, section 9.2, as far as our servers use it).
type event struct {
	id   int64 // noID without one
	name string
	data []byte
}

const noID = -1

// parseEvent parses the lines of an event, without the blank line at its end.
func parseEvent(b []byte) (event, error) {
	e := event{id: noID}
	for line := range bytes.Lines(b) {
		field, value, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "id":
			id, err := strconv.ParseInt(string(value), 10, 64)
			if err != nil || id < 0 {
				return e, fmt.Errorf("an event's id is %q", value)
			}
			e.id = id
		case "event":
			e.name = string(value)
		case "data":
			if e.data != nil {
				return e, fmt.Errorf("an event has two lines of data: %.200q", b)
			}
			e.data = value
		case "", "retry": // comments, and what is each reader's own
		default:
			return e, fmt.Errorf("an event has an unknown field: %.200q", b)
		}
	}
	return e, nil
}

// bodyIn returns the posted body that an event carries. Each protocol has its own.
type bodyIn func(room string, e event) ([]byte, error)

// bodyInMessage is the bodyIn of the real program: the event is a message as JSON.
func bodyInMessage(room string, e event) ([]byte, error) {
	var m struct {
		RoomID   string `json:"room_id"`
		Revision int64  `json:"revision"`
		Body     string `json:"body"`
		Deleted  bool   `json:"deleted"`
	}
	if e.name != "message" {
		return nil, fmt.Errorf("an event %q with an id", e.name)
	}
	if err := json.Unmarshal(e.data, &m); err != nil {
		return nil, fmt.Errorf("an event's data: %w: %.200q", err, e.data)
	}
	if m.RoomID != room || m.Revision != e.id || m.Deleted {
		return nil, fmt.Errorf("an event in room %s with id %d: %.200q", room, e.id, e.data)
	}
	return []byte(m.Body), nil
}

// bodyInBare is the bodyIn of the bare servers: the data is the body.
func bodyInBare(_ string, e event) ([]byte, error) { return e.data, nil }

// A posted body describes itself: its number in the room and when it was sent, in nanoseconds, both
// of fixed width, then words that depend on the number. So a reader can tell whether a body is
// whole, new and in time without being told what was sent.
const (
	numberWidth = 10
	timeWidth   = 20
	// leastBody is the size of a body without words.
	leastBody = numberWidth + 1 + timeWidth
)

// words fill bodies up. They mean nothing in Markdown and need no escaping anywhere.
const words = "on a warm floor guests sit and talk about the day while rain falls on the roof " +
	"and tea is poured again and nobody looks at the clock "

// appendBody appends the body with that number and time of sending, size bytes long, but at least
// leastBody.
func appendBody(dst []byte, number, sent int64, size int) []byte {
	dst = fmt.Appendf(dst, "%0*d %0*d", numberWidth, number, timeWidth, sent)
	if size <= leastBody {
		return dst
	}
	dst = append(dst, '.') // words may begin with a space
	rest := size - leastBody - 1
	for from := words[int(number)%len(words):]; rest > 0; from = words {
		from = from[:min(rest, len(from))]
		dst = append(dst, from...)
		rest -= len(from)
	}
	dst[len(dst)-1] = '.' // a space at the end would be trimmed
	return dst
}

// readBody parses a body. ok reports whether every byte is as it was sent.
func readBody(body []byte) (number, sent int64, ok bool) {
	if len(body) < leastBody {
		return 0, 0, false
	}
	number, err := strconv.ParseInt(string(body[:numberWidth]), 10, 64)
	sent, err2 := strconv.ParseInt(string(body[numberWidth+1:leastBody]), 10, 64)
	if err != nil || err2 != nil || number < 0 {
		return 0, 0, false
	}
	return number, sent, bytes.Equal(body, appendBody(nil, number, sent, len(body)))
}
