package handlers

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// talk posts n messages, "1", "2", …
func talk(s *testServer, p *webtest.Person, room string, n int) {
	s.tb.Helper()
	author, id := s.user(p), roomIn(s.tb, room)
	for i := 1; i <= n; i++ {
		if _, _, err := s.store.PostMessage(s.tb.Context(), author, id, itoa(int64(i)), ""); err != nil {
			s.tb.Fatal(err)
		}
	}
}

func TestHistory_ReturnsTheWindowAskedFor(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		talk(s, jimin, room, 230)
		script := jimin.WithToken()
		for query, c := range map[string]struct{ from, to int64 }{
			"":                         {181, 230},
			"?limit=1":                 {230, 230},
			"?limit=200":               {31, 230},
			"?before=181":              {131, 180},
			"?before=181&limit=3":      {178, 180},
			"?before=2":                {1, 1},
			"?before=1":                {0, -1},
			"?before=1000":             {181, 230},
			"?after=0":                 {1, 50},
			"?after=0&limit=2":         {1, 2},
			"?after=10&limit=5":        {11, 15},
			"?after=228":               {229, 230},
			"?after=230":               {0, -1},
			"?after=1000":              {0, -1},
			"?around=100&limit=10":     {95, 104},
			"?around=1&limit=10":       {1, 10},
			"?around=230&limit=10":     {221, 230},
			"?around=9999&limit=10":    {221, 230},
			"?around=4611686018427387": {181, 230},
		} {
			var got []messageShape
			script.Get(room + "/messages" + query).Wants(http.StatusOK).JSON(&got)
			if int64(len(got)) != c.to-c.from+1 && (len(got) != 0 || c.to >= 0) || len(got) > 0 && (got[0].Position != c.from || got[len(got)-1].Position != c.to) {
				t.Errorf("%s: %d messages from %d, want %d to %d", query, len(got), first(got), c.from, c.to)
			}
			for i := 1; i < len(got); i++ {
				if got[i].Position != got[i-1].Position+1 {
					t.Errorf("%s: %d follows %d", query, got[i].Position, got[i-1].Position)
				}
			}
		}
		for _, query := range []string{
			"?before=0", "?before=-1", "?before=x", "?after=-1", "?after=1.5", "?around=0", "?around=x", "?limit=0", "?limit=201", "?limit=-1", "?limit=many",
			"?before=5&after=1", "?before=5&around=3", "?after=0&around=3", "?before=99999999999999999999",
		} {
			for way, p := range eachWay(jimin) {
				if got := p.Get(room + "/messages" + query).Status; got != http.StatusUnprocessableEntity {
					t.Errorf("%s as %s: status %d, want 422", query, way, got)
				}
			}
		}
		jimin.Get(room + "?around=x").Wants(http.StatusUnprocessableEntity)
	})
}

func first(messages []messageShape) int64 {
	if len(messages) == 0 {
		return 0
	}
	return messages[0].Position
}

func TestHistory_IsReadByPagesInBothDirections(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		talk(s, jimin, room, 120)
		seen := map[string]int{}
		read := func(a *webtest.Answer) {
			for _, node := range a.Wants(http.StatusOK).Find(".message").EachIter() {
				seen[node.AttrOr("id", "")]++
			}
		}
		pages := 0
		for path := room + "/messages"; path != ""; pages++ {
			a := jimin.Get(path)
			read(a)
			path = a.Find(".older a").AttrOr("href", "")
		}
		if len(seen) != 120 || pages != 3 {
			t.Errorf("%d messages on %d pages backwards", len(seen), pages)
		}
		for path := room + "/messages?before=51"; path != ""; {
			a := jimin.Get(path)
			read(a)
			path = a.Find(`.further a[href*="after="]`).AttrOr("href", "")
		}
		for id, n := range seen {
			if n != 2 {
				t.Errorf("%s was read %d times, want twice", id, n)
			}
		}
		// As htmx does it: each answer replaces the link that asked for it.
		htmx := jimin.AsHTMX()
		link := jimin.Get(room).Find("#earlier .older a").AttrOr("hx-get", "")
		n := 50
		for link != "" {
			a := htmx.Get(link).Wants(http.StatusOK)
			if strings.Contains(a.Body, "<html") {
				t.Fatal("a whole page for htmx")
			}
			n += a.Find(".message").Length()
			link = a.Find(".older a").AttrOr("hx-get", "")
		}
		if n != 120 {
			t.Errorf("%d messages with htmx", n)
		}
	})
}

