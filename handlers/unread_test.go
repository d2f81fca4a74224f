package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
	"sarangbang/views"
)

// unread returns the number of unread messages of a room. The test fails when two of the places
// that show it differ.
func unread(p *webtest.Person, room string) int {
	p.TB.Helper()
	var shapes []roomShape
	p.AsProgram().Get("/rooms").Wants(http.StatusOK).JSON(&shapes)
	sum, found := 0, -1
	for _, shape := range shapes {
		sum += *shape.Unread
		if roomPath(shape.ID) == room {
			found = *shape.Unread
		}
	}
	home := p.Get("/").Wants(http.StatusOK)
	if got := home.Find("#my-rooms").AttrOr("data-unread", ""); got != itoa(int64(sum)) {
		p.TB.Errorf("data-unread %s, but JSON says %d", got, sum)
	}
	count := home.Find(`#my-rooms a[href="` + room + `"] .count`).Text()
	if shown := views.UnreadText(found); shown != "" && !strings.HasSuffix(count, " "+shown) || shown == "" && count != "" {
		p.TB.Errorf("the list shows %q, but JSON says %d", count, found)
	}
	if title := home.Find("title").Text(); sum > 0 && !strings.HasPrefix(title, "("+views.UnreadText(sum)+") ") || sum == 0 && strings.HasPrefix(title, "(") {
		p.TB.Errorf("title %q with %d unread", title, sum)
	}
	return found
}

func TestUnread_IsExactAfterEveryKindOfAction(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "보람이 오기 전"})
		boram.Get(room) // 2, the event
		phone := secondBrowser(boram)
		post := func(p *webtest.Person) func() {
			return func() { p.Post(room+"/messages", webtest.Form{"body": "말"}).Wants(http.StatusSeeOther) }
		}
		read := func(p *webtest.Person, position string) func() {
			return func() { p.Post(room+"/read", webtest.Form{"position": position}).Wants(http.StatusSeeOther) }
		}
		for _, step := range []struct {
			what string
			do   func()
			want int
		}{
			{"a newcomer has read everything", func() {}, 0},
			{"the first post", post(jimin), 1}, // 3
			{"another", post(jimin), 2},        // 4
			{"entering marks nothing read", func() { boram.Get(room) }, 2},
			{"an edit", func() { jimin.Post(room+"/messages/4", webtest.Form{"body": "고침"}) }, 2},
			{"a deletion", func() { jimin.Post(room+"/messages/3/delete", nil) }, 1},
			{"one's own post without having seen the rest", post(boram), 1}, // 5
			{"one's own post from the telephone", post(phone), 1},           // 6
			{"reading on the telephone", read(phone, "4"), 0},
			{"going back changes nothing", read(boram, "1"), 0},
			{"nor does zero", read(boram, "0"), 0},
			{"a new one", post(jimin), 1},                                // 7
			{"reading further than there is", read(boram, "1000000"), 0}, //
			{"one after that counts all the same", post(jimin), 1},       // 8
			{"own post that has seen the newest", func() {
				boram.Post(room+"/messages", webtest.Form{"body": "봤어", "read": "8"}).Wants(http.StatusSeeOther) // 9
			}, 0},
			{"deleting what was read", func() { jimin.Post(room+"/messages/8/delete", nil) }, 0},
			{"own posts after everything was read", post(phone), 0}, // 10
			{"a post", post(jimin), 1}, // 11
			{"deleted again", func() { jimin.Post(room+"/messages/11/delete", nil) }, 0},
			{"a rename of the room", func() { jimin.Post(room, webtest.Form{"title": "뒷마당"}) }, 0},
		} {
			step.do()
			for name, p := range map[string]*webtest.Person{"computer": boram, "telephone": phone} {
				if got := unread(p, room); got != step.want {
					t.Errorf("%s: %d unread on the %s, want %d", step.what, got, name, step.want)
				}
			}
		}
		if got := unread(jimin, room); got != 4 { // boram's four
			t.Errorf("%d unread for jimin, want 4", got)
		}
	})
}

