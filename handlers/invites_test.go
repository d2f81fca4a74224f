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

// invite makes an invitation as a program does.
func invite(p *webtest.Person, form webtest.Form) inviteShape {
	p.TB.Helper()
	var shape inviteShape
	p.AsProgram().Post("/invites", form).Wants(http.StatusCreated).JSON(&shape)
	return shape
}

// join signs up a new user by an invitation, and returns the answer.
func join(s *testServer, name, code string) (*webtest.Person, *webtest.Answer) {
	s.tb.Helper()
	p := webtest.Visitor(s.tb, s.url)
	p.Name = name
	return p, p.Post("/signup", webtest.Form{"name": name, "password": webtest.Password, "invite": code})
}

func TestInvite_ToTheServiceIsForAdministrators(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		for way, p := range eachWay(boram) {
			p.Post("/invites", nil).Wants(http.StatusForbidden)
			if way != "JSON" && p.Get("/invites").Wants(http.StatusOK).Find(`main form[action="/invites"]`).Length() != 0 {
				t.Error("a form that does not work")
			}
		}
		jimin.Post("/invites", webtest.Form{"expires_in": "3600", "max_uses": "3"}).Wants(http.StatusSeeOther)
		jimin.AsHTMX().Post("/invites", nil).Wants(http.StatusOK)
		page := jimin.Get("/invites").Wants(http.StatusOK).Shows(".invites", "0 / 3")
		link := page.Find(".invites [data-copy]").AttrOr("data-copy", "")
		if !strings.HasPrefix(link, s.url+"/join/") || page.Find(".invites svg").Length() != 0 {
			t.Errorf("link %q, %d QR codes", link, page.Find(".invites svg").Length())
		}
		var list []inviteShape
		if boram.AsProgram().Get("/invites").Wants(http.StatusOK).JSON(&list); len(list) != 0 {
			t.Errorf("a member sees %+v", list)
		}
	})
}

func TestInvite_LeadsIntoARoom(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		s.first()
		boram, minsu := s.signUp("보람"), s.signUp("민수")
		room := s.room(boram, "안방", db.KindPrivate)
		id := strings.TrimPrefix(room, "/rooms/")
		minsu.Post("/invites", webtest.Form{"room": id}).Wants(http.StatusNotFound)
		if to := boram.Post("/invites", webtest.Form{"room": id}).Wants(http.StatusSeeOther).Location(); !strings.HasPrefix(to, room+"/settings#invite-") {
			t.Errorf("making a link leads to %q", to)
		} else if boram.Get(to).Find("li"+to[strings.Index(to, "#"):]+" button[data-copy]").Length() != 1 {
			t.Errorf("%s does not show the link", to)
		}
		link := invite(boram, webtest.Form{"room": id, "max_uses": "2"})
		if link.RoomID == nil || *link.RoomID != roomIn(t, room) || link.URL != s.url+"/join/"+link.Code || *link.MaxUses != 2 || link.ExpiresAt != nil {
			t.Errorf("made %+v", link)
		}
		path := "/join/" + link.Code

		// Somebody new signs up and is in the room.
		webtest.Visitor(t, s.url).Get(path).Wants(http.StatusOK).Shows("main", "안방").Shows("main", "보람")
		sena, a := join(s, "세나", link.Code)
		if to := a.Wants(http.StatusSeeOther).Location(); to != room {
			t.Errorf("signing up leads to %q, want %q", to, room)
		}
		sena.Get(room).Wants(http.StatusOK)

		// Somebody who has an account signs in instead, comes back to the link and presses the
		// button.
		visitor := webtest.Visitor(t, s.url)
		login := visitor.Get(path).Find(`main a[href^="/login"]`).AttrOr("href", "")
		next := visitor.Get(login).Wants(http.StatusOK).Find(`[name="next"]`).AttrOr("value", "")
		to := visitor.Post("/login", webtest.Form{"name": "민수", "password": webtest.Password, "next": next}).Wants(http.StatusSeeOther).Location()
		if to != path {
			t.Fatalf("signing in leads to %q, want %q", to, path)
		}
		button := visitor.Get(to).Wants(http.StatusOK).Shows("main", "안방").Find("main form")
		if got := button.AttrOr("action", ""); got != path {
			t.Fatalf("the button leads to %q", got)
		}
		visitor.Get(room).Wants(http.StatusNotFound) // looking at a link joins nothing
		if to := visitor.Post(path, nil).Wants(http.StatusSeeOther).Location(); to != room {
			t.Errorf("joining leads to %q", to)
		}
		minsu.Get(room).Wants(http.StatusOK).Shows("#my-rooms", "안방")

		// It is used up now, but whoever came in by it goes in, also by pressing twice.
		if to := minsu.Get(path).Wants(http.StatusSeeOther).Location(); to != room {
			t.Errorf("coming back leads to %q", to)
		}
		minsu.Post(path, nil).Wants(http.StatusSeeOther)
		webtest.Visitor(t, s.url).Get(path).Wants(http.StatusNotFound).Shows("main", "no longer works")
		_, a = join(s, "late", link.Code)
		a.Wants(http.StatusNotFound)
	})
}

