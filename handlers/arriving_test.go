package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// firstRoom returns the path of the room that everybody who signs up joins.
func (s *testServer) firstRoom() string {
	return s.first().Get("/rooms").Find("#my-rooms li a").AttrOr("href", "")
}

func TestSignUp_LeadsIntoARoom(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		first := s.firstRoom()
		private := s.room(jimin, "안방", db.KindPrivate)
		for _, c := range []struct {
			name, room string
			invite     webtest.Form
		}{
			{"boram", first, nil}, {"minsu", private, webtest.Form{"room": private[len("/rooms/"):]}},
		} {
			var invite inviteShape
			jimin.AsProgram().Post("/invites", c.invite).Wants(http.StatusCreated).JSON(&invite)
			p := webtest.Visitor(t, s.url)
			form := webtest.Form{"name": c.name, "password": webtest.Password, "invite": invite.Code}
			if to := p.Post("/signup", form).Wants(http.StatusSeeOther).Location(); to != c.room {
				t.Errorf("%s lands at %s, want %s", c.name, to, c.room)
			}
			p.Get(first).Wants(http.StatusOK).Shows("#messages .event", c.name+" joined")
			jimin.Get(c.room).Shows("#messages .event", c.name+" joined")
		}
		if mine := myRooms(jimin.Get("/")); len(mine) != 2 {
			t.Errorf("rooms %v", mine)
		}
	})
}

func TestSignUp_NeedsOneName(t *testing.T) {
	eachServerWith(t, Options{Registration: RegistrationOpen}, func(t *testing.T, s *testServer) {
		s.first()
		for _, c := range []struct{ display, name string }{
			{"김 영희", "김영희"}, {"김 영희", "김영희2"}, {" @a/lice 🐱", "alice"}, {"봄", "봄1"}, {"🐱", "user1"}, {"🐱🐱", "user2"},
			{strings.Repeat("나", 40), strings.Repeat("나", 32)}, {strings.Repeat("나", 50), strings.Repeat("나", 31) + "2"},
		} {
			var made userShape
			form := map[string]any{"display_name": c.display, "password": webtest.Password}
			webtest.Visitor(t, s.url).AsProgram().PostJSON("/signup", form).Wants(http.StatusCreated).JSON(&made)
			if made.Name != c.name || made.DisplayName != strings.TrimSpace(c.display) {
				t.Errorf("%q is %+v, want %s", c.display, made, c.name)
			}
		}
		p := webtest.Visitor(t, s.url)
		p.Post("/login", webtest.Form{"name": "김 영희", "password": webtest.Password}).Wants(http.StatusSeeOther)
		p.Post("/logout", nil).Wants(http.StatusSeeOther)
		empty := p.Post("/signup", webtest.Form{"display_name": "", "name": "", "password": webtest.Password}).Wants(http.StatusUnprocessableEntity)
		if fieldError(empty, "display_name") == "" || fieldError(empty, "name") != "" {
			t.Error("no sentence beside the name that comes first")
		}
		blank := p.Post("/signup", webtest.Form{"display_name": "x", "name": "two words", "password": webtest.Password})
		blank.Wants(http.StatusUnprocessableEntity).Shows("#name-error", "without spaces")
		webtest.Visitor(t, s.url).AsProgram().PostJSON("/signup", map[string]any{"password": webtest.Password}).Wants(http.StatusUnprocessableEntity)
	})
}

func TestForms_TickToStaySignedIn(t *testing.T) {
	eachServerWith(t, Options{Registration: RegistrationOpen}, func(t *testing.T, s *testServer) {
		s.first()
		p := webtest.Visitor(t, s.url)
		for _, path := range []string{"/signup", "/login"} {
			if p.Get(path).Find("[name=remember][checked]").Length() != 1 {
				t.Errorf("%s: the box is not ticked", path)
			}
		}
		for remember, want := range map[string]int{"": 86_400, "1": 30 * 86_400} {
			form := webtest.Form{"name": "p" + remember + "x", "password": webtest.Password, "remember": remember}
			if got := cookies(webtest.Visitor(t, s.url).Post("/signup", form))[testCookies.plain]; got == nil || got.MaxAge != want {
				t.Errorf("remember %q: %+v", remember, got)
			}
		}
	})
}

