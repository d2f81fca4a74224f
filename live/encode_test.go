package live

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEncoder_WritesTheFormat(t *testing.T) {
	for name, c := range map[string]struct {
		event Event
		id    int64
		want  string
	}{
		"a named event":                  {Event{"message", []byte("{}")}, 7, "id: 7\ndata: {}\nevent: message\n\n"},
		"an unnamed event":               {Event{"", []byte("<p>")}, 7, "id: 7\ndata: <p>\n\n"},
		"revision 0 is an id":            {Event{"ready", []byte("x")}, 0, "id: 0\ndata: x\nevent: ready\n\n"},
		"no id, no id line":              {Event{"unread", []byte("x")}, noID, "data: x\nevent: unread\n\n"},
		"data that looks like an id":     {Event{"", []byte("id: \nx")}, noID, "data: id: \ndata: x\n\n"},
		"lines":                          {Event{"", []byte("a\nb\n\nc\n")}, 1, "id: 1\ndata: a\ndata: b\ndata: \ndata: c\ndata: \n\n"},
		"a colon first is no comment":    {Event{"", []byte(":a\n: b")}, 1, "id: 1\ndata: :a\ndata: : b\n\n"},
		"carriage returns are removed":   {Event{"", []byte("a\r\nb\rc\r")}, 1, "id: 1\ndata: a\ndata: bc\n\n"},
		"no data: nothing":               {Event{"message", nil}, 1, ""},
		"only carriage returns: nothing": {Event{"message", []byte("\r\r")}, 1, ""},
		"percent signs":                  {Event{"", []byte("100 %s %d")}, 1, "id: 1\ndata: 100 %s %d\n\n"},
		"Hangul":                         {Event{"", []byte("안녕하세요")}, 1, "id: 1\ndata: 안녕하세요\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEncoder(newServer(), "a")
				defer e.close()
				if got := string(e.frame(c.event, c.id)); got != c.want {
					t.Errorf("frame %q, want %q", got, c.want)
				}
				if got := string(encodeByHand(c.event, c.id)); got != c.want {
					t.Errorf("encoded by hand %q, want %q", got, c.want)
				}
				if got := string(e.frame(Event{Data: []byte("next")}, 9)); got != "id: 9\ndata: next\n\n" {
					t.Errorf("the frame after it is %q", got)
				}
			})
		})
	}
}

// encodeByHand is what the stream server does, in a few lines: what the encoder costs is measured
// against it.
func encodeByHand(e Event, id int64) []byte {
	data := e.Data
	if bytes.IndexByte(data, '\r') >= 0 {
		data = bytes.ReplaceAll(data, []byte("\r"), nil)
	}
	if len(data) == 0 {
		return nil
	}
	b := make([]byte, 0, len(data)+64)
	if id != noID {
		b = append(strconv.AppendInt(append(b, "id: "...), id, 10), '\n')
	}
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		b = append(append(append(b, "data: "...), line...), '\n')
	}
	if e.Name != "" {
		b = append(append(append(b, "event: "...), e.Name...), '\n')
	}
	return append(b, '\n')
}

func TestEncoder_AfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newServer()
		e := newEncoder(server, "a")
		e.close()
		if got := e.frame(Event{Data: []byte("x")}, 1); got != nil {
			t.Errorf("frame %q, want none", got)
		}
		if server.StreamExists("a") {
			t.Error("the stream is still there")
		}
	})
}

// TestEncoder_WithoutSubscriber takes the subscriber away behind the encoder's back: nobody may
// wait for its frames.
func TestEncoder_WithoutSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEncoder(newServer(), "a")
		e.stop()
		<-e.gone
		for range 3 {
			if got := e.frame(Event{Data: []byte("x")}, 1); got != nil {
				t.Errorf("frame %q, want none", got)
			}
		}
		e.close()
	})
}

func TestGroup_BreaksTheSilence(t *testing.T) {
	for format, beat := range map[Format]string{HTML: ":\nevent: ping\ndata:\n\n", JSON: ":\n\n", Text: "\r", Page: "<!-- -->\n"} {
		t.Run(string(format), func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				room := f.store.room("a", 1)
				st := f.open(reads(1, room, FromNow).as(format))
				st.next()
				time.Sleep(20 * time.Second) // fake time
				f.post(room, 2, "x")
				if got := st.next(); !strings.Contains(got, "m1 x") {
					t.Errorf("sent %q", got)
				}
				time.Sleep(25*time.Second - 1)
				st.wants("")
				time.Sleep(time.Nanosecond)
				st.wants(beat)
				time.Sleep(25*time.Second - 1)
				st.wants("")
				time.Sleep(time.Nanosecond)
				st.wants(beat)
			})
		})
	}
}

func TestReader_EndsAfterItsLifetime(t *testing.T) {
	for format, life := range map[Format]time.Duration{HTML: time.Hour, JSON: time.Hour, Text: time.Hour, Page: 30 * time.Minute} {
		t.Run(string(format), func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				s := reads(1, f.store.room("a", 1), FromNow).as(format)
				s.Tail = []byte("bye\n")
				var streams []*stream
				for range 20 {
					streams = append(streams, f.open(s))
				}
				time.Sleep(life - life/10 - 1)
				if n := countEnded(streams); n != 0 {
					t.Errorf("%d ended too early", n)
				}
				time.Sleep(life / 10)
				if n := countEnded(streams); n == 0 || n == len(streams) {
					t.Errorf("%d of %d have ended half-way: not spread", n, len(streams))
				}
				time.Sleep(life/10 + 2)
				if n := countEnded(streams); n != len(streams) {
					t.Errorf("%d of %d have ended", n, len(streams))
				}
				if text := streams[0].text(); !strings.HasSuffix(text, "bye\n") || strings.Contains(text, EventClose) {
					t.Errorf("the stream ends with %q", text[max(0, len(text)-60):])
				}
			})
		})
	}
}

func countEnded(streams []*stream) (n int) {
	for _, st := range streams {
		if st.ended() {
			n++
		}
	}
	return n
}
