package main

import (
	"fmt"
	"strings"
	"testing"
)

const testRoom = "the-room"

// posted is an event of the real program: post number as the change with an id.
func posted(id, number int64) string {
	return fmt.Sprintf("id: %d\ndata: {\"room_id\":%q,\"position\":%d,\"revision\":%d,\"body\":%q}\nevent: message\n\n",
		id, testRoom, id-1, id, appendBody(nil, number, 1000+number, 80))
}

func ready(id int64) string {
	return fmt.Sprintf("retry: 1500\nid: %d\ndata: {\"revision\":%d}\nevent: ready\n\n", id, id)
}

const (
	unread    = "data: [{\"unread\":1}]\nevent: unread\n\n"
	heartbeat = ":\n\n"
)

// readAll lets a new reader receive pieces of a stream and returns the times of what was delivered.
func readAll(log *transcript, pieces ...string) (follower, []int64, error) {
	p := follower{transcript: log}
	var sent []int64
	for _, piece := range pieces {
		if err := p.receive([]byte(piece), func(at int64) { sent = append(sent, at) }); err != nil {
			return p, sent, err
		}
	}
	return p, sent, nil
}

// cut takes a text into pieces of n bytes.
func cut(text string, n int) []string {
	var pieces []string
	for len(text) > n {
		pieces, text = append(pieces, text[:n]), text[n:]
	}
	return append(pieces, text)
}

func TestTranscript_IsTheSameHoweverStreamsAreCut(t *testing.T) {
	streams := []string{
		ready(1) + posted(2, 3) + posted(3, 1) + posted(4, 2),
		ready(1) + heartbeat + posted(2, 3) + unread + posted(3, 1) + unread + heartbeat + posted(4, 2) + heartbeat,
		heartbeat + ready(1) + unread + posted(2, 3) + posted(3, 1) + "retry: 9\n" + posted(4, 2),
	}
	for _, size := range []int{1, 2, 3, 7, 50, 1 << 20} {
		log := newTranscript(testRoom, bodyInMessage)
		for i, stream := range streams {
			p, sent, err := readAll(log, cut(stream, size)...)
			if err != nil {
				t.Fatalf("reader %d in pieces of %d: %v", i, size, err)
			}
			if got, want := fmt.Sprint(sent), "[1003 1001 1002]"; got != want {
				t.Errorf("reader %d in pieces of %d: sent at %s, want %s", i, size, got, want)
			}
			if !p.ready || log.idAfter(p.next) != 4 || p.retry == 0 {
				t.Errorf("reader %d in pieces of %d: %+v", i, size, p)
			}
		}
	}
}

func TestTranscript_RefusesWhatIsWrong(t *testing.T) {
	right := ready(1) + posted(2, 1) + posted(3, 2) + posted(4, 3)
	for name, c := range map[string]struct{ stream, says string }{
		"a lost event":             {ready(1) + posted(2, 1) + posted(4, 3), "a reader got"},
		"a doubled event":          {ready(1) + posted(2, 1) + posted(2, 1), "a reader got"},
		"events in another order":  {ready(1) + posted(3, 2) + posted(2, 1), "a reader got"},
		"another text":             {strings.Replace(right, "floor", "flood", 1), "a reader got"},
		"a later lost event":       {right + posted(6, 5), "has id 6, want 5"},
		"a later doubled event":    {right + posted(4, 3), "has id 4, want 5"},
		"a doubled post":           {right + posted(5, 3), "arrives a second time"},
		"a later body of others":   {right + strings.Replace(posted(5, 4), "guests", "ghosts", 1), "not as it was posted"},
		"another room's message":   {right + strings.Replace(posted(5, 4), testRoom, "another", 1), "an event in room"},
		"data that is no JSON":     {right + strings.Replace(posted(5, 4), "}", "", 1), "an event's data"},
		"another kind of event":    {right + strings.Replace(posted(5, 4), "event: message", "event: room", 1), `an event "room"`},
		"the loss of the right":    {right + "data: {\"reason\":\"removed\"}\nevent: close\n\n", "ends with"},
		"a reset":                  {right + "id: 9\ndata: {\"revision\":9}\nevent: reset\n\n", "ends with"},
		"ready at another place":   {ready(2) + posted(2, 1), "ready at 2"},
		"ready with a gap":         {right + ready(5), "ready at 5"},
		"an id that is no number":  {right + "id: x\ndata: 1\n\n", "id is"},
		"an id that is empty":      {right + "id: \ndata: 1\n\n", "id is"},
		"a field that has no name": {right + "datum: 1\n\n", "unknown field"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 11, 1 << 20} {
				log := newTranscript(testRoom, bodyInMessage)
				if _, _, err := readAll(log, right); err != nil {
					t.Fatal(err)
				}
				_, _, err := readAll(log, cut(c.stream, size)...)
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("in pieces of %d: error %v, want one with %q", size, err, c.says)
				}
			}
		})
	}
}

func TestFollower_ComesBackWhereItWas(t *testing.T) {
	log := newTranscript(testRoom, bodyInMessage)
	if _, _, err := readAll(log, ready(1)+posted(2, 1)+posted(3, 2)); err != nil {
		t.Fatal(err)
	}
	for at := range len(posted(3, 2)) {
		p, sent, err := readAll(log, ready(1)+posted(2, 1)+posted(3, 2)[:at])
		if err != nil || len(sent) != 1 {
			t.Fatalf("cut after %d bytes of the second event: %d delivered, error %v", at, len(sent), err)
		}
		p.disconnected()
		if cursor := log.idAfter(p.next); cursor != 2 {
			t.Fatalf("cut after %d bytes: the cursor is %d, want 2", at, cursor)
		}
		caughtUp := "retry: 7\n" + posted(3, 2) + posted(4, 3) + ready(4)
		if err := p.receive([]byte(caughtUp), func(at int64) { sent = append(sent, at) }); err != nil {
			t.Fatal(err)
		}
		if len(sent) != 3 || !p.ready {
			t.Errorf("cut after %d bytes: %d delivered in the end, ready %v", at, len(sent), p.ready)
		}
	}
}

func TestTranscript_BareEventsAreTheirBody(t *testing.T) {
	log := newTranscript("a", bodyInBare)
	event := fmt.Sprintf("id: 1\ndata: %s\n\n", appendBody(nil, 1, 5, 512))
	if _, sent, err := readAll(log, string(readyEvent(0)), event); err != nil || len(sent) != 1 || sent[0] != 5 {
		t.Errorf("sent %v, error %v", sent, err)
	}
}

func TestBody_IsReadAsItWasWritten(t *testing.T) {
	for size := leastBody; size < leastBody+3*len(words); size++ {
		body := appendBody(nil, int64(size), 99, size)
		if len(body) != size {
			t.Fatalf("a body of %d bytes, want %d", len(body), size)
		}
		number, sent, ok := readBody(body)
		if !ok || number != int64(size) || sent != 99 {
			t.Fatalf("read as %d, %d, %v: %s", number, sent, ok, body)
		}
		body[len(body)-1]++
		if _, _, ok := readBody(body); ok {
			t.Fatalf("a changed body is taken for right: %s", body)
		}
	}
}