func TestLink_OfThisMachineAloneSaysSo(t *testing.T) {
	for address, want := range map[string]bool{
		"http://localhost:8080/join/x": true, "http://LOCALHOST./": true, "http://a.localhost/": true, "http://127.0.0.2:1/": true,
		"http://[::1]:8080/": true, "http://0.0.0.0:8080/": true, "http://192.168.0.7:8080/": false, "https://localhost.example.org/": false, "https://house.example/": false,
	} {
		if got := onlyHere(address); got != want {
			t.Errorf("%s: %t, want %t", address, got, want)
		}
	}
	eachServerWith(t, Options{BaseURL: "https://house.example"}, func(t *testing.T, s *testServer) {
		page := s.first().Get(s.firstRoom()).Wants(http.StatusOK).Shows(".welcome", "https://house.example/join/")
		if page.Find(".welcome details.qr img").Length() != 1 || page.Find(".local").Length() != 0 {
			t.Error("a link that telephones can open has no QR code")
		}
	})
}

func TestPreview_ShowsAnOpenRoomFromOutside(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room, private := s.room(jimin, "마당", db.KindOpen), s.room(jimin, "안방", db.KindPrivate)
		jimin.Post(room+"/messages", webtest.Form{"body": "**꽃**이 피었습니다"})
		if boram.Get("/").Find(`main a[href="`+room+`/preview"]`).Length() != 1 {
			t.Error("home does not lead to the preview")
		}
		page := boram.Get(room+"/preview").Wants(http.StatusOK).Shows("h1", "마당").Shows(".quotes", "꽃이 피었습니다").Shows(".faces", "1 person")
		if page.Find(`form[action="`+room+`/join"]`).Length() != 1 {
			t.Error("no button that enters")
		}
		var shape previewShape
		boram.AsProgram().Get(room + "/preview").Wants(http.StatusOK).JSON(&shape)
		if shape.Room.Title != "마당" || shape.Members != 1 || len(shape.People) != 1 {
			t.Errorf("as JSON: %+v", shape)
		}
		if to := jimin.Get(room + "/preview").Wants(http.StatusSeeOther).Location(); to != room {
			t.Errorf("a member is sent to %s", to)
		}
		boram.Get(private + "/preview").Wants(http.StatusNotFound)

		link := *boram // a link in the house
		link.Header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
		if to := link.Get(room).Wants(http.StatusSeeOther).Location(); to != room+"/preview" {
			t.Errorf("a link leads to %s", to)
		}
		link.Get(private).Wants(http.StatusSeeOther)
		jimin.Post(room+"/messages", webtest.Form{"body": "여기: " + s.url + room})
		html := jimin.Get(room).Find(`#messages a[href="` + s.url + room + `"]`)
		if html.AttrOr("rel", "noreferrer") != "nofollow noopener ugc" || html.AttrOr("referrerpolicy", "") != "same-origin" {
			t.Errorf("a link to a room in a message: %v", html.Nodes)
		}
		link.Header = http.Header{"Referer": {s.url + "/rooms/other"}} // over plain HTTP
		if to := link.Get(room).Wants(http.StatusSeeOther).Location(); to != room+"/preview" {
			t.Errorf("a link with a referrer leads to %s", to)
		}
		boram.Get(room).Wants(http.StatusOK) // the address itself enters
		link.Get(room).Wants(http.StatusOK)
	})
}

