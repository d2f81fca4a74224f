package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// peopleIn returns the names in the data of a presence or typing event.
func peopleIn(s *webtest.Stream, e webtest.Event) string {
	var shape struct {
		Count  int
		People []struct{ Name string }
	}
	s.JSON(e, &shape)
	var all []string
	for _, p := range shape.People {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

func TestStream_TellsWhoIsOnlineAndTyping(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		boram, stranger := s.signUp("boram"), s.signUp("stranger")
		room := s.room(jimin, "마당", db.KindOpen)
		boram.Get(room).Wants(http.StatusOK)
		program, page := jimin.Open(room+"/stream?as=json"), jimin.Open(room+"/stream?as=html")
		program.Until("jimin alone", func(e webtest.Event) bool { return e.Name == "presence" && peopleIn(program, e) == "jimin" })
		stranger.Open("/stream")
		boram.Open("/stream").UntilNamed("ready")
		e := program.Until("boram", func(e webtest.Event) bool { return e.Name == "presence" && peopleIn(program, e) == "jimin boram" })
		if e.HasID || !strings.Contains(e.Data, `"count":2`) || strings.Contains(e.Data, "password") {
			t.Errorf("presence %+v", e)
		}
		jimin.Get(room+"/members").Shows("ul.rows li:nth-child(2)", "Online")
		boram.Get("/users").Lacks("ul.rows", "Online")
		html := page.UntilHas(`id="online-2"`)
		for _, part := range []string{`hx-target="#online"`, `hx-target="#online-people"`, "2 online", `href="/users/2"`} {
			if html.Name != "" || !strings.Contains(html.Data, part) {
				t.Errorf("presence as HTML lacks %s: %+v", part, html)
			}
		}

		boram.AsProgram().Post(room+"/typing", nil).Wants(http.StatusNoContent)
		program.Until("boram writes", func(e webtest.Event) bool { return e.Name == "typing" && peopleIn(program, e) == "boram" })
		page.UntilHas(`data-typist="2" data-and=" and " data-comma=", ">boram</span><span class="types"> is typing…</span>`)
		boram.Post(room+"/messages", webtest.Form{"body": "안녕"})
		e = program.Until("the end of it", func(e webtest.Event) bool { return e.Name == "typing" })
		if peopleIn(program, e) != "" || !strings.Contains(e.Data, `"people":[]`) {
			t.Errorf("typing %+v", e)
		}
		boram.Post(room+"/typing", nil).Wants(http.StatusSeeOther)
	})
}

func TestTyping_IsLimited(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, store func() *db.Store) {
		clock := dbtest.NewClock()
		s := newTestServer(t, store(), Options{RateLimits: true, Now: clock.Now})
		clock.Advance(time.Hour)
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		for range limits[limitTyping].burst {
			jimin.AsProgram().Post(room+"/typing", nil).Wants(http.StatusNoContent)
		}
		jimin.AsProgram().Post(room+"/typing", nil).Wants(http.StatusTooManyRequests)
		clock.Advance(time.Second)
		jimin.AsProgram().Post(room+"/typing", nil).Wants(http.StatusNoContent)
	})
}