func TestInvite_IsNotUsedUpByMembers(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "안방", db.KindPrivate)
		link := invite(jimin, webtest.Form{"room": strings.TrimPrefix(room, "/rooms/"), "max_uses": "1"})
		if to := jimin.Get("/join/" + link.Code).Wants(http.StatusSeeOther).Location(); to != room {
			t.Errorf("a member is led to %q", to)
		}
		jimin.Post("/join/"+link.Code, nil).Wants(http.StatusSeeOther)
		for way, p := range eachWay(boram) {
			if a := p.Post("/join/"+link.Code, nil); a.Status >= 400 {
				t.Errorf("%s: status %d", way, a.Status)
			}
		}
		boram.Get(room).Wants(http.StatusOK)
		service := invite(jimin, nil)
		if to := boram.Get("/join/" + service.Code).Wants(http.StatusSeeOther).Location(); to != "/" {
			t.Errorf("a link to the service leads somebody signed in to %q", to)
		}
	})
}

func TestInvite_IsRefusedWhenItDoesNotHold(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := newTestServer(t, dbtest.Open(t, db.Options{URL: url, Now: clock.Now}), Options{Now: clock.Now})
		jimin := s.first()
		expired, revoked, usedUp := invite(jimin, webtest.Form{"expires_in": "60"}), invite(jimin, nil), invite(jimin, webtest.Form{"max_uses": "1"})
		jimin.Post("/invites/"+revoked.Code+"/delete", nil).Wants(http.StatusSeeOther)
		jimin.Post("/invites/"+revoked.Code+"/delete", nil).Wants(http.StatusNotFound)
		_, a := join(s, "only", usedUp.Code)
		a.Wants(http.StatusSeeOther)
		clock.Advance(59 * time.Second)
		webtest.Visitor(t, s.url).Get("/join/" + expired.Code).Wants(http.StatusOK)
		clock.Advance(time.Second)
		for name, code := range map[string]string{"expired": expired.Code, "revoked": revoked.Code, "used up": usedUp.Code, "unknown": "abcdefghijklmnop", "nonsense": "<b>"} {
			t.Run(name, func(t *testing.T) {
				for _, p := range []*webtest.Person{webtest.Visitor(t, s.url), jimin} {
					for way, p := range eachWay(p) {
						a := p.Get("/join/" + code).Wants(http.StatusNotFound)
						if !strings.Contains(a.Body, "no longer works") {
							t.Errorf("%s: no sentence in %s", way, a.Body)
						}
					}
				}
				jimin.Post("/join/"+code, nil).Wants(http.StatusNotFound)
				if name != "nonsense" {
					_, a := join(s, "late", code)
					a.Wants(http.StatusNotFound)
				}
				page := webtest.Visitor(t, s.url).Get("/signup?invite=" + code).Wants(http.StatusOK)
				if page.Find(`[name="password"]`).Length() != 0 {
					t.Error("a form that cannot succeed")
				}
			})
		}
	})
}

func TestInvite_IsUsedAsOftenAsAllowedInARace(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "안방", db.KindPrivate)
		link := invite(jimin, webtest.Form{"room": strings.TrimPrefix(room, "/rooms/"), "max_uses": "3"})
		count := map[int]int{}
		for _, status := range atOnce(20, func(i int) int {
			_, a := join(s, "racer"+itoa(int64(i)), link.Code)
			return a.Status
		}) {
			count[status]++
		}
		if count[http.StatusSeeOther] != 3 || count[http.StatusNotFound] != 17 {
			t.Errorf("statuses %v, want 3 let in and 17 not found", count)
		}
		if got := names(jimin.AsProgram().Get(room + "/members")); len(got) != 4 {
			t.Errorf("members %v", got)
		}
		if got := names(jimin.AsProgram().Get("/users")); len(got) != 4 {
			t.Errorf("accounts %v", got)
		}
	})
}

func TestInvite_IsNotUsedUpByFailedSignUps(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		link := invite(s.first(), webtest.Form{"max_uses": "1"})
		_, a := join(s, "JIMIN", link.Code)
		a.Wants(http.StatusUnprocessableEntity)
		if got := a.Find(`[name="invite"]`).AttrOr("value", ""); got != link.Code {
			t.Errorf("the form keeps the invitation %q", got)
		}
		_, a = join(s, "jimin2", link.Code)
		a.Wants(http.StatusSeeOther)
	})
}

