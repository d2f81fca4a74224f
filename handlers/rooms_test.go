package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// A condition "every member is the viewer" would hide each room as soon as a second person joins.
func TestRooms_AreThoseOfTheViewer(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		boram, minsu := s.signUp("보람"), s.signUp("민수")
		yard := s.room(jimin, "마당", db.KindOpen)
		s.room(jimin, "안방", db.KindPrivate)
		s.room(minsu, "부엌", db.KindOpen)
		for _, p := range []*webtest.Person{boram, minsu} {
			p.Get(yard).Wants(http.StatusOK)
		}
		for _, c := range []struct {
			who  *webtest.Person
			mine []string
			open []string
		}{
			{jimin, []string{"Living room", "마당", "안방"}, []string{"부엌"}},
			{boram, []string{"Living room", "마당"}, []string{"부엌"}},
			{minsu, []string{"Living room", "마당", "부엌"}, nil},
		} {
			home := c.who.Get("/").Wants(http.StatusOK)
			mine := myRooms(home)
			slices.Sort(mine)
			same(t, "rooms of "+c.who.Name, mine, c.mine)
			var open []string
			for _, node := range home.Find(`section[aria-labelledby="open-heading"] a.title`).EachIter() {
				open = append(open, node.Text())
			}
			slices.Sort(open)
			same(t, "rooms offered to "+c.who.Name, open, c.open)
			var shapes []roomShape
			c.who.AsProgram().Get("/rooms").Wants(http.StatusOK).JSON(&shapes)
			if len(shapes) != len(c.mine) {
				t.Errorf("as JSON %s is in %d rooms, want %d", c.who.Name, len(shapes), len(c.mine))
			}
			for _, shape := range shapes {
				item := home.Find(`section.mine li:has(a[href="` + roomPath(shape.ID) + `"])`)
				if got := item.Find("code").Text(); got != shape.ID.String()[:8] {
					t.Errorf("short id %q of room %s", got, shape.ID)
				}
			}
		}
		same(t, "members of the yard", names(jimin.AsProgram().Get(yard+"/members")), []string{"jimin", "민수", "보람"})
	})
}

func TestRoom_IsJoinedOnceInARace(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		before, err := s.store.Room(t.Context(), s.user(jimin), roomIn(t, room))
		if err != nil {
			t.Fatal(err)
		}
		paths := []string{room, room + "/join", room}
		for _, status := range atOnce(50, func(i int) int {
			if i%3 == 1 {
				return boram.Post(paths[1], nil).Status
			}
			return boram.Get(room).Status
		}) {
			if status != http.StatusOK && status != http.StatusSeeOther {
				t.Errorf("status %d", status)
			}
		}
		members, err := s.store.Members(t.Context(), s.user(jimin), roomIn(t, room), 0, 100)
		if err != nil || len(members) != 2 {
			t.Errorf("%d members, %v", len(members), err)
		}
		after, err := s.store.Room(t.Context(), s.user(jimin), roomIn(t, room))
		if err != nil || after.Revision != before.Revision+2 {
			t.Errorf("revision %d after %d, %v: want one change and its event", after.Revision, before.Revision, err)
		}
		jimin.Post(room+"/messages", webtest.Form{"body": "말"})
		boram.Get(room).Wants(http.StatusOK)
		boram.Post(room+"/join", nil).Wants(http.StatusSeeOther)
		again, err := s.store.Room(t.Context(), s.user(boram), roomIn(t, room))
		if err != nil || again.Revision != after.Revision+1 || again.ReadPosition != 1 || again.Unread != 1 {
			t.Errorf("entering again changed something: revision %d, read %d, unread %d", again.Revision, again.ReadPosition, again.Unread)
		}
	})
}

