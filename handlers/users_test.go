package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// names returns the names of the people in a JSON answer, sorted.
func names(a *webtest.Answer) []string {
	var users []userShape
	a.Wants(http.StatusOK).JSON(&users)
	out := []string{}
	for _, u := range users {
		out = append(out, u.Name)
	}
	slices.Sort(out)
	return out
}

func TestPeople_AreFoundByAnyPartOfTheirNames(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		for name, display := range map[string]string{"kim": "김하늘", "park": "박하늘", "under_score": "100%", "Zoë": "Zoë", "lee": "Lee ＡＢＣ"} {
			s.signUp(name).Post("/profile", webtest.Form{"display_name": display}).Wants(http.StatusSeeOther)
		}
		for query, want := range map[string][]string{
			"하늘":                  {"kim", "park"},
			"늘":                   {"kim", "park"},
			"김":                   {"kim"},
			norm.NFD.String("하늘"): {"kim", "park"},
			"KIM":                 {"kim"},
			"abc":                 {"lee"},
			"ZOË":                 {"Zoë"},
			"%":                   {"under_score"},
			"_":                   {"under_score"},
			"하 늘":                 {"kim", "park"},
			"nobody":              {},
			`\`:                   {},
			"":                    {"Zoë", "jimin", "kim", "lee", "park", "under_score"},
			"  박 ":                {"park"},
		} {
			path := "/users?q=" + url.QueryEscape(query)
			got := names(jimin.AsProgram().Get(path))
			slices.Sort(want)
			same(t, "search for "+query, got, want)
			for way, p := range map[string]*webtest.Person{"form": jimin, "htmx": jimin.AsHTMX()} {
				page := p.Get(path).Wants(http.StatusOK)
				if n := page.Find("main ul.rows li").Length(); n != len(want) {
					t.Errorf("search for %q as %s: %d people, want %d", query, way, n, len(want))
				}
			}
		}
		page := jimin.Get("/users?q=" + url.QueryEscape("하늘"))
		if got := page.Find("main #q").AttrOr("value", ""); got != "하늘" {
			t.Errorf("the search field holds %q", got)
		}
	})
}

func TestPeople_AreListedByPages(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		for i := range peoplePage + 5 {
			dbtest.User(t, s.store, "p"+itoa(int64(i)))
		}
		path, seen := "/users", 0
		for path != "" {
			page := jimin.Get(path).Wants(http.StatusOK)
			seen += page.Find("main ul.rows li").Length()
			path = page.Find(".further a").AttrOr("href", "")
		}
		if seen != peoplePage+6 {
			t.Errorf("%d people on all pages, want %d", seen, peoplePage+6)
		}
	})
}

func TestDirectRoom_IsOneForEachPair(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram, third := s.first(), s.signUp("보람"), s.signUp("third")
		toBoram, toJimin := "/users/"+itoa(s.user(boram).ID)+"/direct", "/users/"+itoa(s.user(jimin).ID)+"/direct"
		rooms := atOnce(20, func(i int) string {
			if i%2 == 0 {
				return jimin.Post(toBoram, nil).Header.Get("Location")
			}
			return boram.Post(toJimin, nil).Header.Get("Location")
		})
		for _, room := range rooms {
			if room != rooms[0] || room == "" {
				t.Fatalf("rooms %v, want one", rooms)
			}
		}
		var shape roomShape
		jimin.AsProgram().Post(toBoram, nil).Wants(http.StatusOK).JSON(&shape)
		if roomPath(shape.ID) != rooms[0] || shape.Kind != db.KindDirect || shape.Title != "보람" {
			t.Errorf("as JSON: %+v", shape)
		}
		if to := jimin.AsHTMX().Post(toBoram, nil).Wants(http.StatusOK).Header.Get("HX-Redirect"); to != rooms[0] {
			t.Errorf("with htmx: %q", to)
		}
		boram.Get(rooms[0]).Wants(http.StatusOK).Shows("h1", "jimin")
		third.Get(rooms[0]).Wants(http.StatusNotFound)
		if third.Post(toJimin, nil).Location() == rooms[0] {
			t.Error("another pair has the same room")
		}
		same(t, "rooms of boram", myRooms(boram.Get("/")), []string{"jimin", "Living room"})
		for _, path := range []string{"", "/leave", "/members"} {
			boram.Post(rooms[0]+path, webtest.Form{"title": "x", "user": itoa(s.user(third).ID)}).Wants(http.StatusForbidden)
		}
	})
}

func TestDirectRoom_MayBeWithOneself(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		own := "/users/" + itoa(s.user(jimin).ID) + "/direct"
		rooms := atOnce(8, func(int) string { return jimin.Post(own, nil).Header.Get("Location") })
		if slices.Sort(rooms); rooms[0] != rooms[7] || rooms[0] == "" {
			t.Fatalf("rooms %v, want one", rooms)
		}
		jimin.Post(rooms[0]+"/messages", webtest.Form{"body": "장보기"}).Wants(http.StatusSeeOther)
		jimin.Get(rooms[0]).Shows("#messages", "장보기").Shows("h1", "jimin")
		if page := jimin.Get("/"); page.Find("#my-rooms").AttrOr("data-unread", "") != "0" || !strings.Contains(strings.Join(myRooms(page), " "), "jimin") {
			t.Errorf("rooms %v, unread %s", myRooms(page), page.Find("#my-rooms").AttrOr("data-unread", ""))
		}
	})
}

func TestUser_IsDeactivatedAndActivated(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		script := boram.WithToken()
		path := "/users/" + itoa(s.user(boram).ID)
		boram.Post("/users/1/deactivate", nil).Wants(http.StatusForbidden)
		jimin.Post("/users/1/deactivate", nil).Wants(http.StatusForbidden)
		jimin.Post(path+"/deactivate", nil).Wants(http.StatusSeeOther)
		if isSignedIn(boram) || script.Get("/rooms").Status != http.StatusUnauthorized {
			t.Error("still in")
		}
		login := webtest.Form{"name": "보람", "password": webtest.Password}
		webtest.Visitor(t, s.url).Post("/login", login).Wants(http.StatusUnauthorized)
		jimin.Get(path).Wants(http.StatusOK).Shows(".badge", "Deactivated")
		jimin.AsProgram().Post(path+"/activate", nil).Wants(http.StatusOK)
		webtest.Visitor(t, s.url).Post("/login", login).Wants(http.StatusSeeOther)
		script.Get("/rooms").Wants(http.StatusUnauthorized) // its token was deleted
	})
}

// Cases 104: who writes to somebody who is gone learns it.
func TestDeactivated_IsSaidInTheDirectRoom(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	jimin, boram := s.first(), s.signUp("boram")
	boram.Post("/profile", webtest.Form{"display_name": "보람"}).Wants(http.StatusSeeOther)
	room := jimin.Post("/users/2/direct", nil).Location()
	jimin.Get(room).Wants(http.StatusOK).Lacks("#archived", "보람").Lacks("#room-header .badge", "Deactivated")
	jimin.Post("/users/2/deactivate", nil).Wants(http.StatusSeeOther)
	jimin.Get(room).Wants(http.StatusOK).Shows("#archived", "보람 has been deactivated").Shows("#room-header .badge", "Deactivated")
	jimin.Post("/users/2/activate", nil).Wants(http.StatusSeeOther)
	jimin.Get(room).Wants(http.StatusOK).Lacks("#archived", "보람")
}

// Cases 15: the account names are on pointing at the names, in the page and in the live log.
func TestNamesakes_AreToldApart(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	jimin, boram := s.first(), s.signUp("boram")
	room := s.room(jimin, "마당", db.KindOpen, boram)
	for _, p := range []*webtest.Person{jimin, boram} {
		p.Post("/profile", webtest.Form{"display_name": "관리자"}).Wants(http.StatusSeeOther)
		p.Post(room+"/messages", webtest.Form{"body": "저예요"}).Wants(http.StatusSeeOther)
	}
	page := jimin.Get(room).Wants(http.StatusOK)
	for _, name := range []string{"jimin", "boram"} {
		page.Shows(`#messages .meta [title="@`+name+`"]`, "관리자")
		jimin.Open(room + "/live").UntilHas(`title="@` + name + `"`)
	}
}