func TestInvite_IsCheckedWhenMade(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := strings.TrimPrefix(s.room(boram, "안방", db.KindPrivate), "/rooms/")
		for _, form := range []webtest.Form{
			{"expires_in": "59"}, {"expires_in": "-3600"}, {"expires_in": "soon"}, {"expires_in": "99999999999999999999"},
			{"max_uses": "0"}, {"max_uses": "-1"}, {"max_uses": "1.5"}, {"max_uses": "1000000"},
		} {
			var field string
			for field = range form {
			}
			for _, maker := range []*webtest.Person{jimin, boram} {
				if maker == boram {
					form["room"] = room
				}
				for way, p := range eachWay(maker) {
					a := p.Post("/invites", form).Wants(http.StatusUnprocessableEntity)
					if way == "JSON" {
						var e errorShape
						if a.JSON(&e); e.Error.Fields[field] == "" {
							t.Errorf("%v: %+v", form, e.Error)
						}
						continue
					}
					if fieldError(a, field) == "" || field == "max_uses" && a.Find("#max_uses").AttrOr("value", "") != form[field] ||
						a.Find(`main form [name="room"]`).AttrOr("value", "") != form["room"] {
						t.Errorf("%v by %s as %s: sentence %q", form, maker.Name, way, fieldError(a, field))
					}
				}
			}
			delete(form, "room")
		}
		jimin.AsProgram().Post("/invites", webtest.Form{"room": "kitchen"}).Wants(http.StatusUnprocessableEntity)
		jimin.AsProgram().Post("/invites", webtest.Form{"room": "00000000-0000-4000-8000-000000000000"}).Wants(http.StatusNotFound)
	})
}

func TestInvite_IsRevokedByItsCreatorAndAdministrators(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram, minsu := s.first(), s.signUp("보람"), s.signUp("민수")
		room := s.room(boram, "안방", db.KindPrivate)
		link := invite(boram, webtest.Form{"room": strings.TrimPrefix(room, "/rooms/")})
		minsu.Post("/invites/"+link.Code+"/delete", nil).Wants(http.StatusNotFound)
		service := invite(jimin, nil)
		minsu.Post("/invites/"+service.Code+"/delete", nil).Wants(http.StatusNotFound)
		boram.AsProgram().Post("/invites/"+link.Code+"/delete", nil).Wants(http.StatusNoContent)
		jimin.AsHTMX().Post("/invites/"+service.Code+"/delete", nil).Wants(http.StatusOK)
	})
}

func TestLinks_ComeByPagesWithoutTheirSymbols(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(boram, "안방", db.KindPrivate, jimin)
		id := strings.TrimPrefix(room, "/rooms/")
		for range db.MaxInvites {
			boram.AsProgram().Post("/invites", webtest.Form{"room": id}).Wants(http.StatusCreated)
		}
		boram.Post("/invites", webtest.Form{"room": id}).Wants(http.StatusConflict).Shows("main", "50 links")
		jimin.Post("/invites", webtest.Form{"room": id}).Wants(http.StatusSeeOther)
		page := boram.Get(room + "/settings").Wants(http.StatusOK)
		if n := page.Find(".invites > li").Length(); n != invitesPerPage || len(page.Body) > 200_000 {
			t.Errorf("%d links in %d bytes", n, len(page.Body))
		}
		next := page.Find(".further a").Last().AttrOr("href", "")
		if n := boram.Get(next).Wants(http.StatusOK).Find(".invites > li").Length(); n != 1 {
			t.Errorf("%d links on the next page", n)
		}
		var some []inviteShape
		a := boram.AsProgram().Get("/invites").Wants(http.StatusOK).JSON(&some)
		if len(some) != invitesPerPage || !strings.Contains(a.Header.Get("Link"), `rel="next"`) {
			t.Errorf("%d links, Link %q", len(some), a.Header.Get("Link"))
		}
		symbol := boram.Get("/invites/" + some[0].Code + "/qr.svg").Wants(http.StatusOK)
		if symbol.Header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(symbol.Body, "<svg") {
			t.Errorf("%s: %.40s", symbol.Header.Get("Content-Type"), symbol.Body)
		}
		boram.Get("/invites/nonsense/qr.svg").Wants(http.StatusNotFound)
		// The administrator of the service sees no link into a private room but its own.
		jimin.AsProgram().Get("/invites").JSON(&some)
		if len(some) != 3 { // with the first of all, and that by which boram came
			t.Errorf("an administrator sees %d links", len(some))
		}
	})
}
