package handlers

import (
	"net/http"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestRoom_OpensAtTheFirstUnreadMessage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		talk(s, jimin, room, 300)
		program := boram.AsProgram()
		last := s.lastPosition(boram, room)
		begin := last - 299 // of what was said; before it stands who came
		for name, c := range map[string]struct {
			read               int64 // position
			query              string
			json, page         [2]int64 // first and last position
			line, above, newer bool
		}{
			"nothing is read":      {begin - 1, "", [2]int64{begin, begin + 49}, [2]int64{max(1, begin-5), begin + 49}, true, false, true},
			"some is read":         {100, "", [2]int64{101, 150}, [2]int64{96, 150}, true, false, true},
			"a page is unread":     {last - 50, "", [2]int64{last - 49, last}, [2]int64{last - 54, last}, true, false, false},
			"a little is unread":   {last - 3, "", [2]int64{last - 49, last}, [2]int64{last - 49, last}, true, false, false},
			"everything is read":   {last, "", [2]int64{last - 49, last}, [2]int64{last - 49, last}, false, false, false},
			"the newest":           {100, "?at=newest", [2]int64{last - 49, last}, [2]int64{last - 49, last}, false, true, false},
			"around a message":     {100, "?around=200", [2]int64{175, 224}, [2]int64{175, 224}, false, true, true},
			"around what is first": {100, "?around=110", [2]int64{85, 134}, [2]int64{85, 134}, true, false, true},
			"today":                {100, "?date=" + time.Now().UTC().Format(time.DateOnly), [2]int64{1, 50}, [2]int64{1, 50}, false, true, true},
			"tomorrow":             {100, "?date=2099-01-01", [2]int64{last - 49, last}, [2]int64{last - 49, last}, false, true, false},
		} {
			boram.Post(room+"/read", webtest.Form{"position": itoa(last)})
			if c.read < last {
				program.Post(room+"/unread", webtest.Form{"position": itoa(c.read + 1)}).Wants(http.StatusOK)
			}
			var shape struct {
				Room     roomShape
				Messages []messageShape
				Revision int64
			}
			program.Get(room + c.query).Wants(http.StatusOK).JSON(&shape)
			if got := [2]int64{first(shape.Messages), shape.Messages[len(shape.Messages)-1].Position}; got != c.json || shape.Revision == 0 {
				t.Errorf("%s as JSON: %v at %d, want %v", name, got, shape.Revision, c.json)
			}
			page := boram.Get(room + c.query).Wants(http.StatusOK)
			shown := page.Find("#messages > .message")
			if got := [2]string{shown.First().AttrOr("id", ""), shown.Last().AttrOr("id", "")}; got != [2]string{"m" + itoa(c.page[0]), "m" + itoa(c.page[1])} {
				t.Errorf("%s: %v, want %v", name, got, c.page)
			}
			for selector, want := range map[string]bool{
				".unread-line + [id=m" + itoa(c.read+1) + "], .unread-line + .start + [id=m" + itoa(c.read+1) + "]": c.line,
				"#unread-above": c.above, "#messages > .newer": c.newer, "#newest:not([hidden])": c.newer,
			} {
				if got := page.Find(selector).Length() == 1; got != want {
					t.Errorf("%s: %s is there: %v, want %v", name, selector, got, want)
				}
			}
		}
		for _, bad := range []string{"?at=oldest", "?date=yesterday", "?date=2026-13-01", "?at=newest&around=3", "?around=3&date=2026-01-01"} {
			boram.Get(room + bad).Wants(http.StatusUnprocessableEntity)
			program.Get(room + bad).Wants(http.StatusUnprocessableEntity)
		}
	})
}

// lastPosition returns the position of the newest message of a room.
func (s *testServer) lastPosition(p *webtest.Person, room string) int64 {
	s.tb.Helper()
	view, err := s.store.Room(s.tb.Context(), s.user(p), roomIn(s.tb, room))
	if err != nil {
		s.tb.Fatal(err)
	}
	return view.LastPosition
}

func TestRoom_IsMarkedUnreadInEachFormat(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		talk(s, jimin, room, 5)
		last := s.lastPosition(boram, room)
		for way, p := range eachWay(boram) {
			boram.Post(room+"/read", webtest.Form{"position": itoa(last)})
			a := p.Post(room+"/unread", webtest.Form{"position": itoa(last - 1)})
			if way == "JSON" {
				var shape roomShape
				if a.Wants(http.StatusOK).JSON(&shape); *shape.Unread != 2 {
					t.Errorf("as JSON: %+v", shape)
				}
			}
			if got := unread(boram, room); got != 2 {
				t.Errorf("%s: %d unread, want 2", way, got)
			}
			for _, bad := range []string{"", "0", "-1", "x"} {
				p.Post(room+"/unread", webtest.Form{"position": bad}).Wants(http.StatusUnprocessableEntity)
			}
		}
		s.signUp("stranger").Post(room+"/unread", webtest.Form{"position": "1"}).Wants(http.StatusNotFound)
	})
}

func TestMentions_AreToldInMessagesAndRooms(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		id := s.user(boram).ID
		var m messageShape
		jimin.AsProgram().Post(room+"/messages", webtest.Form{"body": "@보람아 안녕"}).Wants(http.StatusCreated).JSON(&m)
		if len(m.Mentions) != 1 || m.Mentions[0] != id {
			t.Errorf("mentions %v, want %d", m.Mentions, id)
		}
		jimin.AsProgram().Post(room+"/messages", webtest.Form{"body": "안녕"}).JSON(&m)
		var rooms []roomShape
		boram.AsProgram().Get("/rooms").JSON(&rooms)
		for _, shape := range rooms {
			if want := map[bool]int{true: 1}[roomPath(shape.ID) == room]; *shape.Mentions != want {
				t.Errorf("%s: %d mentions, want %d", shape.Title, *shape.Mentions, want)
			}
		}
		page := boram.Get(room)
		page.Shows("#newest", "@")
		if got := page.Find(`#messages > [data-mentions~="` + itoa(id) + `"]`).Length(); got != 1 {
			t.Errorf("%d messages mention", got)
		}
	})
}
