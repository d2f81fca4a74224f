package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

func TestSession_BeginsAndEnds(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		s.first()
		for name, c := range map[string]struct {
			way            func(*webtest.Person) *webtest.Person
			in, out        int
			locationHeader string
		}{
			"form": {func(p *webtest.Person) *webtest.Person { return p }, http.StatusSeeOther, http.StatusSeeOther, "Location"},
			"JSON": {(*webtest.Person).AsProgram, http.StatusOK, http.StatusNoContent, ""},
			"htmx": {(*webtest.Person).AsHTMX, http.StatusOK, http.StatusOK, "HX-Redirect"},
		} {
			t.Run(name, func(t *testing.T) {
				p := webtest.Visitor(t, s.url)
				a := c.way(p).Post("/login", webtest.Form{"name": "JIMIN", "password": webtest.Password, "next": "/users?q=a"}).Wants(c.in)
				if c.locationHeader != "" && a.Header.Get(c.locationHeader) != "/users?q=a" {
					t.Errorf("%s %q, want /users?q=a", c.locationHeader, a.Header.Get(c.locationHeader))
				}
				if !isSignedIn(p) {
					t.Fatal("not signed in")
				}
				a = c.way(p).Post("/logout", nil).Wants(c.out)
				if c.locationHeader != "" && a.Header.Get(c.locationHeader) != "/login" {
					t.Errorf("%s %q, want /login", c.locationHeader, a.Header.Get(c.locationHeader))
				}
				if isSignedIn(p) {
					t.Error("still signed in")
				}
				c.way(p).Post("/logout", nil).Wants(c.out) // twice is no error
			})
		}
	})
}

func TestLogIn_AnswersWrongNamesAndPasswordsAlike(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		s.first()
		for way, p := range eachWay(webtest.Visitor(t, s.url)) {
			wrongPassword := p.Post("/login", webtest.Form{"name": "jimin", "password": "wrong horse", "remember": "1"})
			wrongName := p.Post("/login", webtest.Form{"name": "nobody", "password": "wrong horse", "remember": "1"})
			nonsense := p.Post("/login", webtest.Form{"name": "\x00", "password": "\xff"})
			tooLong := p.Post("/login", webtest.Form{"name": strings.Repeat("a", 5000), "password": strings.Repeat("b", 5000)})
			for _, a := range []*webtest.Answer{wrongPassword, wrongName, nonsense, tooLong} {
				a.Wants(http.StatusUnauthorized)
				if !strings.Contains(a.Body, "Wrong username or password") || strings.Contains(a.Body, "wrong horse") {
					t.Errorf("%s: %s", way, a.Body)
				}
			}
			plain := func(a *webtest.Answer, name string) string {
				text := strings.ReplaceAll(a.Body, `value="`+name+`"`, `value=""`)
				if _, id, ok := strings.Cut(text, `"request_id":"`); ok {
					text = strings.ReplaceAll(text, id[:36], "")
				}
				return text
			}
			if got, want := plain(wrongName, "nobody"), plain(wrongPassword, "jimin"); got != want {
				t.Errorf("%s: answers differ:\n%s\n%s", way, got, want)
			}
			if way != "JSON" && (wrongName.Find("#name").AttrOr("value", "") != "nobody" || wrongName.Find(`[name="remember"][checked]`).Length() != 1) {
				t.Errorf("%s: what was typed is lost", way)
			}
		}
	})
}

func TestLogIn_LeadsOnlyToThisService(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		s.first()
		for next, want := range map[string]string{
			"":                          "/",
			"/":                         "/",
			"/rooms?x=1":                "/rooms?x=1",
			"/rooms/a#m17":              "/rooms/a#m17",
			"/users?q=한":                "/users?q=%ed%95%9c",
			"rooms":                     "/",
			"//evil.example":            "/",
			"///evil.example":           "/",
			`/\evil.example`:            "/",
			`\\evil.example`:            "/",
			"/\t/evil.example":          "/",
			"/\n/evil.example":          "/",
			"/\r\nX: y":                 "/",
			"https://evil.example":      "/",
			"https:evil.example":        "/",
			"http:///evil.example":      "/",
			"javascript:alert(1)":       "/",
			"data:text/html,x":          "/",
			" //evil.example":           "/",
			"/.//evil.example":          "/evil.example",
			"/%5cevil.example":          "/%5cevil.example",
			"//evil.example@" + "house": "/",
			"\x00":                      "/",
			"/%zz":                      "/",
		} {
			p := webtest.Visitor(t, s.url)
			to := p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password, "next": next}).Wants(http.StatusSeeOther).Location()
			if to != want {
				t.Errorf("next=%q leads to %q, want %q", next, to, want)
			}
			// Somebody signed in already is sent on at once, by the same rule.
			again := p.Get("/login?next=" + url.QueryEscape(next)).Wants(http.StatusSeeOther).Location()
			if again != want {
				t.Errorf("next=%q in the address leads to %q, want %q", next, again, want)
			}
			shown := webtest.Visitor(t, s.url).Get("/login?next="+url.QueryEscape(next)).Find(`input[name="next"]`).AttrOr("value", "")
			if strings.Contains(shown, "evil.example") && !strings.HasPrefix(want, "/") {
				t.Errorf("the form carries %q", shown)
			}
		}
	})
}

