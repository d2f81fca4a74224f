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
	// silence is how long a stream sends nothing until it sends a heartbeat: proxies close what is
	// silent for 30 or 60 s.
	silence = 25 * time.Second
	// lifetime is how long a stream lives, and pageLifetime one that a browser keeps in memory as a
	// document; a tenth more or less, so that streams opened together do not come back together.
	lifetime     = time.Hour
	pageLifetime = 30 * time.Minute
	// retry is how long a client waits before it opens a stream again; half more or less, for the
	// same reason.
	retry = 2 * time.Second
	// scarceBound is how many streams of one session last where connections are scarce: browsers
	// have six by HTTP/1.1 for all tabs, and pages need some, too.
	scarceBound = 4
	// briefly is how long a brief stream stays open after it has caught up, for events of the
	// present; briefRetry is when it comes back, and pageRetry when a document does.
	briefly    = 200 * time.Millisecond
	briefRetry = 1500 * time.Millisecond
	pageRetry  = 5 * time.Second
)

// events reports whether the format is an event stream (WHATWG HTML, 9.2).
func (f Format) events() bool { return f == HTML || f == JSON }

// setHeaders sets the headers of a stream's response.
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
	h.Set("X-Accel-Buffering", "no") // nginx passes on at once what it gets
}

// heartbeat returns the bytes that keep a silent stream alive, which nobody should see: a comment
// in event streams and documents, and in text a carriage return, since a terminal's cursor stands
// at the start of a line anyway. Pages are told by an event as well: their scripts see no comments,
// and take a stream that is silent for longer than this for dead.
func (f Format) heartbeat() []byte {
	switch f {
	case Text:
		return []byte("\r")
	case Page:
		return []byte("<!-- -->\n")
	case HTML:
		return []byte(":\nevent: " + EventPing + "\ndata:\n\n")
	default:
		return []byte(":\n\n")
	}
}

// lifetime returns how long one stream of the format lives.
func (f Format) lifetime() time.Duration {
	if f == Page {
		return spread(pageLifetime, pageLifetime/10)
	}
	return spread(lifetime, lifetime/10)
}

// retryLine returns the field that tells a client how long to wait until it comes back, in
// milliseconds. It belongs to the event that follows, as htmx ignores one alone.
func retryLine(brief bool) []byte {
	wait := spread(retry, retry/2)
	if brief {
		wait = briefRetry
	}
	return fmt.Appendf(nil, "retry: %d\n", wait.Milliseconds())
}

// spread returns d, at random up to by more or less.
func spread(d, by time.Duration) time.Duration { return d - by + rand.N(2*by+1) }

// revisionEvent returns the ready or the reset event.
func revisionEvent(name string, revision int64) Event {
	return Event{Name: name, Data: []byte(`{"revision":` + strconv.FormatInt(revision, 10) + `}`)}
}

// closeEvent returns the last event of a reader that lost its right. Reasons are constants of this
// package, so nothing needs escaping.
func closeEvent(reason string) Event {
	return Event{Name: EventClose, Data: []byte(`{"reason":"` + reason + `"}`)}
}

// reasonOf returns the reason that the client is told when a right ends.
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

// covers reports whether a right that has ended is, or includes, the one a stream was opened with.
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