func TestRoom_IsShownAroundAMessage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		talk(s, jimin, room, 120)
		permalink := jimin.Get(room + "/messages/17")
		if permalink.Find(".asked + #m17").Length() != 1 || permalink.Find("#messages > .message").Length() != messagesPage {
			t.Error("the permalink is not the room around it")
		}
		context := jimin.Get(room+"/messages/17/edit").Find(`.further a[href*="around"]`).AttrOr("href", "")
		if context != room+"?around=17#m17" {
			t.Fatalf("the page of the message leads to %q", context)
		}
		page := jimin.Get(context).Wants(http.StatusOK)
		if page.Find("#m17").Length() != 1 || page.Find("#m120").Length() != 0 {
			t.Error("not the messages around it")
		}
		if got := page.Find("#stream").AttrOr("hx-sse:connect", ""); got != room+"/stream?after=121" {
			t.Errorf("the page is not live: %q", got)
		}
		if _, hidden := page.Find("#newest").Attr("hidden"); hidden {
			t.Error("no way to the newest")
		}
		var shape struct {
			Messages []messageShape
			Revision int64
		}
		jimin.AsProgram().Get(room + "?around=17").JSON(&shape)
		if first(shape.Messages) != 1 || len(shape.Messages) != 50 || shape.Revision != 121 {
			t.Errorf("as JSON: %d messages from %d at %d", len(shape.Messages), first(shape.Messages), shape.Revision)
		}
		if near := jimin.Get(room + "?around=110"); near.Find("#stream").AttrOr("hx-sse:connect", "") != room+"/stream?after=121" {
			t.Error("the newest messages without their stream")
		}
	})
}

// TestHistory_OfLongMessagesIsWalkedByItsLinks reads a room of the longest messages there are.
func TestHistory_OfLongMessagesIsWalkedByItsLinks(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindOpen, minsu)
		const messages = 40
		for range messages {
			if _, _, err := s.store.PostMessage(t.Context(), s.user(jimin), roomIn(t, room), strings.Repeat("\U0001F600", maxMessage), ""); err != nil {
				t.Fatal(err)
			}
		}
		next := regexp.MustCompile(`<([^>]+)>; rel="next"`)
		seen := int64(0)
		for path := room + "/messages?after=0&limit=200"; path != ""; {
			var got []messageShape
			a := minsu.AsProgram().Get(path).Wants(http.StatusOK)
			a.JSON(&got)
			if first(got) != seen+1 || len(a.Body) > 3*db.PageBytes {
				t.Fatalf("%s: from %d, %d bytes", path, first(got), len(a.Body))
			}
			seen, path = got[len(got)-1].Position, ""
			if found := next.FindStringSubmatch(a.Header.Get("Link")); found != nil {
				path = found[1]
			}
		}
		if seen != messages {
			t.Errorf("the links end at %d", seen)
		}
		minsu.Post(room+"/read", webtest.Form{"position": "30"}) // so near the end that the newest page has it
		page := minsu.Get(room)
		if page.Find("#m31").Length() == 0 || len(page.Body) > 3*db.PageBytes {
			t.Errorf("the first unread message is not on its page of %d bytes", len(page.Body))
		}
		var shape roomPageShape
		minsu.AsProgram().Get(room).JSON(&shape)
		if !strings.HasPrefix(string(shape.Messages), `[{"room_id"`) || !strings.Contains(string(shape.Messages[:100]), `"position":31`) {
			t.Errorf("as JSON the room begins with %.100s", shape.Messages)
		}
	})
}