func TestLogIn_ReturnsToThePageThatNeededIt(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		s.first()
		p := webtest.Visitor(t, s.url)
		login := p.Get("/users?q=%ED%95%9C").Wants(http.StatusSeeOther).Location()
		next := p.Get(login).Wants(http.StatusOK).Find(`input[name="next"]`).AttrOr("value", "")
		to := p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password, "next": next}).Wants(http.StatusSeeOther).Location()
		if to != "/users?q=%ED%95%9C" {
			t.Errorf("leads to %q", to)
		}
		var e errorShape
		if p := webtest.Visitor(t, s.url).AsProgram(); p.Get("/rooms").Wants(http.StatusUnauthorized).JSON(&e) == nil || e.Error.Code != "unauthorized" {
			t.Errorf("as JSON: %+v", e)
		}
	})
}

func TestSession_EndsByTheClock(t *testing.T) {
	for remember, life := range map[string]time.Duration{"": 24 * time.Hour, "1": 30 * 24 * time.Hour} {
		t.Run("remember="+remember, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, store func() *db.Store) {
				clock := dbtest.NewClock()
				s := newTestServer(t, store(), Options{Now: clock.Now})
				s.first()
				p := webtest.Visitor(t, s.url)
				p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password, "remember": remember}).Wants(http.StatusSeeOther)
				clock.Advance(life - time.Second)
				if !isSignedIn(p) {
					t.Fatalf("signed out after %v", life-time.Second)
				}
				clock.Advance(time.Second)
				if got, want := isSignedIn(p), remember == "1"; got != want {
					t.Errorf("signed in %v after it was used and %v: %t, want %t", time.Second, life, got, want)
				}
				clock.Advance(life)
				if isSignedIn(p) {
					t.Errorf("still signed in after %v without use", life)
				}
			})
		})
	}
}

func TestSession_IsRenewedOnceADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, store func() *db.Store) {
		clock := dbtest.NewClock()
		s := newTestServer(t, store(), Options{Now: clock.Now})
		s.first()
		p := webtest.Visitor(t, s.url)
		p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password, "remember": "1"})
		old := copyOf(p)
		if got := cookies(p.Get("/rooms"))[testCookies.plain]; got != nil {
			t.Errorf("renewed at once: %+v", got)
		}
		clock.Advance(25 * time.Hour)
		page := p.Get("/rooms").Wants(http.StatusOK)
		if got := cookies(page)[testCookies.plain]; got == nil || got.MaxAge != 30*86_400 {
			t.Fatalf("not renewed after a day: %+v", got)
		}
		if got := cookies(having(p, page.Header.Get("ETag")).Get("/rooms").Wants(http.StatusNotModified))[testCookies.plain]; got != nil {
			t.Errorf("renewed again: %+v", got)
		}
		old.Post("/logout", nil) // with the cookie of before
		clock.Advance(30*24*time.Hour - 2*time.Second)
		if isSignedIn(p) {
			t.Error("the renewed cookie outlives its session")
		}
	})
}

func TestSession_EndsWhenThePasswordChangesElsewhere(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		here := s.first()
		elsewhere, copied := secondBrowser(here), copyOf(here)
		script := here.WithToken()
		a := here.Post("/profile", webtest.Form{"current_password": "wrong", "new_password": "sun over the yard"})
		if a.Wants(http.StatusUnprocessableEntity); fieldError(a, "current_password") == "" {
			t.Error("no sentence beside the current password")
		}
		a = here.Post("/profile", webtest.Form{"current_password": webtest.Password, "new_password": "short"})
		if a.Wants(http.StatusUnprocessableEntity); fieldError(a, "new_password") == "" {
			t.Error("no sentence beside the new password")
		}
		if !isSignedIn(elsewhere) {
			t.Fatal("a password that was not changed ended a session")
		}
		here.Post("/profile", webtest.Form{"current_password": webtest.Password, "new_password": "sun over the yard"}).Wants(http.StatusSeeOther)
		if !isSignedIn(here) {
			t.Error("this session ended")
		}
		if isSignedIn(elsewhere) || isSignedIn(copied) {
			t.Error("another session goes on")
		}
		script.Get("/rooms").Wants(http.StatusOK)
		p := webtest.Visitor(t, s.url)
		p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password}).Wants(http.StatusUnauthorized)
		p.Post("/login", webtest.Form{"name": "jimin", "password": "sun over the yard"}).Wants(http.StatusSeeOther)
	})
}
