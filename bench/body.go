package main

import (
	"bytes"
	"fmt"
	"strconv"
)

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