func TestRoom_IsNotJoinedByPrefetching(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		for header, value := range map[string]string{
			"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch", "X-Moz": "prefetch", "HX-Preloaded": "true",
		} {
			browser := *boram
			browser.Header = http.Header{"Accept": {"text/html"}, header: {value}}
			if status := browser.Get(room).Status; status < 400 {
				t.Errorf("%s: status %d", header, status)
			}
		}
		for _, path := range []string{"/messages", "/members", "/live", "/stream", "/messages/1"} {
			boram.Get(room + path).Wants(http.StatusNotFound)
		}
		same(t, "members", names(jimin.AsProgram().Get(room+"/members")), []string{"jimin"})
	})
}

func TestRoom_IsMade(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		for name, c := range map[string]struct {
			form   webtest.Form
			title  string
			kind   db.Kind
			status int
			field  string
		}{
			"open by default":       {webtest.Form{"title": " 마당 "}, "마당", db.KindOpen, 201, ""},
			"private":               {webtest.Form{"title": "안방", "kind": "private"}, "안방", db.KindPrivate, 201, ""},
			"80 syllables":          {webtest.Form{"title": strings.Repeat("가", 80)}, strings.Repeat("가", 80), db.KindOpen, 201, ""},
			"80 syllables in parts": {webtest.Form{"title": norm.NFD.String(strings.Repeat("각", 80))}, strings.Repeat("각", 80), db.KindOpen, 201, ""},
			"81 syllables":          {webtest.Form{"title": strings.Repeat("가", 81)}, "", "", 422, "title"},
			"no title":              {webtest.Form{}, "", "", 422, "title"},
			"a blank title":         {webtest.Form{"title": " \u3000\u200b"}, "", "", 422, "title"},
			"a soft hyphen":         {webtest.Form{"title": "\u00ad"}, "", "", 422, "title"},
			"joiners":               {webtest.Form{"title": "\u200d\u034f\u2063\u180e"}, "", "", 422, "title"},
			"fillers and tags":      {webtest.Form{"title": "\u115f\u1160\U000e0041\U000e0042"}, "", "", 422, "title"},
			"invisible inside":      {webtest.Form{"title": "마\u200b당"}, "마당", db.KindOpen, 201, ""},
			"two lines":             {webtest.Form{"title": "한\n둘"}, "", "", 422, "title"},
			"a direct one":          {webtest.Form{"title": "x", "kind": "direct"}, "", "", 422, "kind"},
		} {
			t.Run(name, func(t *testing.T) {
				a := jimin.AsProgram().Post("/rooms", c.form).Wants(c.status)
				if c.status == http.StatusCreated {
					var shape roomShape
					if a.JSON(&shape); shape.Title != c.title || shape.Kind != c.kind || shape.Revision != 1 || *shape.Unread != 0 {
						t.Errorf("made %+v", shape)
					}
					jimin.Get(jimin.Post("/rooms", c.form).Wants(http.StatusSeeOther).Location()).Shows("h1", c.title)
					jimin.AsHTMX().Post("/rooms", c.form).Wants(http.StatusOK)
					return
				}
				for way, p := range eachWay(jimin) {
					a := p.Post("/rooms", c.form).Wants(http.StatusUnprocessableEntity)
					if way == "JSON" {
						var e errorShape
						if a.JSON(&e); e.Error.Fields[c.field] == "" {
							t.Errorf("%+v", e.Error)
						}
					} else if fieldError(a, c.field) == "" || c.field != "title" && a.Find("#title").AttrOr("value", "") != c.form["title"] {
						t.Errorf("%s: sentence %q, title %q", way, fieldError(a, c.field), a.Find("#title").AttrOr("value", ""))
					}
				}
			})
		}
	})
}

func TestRoom_FormsThatFailAreNotFoundForStrangers(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		_, stranger, values := privateRoom(s)
		room := "/rooms/" + values["room"]
		for _, p := range []*webtest.Person{stranger, stranger.AsHTMX()} {
			p.Post(room, webtest.Form{"title": ""}).Wants(http.StatusNotFound)
			p.Post(room+"/members", webtest.Form{"user": "nobody"}).Wants(http.StatusNotFound)
			p.Post(room+"/messages", webtest.Form{"body": ""}).Wants(http.StatusNotFound)
			p.Post(room+"/messages/1", webtest.Form{"body": ""}).Wants(http.StatusNotFound)
		}
	})
}