func TestMembers_PutOutStayOut(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram, minsu := s.first(), s.signUp("보람"), s.signUp("민수")
		room := s.room(boram, "마당", db.KindOpen, minsu, jimin)
		var own inviteShape
		minsu.AsProgram().Post("/invites", webtest.Form{"room": room[len("/rooms/"):]}).Wants(http.StatusCreated).JSON(&own)
		boram.Get(room+"/settings").Shows(".invites", own.Code)
		id := itoa(s.user(minsu).ID)
		boram.Post(room+"/members/"+id+"/delete", nil).Wants(http.StatusSeeOther)
		boram.Get(room).Shows("#messages .event", "보람 removed 민수")

		for _, path := range []string{room, room + "/preview"} {
			minsu.Get(path).Wants(http.StatusForbidden).Shows("main", "You were removed from this room")
		}
		minsu.Post(room+"/join", nil).Wants(http.StatusForbidden)
		var link inviteShape
		jimin.AsProgram().Post("/invites", webtest.Form{"room": room[len("/rooms/"):]}).Wants(http.StatusCreated).JSON(&link)
		minsu.Post("/join/"+link.Code, nil).Wants(http.StatusForbidden)
		minsu.Get("/?left="+room[len("/rooms/"):]).Wants(http.StatusOK).Shows(".flash", "You were removed from “마당”")
		if jimin.Get("/?left="+room[len("/rooms/"):]).Find(".flash").Length() != 0 {
			t.Error("told to somebody who is in the room")
		}

		third := s.signUp("셋째")
		third.Get(room).Wants(http.StatusOK)
		a := third.Post(room+"/members", webtest.Form{"user": id}).Wants(http.StatusUnprocessableEntity)
		if !strings.Contains(a.Body, "was removed from the room") {
			t.Error("no sentence says why")
		}
		boram.Post(room+"/members", webtest.Form{"user": id}).Wants(http.StatusSeeOther)
		minsu.Get(room).Wants(http.StatusOK).Shows("#messages .event", "보람 added 민수")
		minsu.Post(room+"/leave", nil).Wants(http.StatusSeeOther)
		minsu.Get(room).Wants(http.StatusOK) // who leaves may come back
	})
}

func TestEvent_IsALineThatNobodyWrote(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "하나"})
		stream := jimin.WithToken().Open(room + "/stream?as=text")
		boram.Get(room).Wants(http.StatusOK)
		stream.UntilHas("* 보람 joined")
		boram.Post(room+"/messages", webtest.Form{"body": "안녕"})
		if got := unread(jimin, room); got != 1 {
			t.Errorf("%d unread, want the text alone", got)
		}
		var m messageShape
		jimin.AsProgram().Get(room + "/messages/2").Wants(http.StatusOK).JSON(&m)
		if m.Kind != db.MessageEvent || m.Event == nil || m.Event.Type != db.EventJoined || m.Body != "" || m.Author.DisplayName != "보람" {
			t.Errorf("as JSON: %+v %+v", m, m.Event)
		}
		for _, p := range []*webtest.Person{boram, jimin} {
			p.Post(room+"/messages/2", webtest.Form{"body": "x"}).Wants(http.StatusForbidden)
			p.Post(room+"/messages/2/delete", nil).Wants(http.StatusForbidden)
		}
		page := jimin.Get(room).Wants(http.StatusOK)
		if page.Find("#m2.event [data-author], #m2[data-author], #m3.continues").Length() != 0 {
			t.Error("an event is somebody's message, or is continued by one")
		}
		boram.Post(room+"/leave", nil)
		if view, err := s.store.Room(t.Context(), s.user(jimin), roomIn(t, room)); err != nil || view.Newest.Body != "안녕" {
			t.Errorf("the newest line is not the newest text: %+v, %v", view, err)
		}
		jimin.Get(room+"/messages").Shows(".messages .event", "보람 left")
		jimin.Post("/language", webtest.Form{"language": "ko"})
		jimin.Get(room).Shows("#messages .event", "보람님이 들어왔습니다")
	})
}
