package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestPage_InPlaceIsTitleAndMainAlone(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "안녕"})
		for _, path := range []string{"/", "/rooms", room, room + "?around=1", room + "/members", room + "/messages", "/users", "/users/1", "/profile", "/invites", "/tokens"} {
			whole, part := jimin.Get(path).Wants(http.StatusOK), inPlace(jimin).Get(path).Wants(http.StatusOK)
			if !strings.HasPrefix(part.Body, "<title>") {
				t.Errorf("%s in place begins with %.40q", path, part.Body)
			}
			for _, selector := range []string{"#my-rooms", "header.site", "footer.site", "noscript", "[rel=stylesheet]", "script"} {
				if part.Find(selector).Length() > 0 {
					t.Errorf("%s in place has %s", path, selector)
				}
			}
			if got, want := part.Find("main#main h1").Text(), whole.Find("main#main h1").Text(); got != want || want == "" {
				t.Errorf("%s in place: heading %q, want %q", path, got, want)
			}
			if got, want := part.Find("#stream").AttrOr("hx-sse:connect", ""), whole.Find("#stream").AttrOr("hx-sse:connect", ""); got != want {
				t.Errorf("%s in place: stream %q, want %q", path, got, want)
			}
			if a, b := whole.Header.Get("ETag"), part.Header.Get("ETag"); a == b || a == "" || b == "" {
				t.Errorf("%s: ETags %q and in place %q", path, a, b)
			}
			having(inPlace(jimin), part.Header.Get("ETag")).Get(path).Wants(http.StatusNotModified)
			having(inPlace(jimin), whole.Header.Get("ETag")).Get(path).Wants(http.StatusOK)
		}
		// A click enters an open room, and a prefetch does not.
		early := inPlace(minsu)
		early.Header.Set("Sec-Purpose", "prefetch")
		early.Get(room).Wants(http.StatusConflict)
		inPlace(minsu).Get(room).Wants(http.StatusOK).Shows("#m1 .body", "안녕")
		if n := minsu.Get("/").Find(`#my-rooms a[href="` + room + `"]`).Length(); n != 1 {
			t.Errorf("the room stands %d times in the list of somebody who came in place", n)
		}
	})
}

func TestPage_InPlaceIsWholeWhereItCannotBe(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "안방", db.KindPrivate)
		a := inPlace(minsu).Get(room).Wants(http.StatusNotFound)
		if !strings.HasPrefix(a.Body, "<!doctype html>") || a.Find("#my-rooms").Length() != 1 {
			t.Errorf("no whole page: %.80q", a.Body)
		}
		if to := inPlace(webtest.Visitor(t, s.url)).Get(room).Wants(http.StatusSeeOther).Location(); !strings.HasPrefix(to, "/login?next=%2Frooms%2F") {
			t.Errorf("somebody signed out is sent to %q", to)
		}
		// Another language or name is around main as well.
		around := func() string { return inPlace(jimin).Get(room).Find("main").AttrOr("data-surroundings", "") }
		before := around()
		if got := jimin.Get("/").Find("main").AttrOr("data-surroundings", ""); got != before || got == "" {
			t.Errorf("surroundings %q, in place %q", got, before)
		}
		jimin.Post("/language", webtest.Form{"language": "ko"})
		if around() == before {
			t.Error("the surroundings are the same in another language")
		}
	})
}