func TestUnread_StopsCountingAtAHundred(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		boram.Get(room)
		author, id := s.user(jimin), roomIn(t, room)
		for i := 1; i <= 102; i++ {
			if _, _, err := s.store.PostMessage(t.Context(), author, id, "말", ""); err != nil {
				t.Fatal(err)
			}
			if i == 99 {
				boram.Get("/").Shows("#my-rooms .count", "99").Lacks("#my-rooms .count", "99+")
			}
		}
		boram.Get("/").Shows("#my-rooms .count", "99+")
		unread(boram, room)
	})
}

func TestUnread_IsMarkedReadInEachFormat(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		for way, p := range eachWay(boram) {
			jimin.Post(room+"/messages", webtest.Form{"body": "말"})
			page := boram.Get(room)
			if page.Find(`.unread-line form[action="`+room+`/read"]`).Length() != 1 {
				t.Errorf("%s: no way to mark as read without a script", way)
			}
			last := itoa(int64(page.Find("#messages > .message").Length()))
			a := p.Post(room+"/read", webtest.Form{"position": last})
			if way == "JSON" {
				var shape roomShape
				if a.Wants(http.StatusOK).JSON(&shape); *shape.Unread != 0 {
					t.Errorf("as JSON: %+v", shape)
				}
			} else if a.Status != http.StatusOK && a.Status != http.StatusSeeOther {
				t.Errorf("%s: status %d", way, a.Status)
			}
			if got := unread(boram, room); got != 0 {
				t.Errorf("%s: %d unread", way, got)
			}
			for _, bad := range []string{"", "-1", "x", "99999999999999999999"} {
				p.Post(room+"/read", webtest.Form{"position": bad}).Wants(http.StatusUnprocessableEntity)
			}
		}
	})
}

func TestUnread_HasALineBeforeTheFirst(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		line := func(after string) {
			t.Helper()
			a := boram.Get(room)
			lines := a.Find(".unread-line")
			if got := lines.Next().AttrOr("id", ""); got != after || after != "" && lines.Length() != 1 {
				t.Errorf("%d lines, before %q, want before %q", lines.Length(), got, after)
			}
			if _, hasID := lines.Attr("id"); hasID {
				t.Error("the line has an id")
			}
		}
		line("")
		jimin.Post(room+"/messages", webtest.Form{"body": "1"})
		boram.Post(room+"/read", webtest.Form{"position": "1"})
		line("")
		boram.Post(room+"/messages", webtest.Form{"body": "2"})
		for range 3 {
			jimin.Post(room+"/messages", webtest.Form{"body": "새것"}) // 3, 4, 5
		}
		line("m3")
		line("m3") // looking does not move it
		boram.AsHTMX().Get(room+"/messages").Wants(http.StatusOK).Shows(".unread-line", "You have read up to here")
		jimin.Post(room+"/messages/3/delete", nil)
		line("m4")
		boram.Post(room+"/messages", webtest.Form{"body": "6"}) // its own is not new, the others still are
		line("m4")
		boram.Post(room+"/read", webtest.Form{"position": "4"})
		line("m5")
		boram.Post(room+"/read", webtest.Form{"position": "6"})
		line("")
		for range messagesPage + 5 {
			jimin.Post(room+"/messages", webtest.Form{"body": "많이"})
		}
		line("m7") // the page begins with it
	})
}

// TestTitle_CountsWhatIsUnread reads the titles that pages have before scripts count.
func TestTitle_CountsWhatIsUnread(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		yard, garden := s.room(jimin, "마당", db.KindOpen, boram), s.room(jimin, "뒤뜰", db.KindOpen, boram)
		boram.Post(yard+"/messages", webtest.Form{"body": "@" + jimin.Name + " 있어요?"})
		boram.Post(yard+"/messages", webtest.Form{"body": "꽃이 피었어요"})
		boram.Post(garden+"/messages", webtest.Form{"body": "여기도요"})
		wants := func(path, title string) {
			t.Helper()
			if got := jimin.Get(path).Wants(http.StatusOK).Find("title").Text(); !strings.HasPrefix(got, title+" · ") {
				t.Errorf("%s: title %q, want %q", path, got, title)
			}
		}
		wants(yard, "(3) @ 마당")
		wants(garden, "(3) @ 뒤뜰")
		jimin.Post(yard+"/read", webtest.Form{"position": "99"})
		wants(yard, "(1) 마당")
		wants("/users", "(1) People")
		jimin.Post(garden+"/read", webtest.Form{"position": "99"})
		wants(garden, "뒤뜰")
	})
}
