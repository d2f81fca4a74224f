package live

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"sarangbang/db"
)

const (
	// silence is how long a stream says nothing before it sends a heartbeat; proxies close what is silent for 30 or 60 s.
	silence = 25 * time.Second
	// lifetime is how long a stream lives, pageLifetime one that a browser keeps in memory as a document. A tenth more or
	// less, so that streams opened together do not come back together.
	lifetime     = time.Hour
	pageLifetime = 30 * time.Minute
	// retry is how long a client waits before it opens a stream again, half more or less for the same reason.
	retry = 2 * time.Second
)

// events tells whether the format is an event stream.
func (f Format) events() bool { return f == HTML || f == JSON }

// setHeaders sets all headers that a stream has of its own.
func setHeaders(h http.Header, f Format) {
	switch f {
	case Text:
		h.Set("Content-Type", "text/plain; charset=utf-8")
	case Page:
		h.Set("Content-Type", "text/html; charset=utf-8")
	default:
		h.Set("Content-Type", "text/event-stream")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx hands on what it gets at once
}

// heartbeat is what keeps a silent stream alive. Something must go over the wire, and nobody should see it: event streams and
// documents have comments; in text it is a carriage return, since the cursor of a terminal stands at the start of a line anyway.
func (f Format) heartbeat() []byte {
	switch f {
	case Text:
		return []byte("\r")
	case Page:
		return []byte("<!-- -->\n")
	default:
		return []byte(":\n\n")
	}
}

// lifetime is how long one stream of the format lives.
func (f Format) lifetime() time.Duration {
	if f == Page {
		return spread(pageLifetime, pageLifetime/10)
	}
	return spread(lifetime, lifetime/10)
}

// retryLine tells a client how long to wait, in milliseconds. It belongs to the event that follows: htmx takes no notice of one alone.
func retryLine() []byte {
	return fmt.Appendf(nil, "retry: %d\n", spread(retry, retry/2).Milliseconds())
}

// spread is d, up to by more or less.
func spread(d, by time.Duration) time.Duration { return d - by + rand.N(2*by+1) }

// revisionEvent is the ready or reset event.
func revisionEvent(name string, revision int64) Event {
	return Event{Name: name, Data: []byte(`{"revision":` + strconv.FormatInt(revision, 10) + `}`)}
}

// closeEvent is sent last to a reader that lost its right. Reasons are constants of this package, so nothing needs escaping.
func closeEvent(reason string) Event {
	return Event{Name: EventClose, Data: []byte(`{"reason":"` + reason + `"}`)}
}

// reasonOf names the loss of a right to the person who loses it.
func reasonOf(r db.Right) string {
	switch {
	case r.Token != 0:
		return ReasonTokenDeleted
	case r.Session != "" || r.Epoch != 0:
		return ReasonSignedOut
	case r.Room != [16]byte{}:
		return ReasonRemoved
	default:
		return ReasonDeactivated
	}
}

// covers tells whether a right that ended is the one a stream was opened with.
func covers(ended, with db.Right) bool {
	switch {
	case ended.UserID != 0 && ended.UserID != with.UserID,
		ended.Room != [16]byte{} && ended.Room != with.Room,
		ended.Session != "" && ended.Session != with.Session,
		ended.Token != 0 && ended.Token != with.Token:
		return false
	}
	return ended.Epoch == 0 || with.Token == 0 && with.Epoch < ended.Epoch
}