func TestRooms_AreOrderedByActivity(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		one, two := s.room(jimin, "하나", db.KindOpen), s.room(jimin, "둘", db.KindOpen)
		order := func(want ...string) {
			t.Helper()
			same(t, "order", myRooms(jimin.Get("/"))[:2], want)
		}
		order("둘", "하나")
		jimin.Post(one+"/messages", webtest.Form{"body": "처음"})
		order("하나", "둘")
		jimin.Post(two+"/messages", webtest.Form{"body": "다음"})
		order("둘", "하나")
		jimin.Post(one+"/messages/1", webtest.Form{"body": "고침"})
		order("둘", "하나") // an edit is no activity
	})
}

func TestRooms_ShowTheirNewestMessage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		newest := func(want string) {
			t.Helper()
			if got := jimin.Get("/").Find("section.mine .newest").Text(); got != want {
				t.Errorf("newest %q, want %q", got, want)
			}
		}
		newest("")
		jimin.Post(room+"/messages", webtest.Form{"body": "첫 **줄**\n둘째 줄 <b>"})
		newest("jimin: 첫 줄 둘째 줄 <b>")
		jimin.Post(room+"/messages/1", webtest.Form{"body": "고친 줄"})
		newest("jimin: 고친 줄")
		jimin.Post(room+"/messages/1/delete", nil)
		newest("jimin: This message was deleted.")
		jimin.Post(room+"/messages", webtest.Form{"body": strings.Repeat("긴 이야기 ", 100)})
		if got := jimin.Get("/").Find("section.mine .newest").Text(); len([]rune(got)) > 140 {
			t.Errorf("%d characters in the list", len([]rune(got)))
		}
	})
}

func TestRoom_IsRenamed(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		boram.Get(room)
		for _, p := range eachWay(boram) { // not until the room allows it
			p.Post(room, webtest.Form{"title": "뒷마당"}).Wants(http.StatusForbidden)
			p.Post(room+"/settings", webtest.Form{"members_may_rename": "1"}).Wants(http.StatusForbidden)
		}
		if boram.Get(room+"/settings").Wants(http.StatusOK).Find(`form[action="`+room+`"], [name=members_may_rename]`).Length() != 0 {
			t.Error("a form that is refused")
		}
		jimin.Post(room+"/settings", webtest.Form{"members_may_rename": "1"}).Wants(http.StatusSeeOther)
		if jimin.Get(room+"/settings").Shows(".flash", "Saved").Find("[name=members_may_rename][checked]").Length() != 1 {
			t.Error("the box of who may rename is not ticked")
		}
		boram.Post(room, webtest.Form{"title": "뒷마당"}).Wants(http.StatusSeeOther)
		jimin.Get(room).Shows("#messages .event", "보람 renamed the room to “뒷마당”")
		jimin.Get(room).Shows("h1", "뒷마당").Shows("title", "뒷마당").Shows("#my-rooms", "뒷마당")
		var shape roomShape
		jimin.AsProgram().PostJSON(room, map[string]string{"title": "앞마당"}).Wants(http.StatusOK).JSON(&shape)
		if shape.Title != "앞마당" {
			t.Errorf("as JSON: %+v", shape)
		}
		jimin.AsHTMX().Post(room, webtest.Form{"title": "옆마당"}).Wants(http.StatusOK)
		for way, p := range eachWay(jimin) {
			a := p.Post(room, webtest.Form{"title": strings.Repeat("가", 81)}).Wants(http.StatusUnprocessableEntity)
			if way != "JSON" && (fieldError(a, "title") == "" || a.Find("#title").AttrOr("value", "") != strings.Repeat("가", 81)) {
				t.Errorf("%s: sentence %q and title %q", way, fieldError(a, "title"), a.Find("#title").AttrOr("value", ""))
			}
		}
		jimin.Get(room).Shows("h1", "옆마당")
	})
}
