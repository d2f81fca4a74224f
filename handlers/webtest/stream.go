package webtest

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"
)

// patience is how long a test waits for an event that must arrive, far more than any machine needs.
const patience = 20 * time.Second

// Event is one event of a stream, or one line of a text stream in Data.
type Event struct {
	ID, Name, Data string
	// HasID tells an id: line from none.
	HasID bool
}

// Stream is an open stream.
type Stream struct {
	p      *Person
	what   string
	resp   *http.Response
	events chan Event // closed at the stream's end
}

// Open starts reading a stream; the test fails when it cannot.
func (p *Person) Open(path string, headers ...string) *Stream {
	p.TB.Helper()
	reader := *p
	reader.Header = p.Header.Clone()
	for i := 0; i < len(headers); i += 2 {
		reader.Header.Set(headers[i], headers[i+1])
	}
	resp := reader.send(http.MethodGet, path, nil, "")
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		p.TB.Fatalf("GET %s: status %d, want a stream\n%s", path, resp.StatusCode, head(string(body)))
	}
	s := &Stream{p: p, what: path, resp: resp, events: make(chan Event, 1024)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		go s.readEvents()
	} else {
		go s.readLines()
	}
	p.TB.Cleanup(s.Close)
	return s
}

// Header returns the headers of the answer.
func (s *Stream) Header() http.Header { return s.resp.Header }

// Close closes the connection, as a browser does that leaves the page.
func (s *Stream) Close() { s.resp.Body.Close() }

func (s *Stream) readLines() {
	defer close(s.events)
	lines := bufio.NewScanner(s.resp.Body)
	for lines.Scan() {
		s.events <- Event{Data: lines.Text()}
	}
}

func (s *Stream) readEvents() {
	defer close(s.events)
	for e := range Events(s.resp.Body) {
		s.events <- e
	}
}

// Events reads an event stream by the rules of the HTML standard, section 9.2.6, until its end.
func Events(body io.Reader) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		lines := bufio.NewScanner(body)
		lines.Buffer(nil, 4<<20)
		var e Event
		var data []string
		for lines.Scan() {
			line := lines.Text()
			if line == "" {
				e.Data = strings.Join(data, "\n")
				if data != nil && !yield(e) {
					return
				}
				e, data = Event{}, nil
				continue
			}
			field, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch field {
			case "id":
				e.ID, e.HasID = value, true
			case "event":
				e.Name = value
			case "data":
				data = append(data, value)
			}
		}
	}
}

// Next waits for the next event. ok is false at the end of the stream. The test fails when nothing
// arrives in time.
func (s *Stream) Next() (e Event, ok bool) {
	s.p.TB.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case e, ok = <-s.events:
		return e, ok
	case <-timeout.C:
		s.p.TB.Fatalf("stream %s: nothing came in %v", s.what, patience)
		return Event{}, false
	}
}

// All returns the events until the stream's end, however long that takes.
func (s *Stream) All() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for e := range s.events {
			if !yield(e) {
				return
			}
		}
	}
}

// Until returns the next event that matches, and skips others. The test fails when the stream ends
// before.
func (s *Stream) Until(what string, match func(Event) bool) Event {
	s.p.TB.Helper()
	for {
		e, ok := s.Next()
		if !ok {
			s.p.TB.Fatalf("stream %s ended before %s", s.what, what)
		}
		if match(e) {
			return e
		}
	}
}

// UntilNamed returns the next event of a name, and skips others.
func (s *Stream) UntilNamed(name string) Event {
	s.p.TB.Helper()
	return s.Until("event "+name, func(e Event) bool { return e.Name == name })
}

// UntilHas returns the next event whose data has text in it, and skips others.
func (s *Stream) UntilHas(text string) Event {
	s.p.TB.Helper()
	return s.Until("an event with "+text, func(e Event) bool { return strings.Contains(e.Data, text) })
}

// Ends fails the test unless the stream ends. It skips the events before.
func (s *Stream) Ends() {
	s.p.TB.Helper()
	for {
		if _, ok := s.Next(); !ok {
			return
		}
	}
}

// JSON decodes an event's data.
func (s *Stream) JSON(e Event, into any) {
	s.p.TB.Helper()
	if err := json.Unmarshal([]byte(e.Data), into); err != nil {
		s.p.TB.Fatalf("stream %s: %v in %q", s.what, err, e.Data)
	}
}
