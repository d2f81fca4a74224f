package handlers

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// withSecret returns a script with a token.
func withSecret(s *testServer, secret string) *webtest.Person {
	p := webtest.Visitor(s.tb, s.url)
	p.Header = http.Header{"Authorization": {"Bearer " + secret}}
	return p
}

func TestToken_IsShownOnce(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		to := jimin.Post("/tokens", webtest.Form{"title": "빌드 봇"}).Wants(http.StatusSeeOther).Location()
		page := jimin.Get(to).Wants(http.StatusOK).Shows("ul.rows", "빌드 봇").Shows("ul.rows", "Never used")
		secret := page.Find(".welcome code").First().Text()
		if len(secret) < 20 || page.Find(".welcome [data-copy]").AttrOr("data-copy", "") != secret {
			t.Fatalf("secret %q", secret)
		}
		if curl := page.Find(".welcome pre").Text(); !strings.Contains(curl, secret) || !strings.Contains(curl, s.url+"/rooms") {
			t.Errorf("line for a terminal: %q", curl)
		}
		withSecret(s, secret).Get("/rooms").Wants(http.StatusOK)
		if again := jimin.Get("/tokens"); strings.Contains(again.Body, secret) || again.Find(".welcome").Length() != 0 {
			t.Error("the secret is shown again")
		}
		if list := jimin.AsProgram().Get("/tokens").Wants(http.StatusOK); strings.Contains(list.Body, secret) || strings.Contains(list.Body, `"token"`) {
			t.Errorf("the list shows the secret: %s", list.Body)
		}
		jimin.Get("/tokens").Shows("ul.rows", "Last used:")
		if strings.Contains(s.log.String(), secret) {
			t.Error("the secret is in the log")
		}
	})
}

func TestToken_IsMadeInEachFormat(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		var made tokenShape
		jimin.AsProgram().PostJSON("/tokens", map[string]string{"title": "하나"}).Wants(http.StatusCreated).JSON(&made)
		if made.Token == "" || made.Title != "하나" || made.ID == 0 {
			t.Errorf("made %+v", made)
		}
		if to := jimin.AsHTMX().Post("/tokens", webtest.Form{"title": "둘"}).Wants(http.StatusOK).Header.Get("HX-Redirect"); to != "/tokens" {
			t.Errorf("htmx goes to %q", to)
		}
		for way, p := range eachWay(jimin) {
			a := p.Post("/tokens", webtest.Form{"title": strings.Repeat("가", maxTitle+1)}).Wants(http.StatusUnprocessableEntity)
			if way != "JSON" && (fieldError(a, "title") == "" || a.Find("#title").AttrOr("value", "") != strings.Repeat("가", maxTitle+1)) {
				t.Errorf("%s: sentence %q", way, fieldError(a, "title"))
			}
		}
		boram.Post("/tokens/"+itoa(made.ID)+"/delete", nil).Wants(http.StatusNotFound)
		if boram.Get("/tokens").Find("main ul.rows li").Length() != 0 {
			t.Error("somebody sees the tokens of others")
		}
		jimin.AsProgram().Post("/tokens/"+itoa(made.ID)+"/delete", nil).Wants(http.StatusNoContent)
		jimin.Post("/tokens/"+itoa(made.ID)+"/delete", nil).Wants(http.StatusNotFound)
	})
}

func TestToken_OpensEveryAddress(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		owner, _, values := privateRoom(s)
		var made tokenShape
		owner.AsProgram().Post("/tokens", nil).Wants(http.StatusCreated).JSON(&made)
		script := withSecret(s, made.Token)
		var reading []route
		for _, r := range allRoutes(t) {
			if r.method == http.MethodGet && !strings.Contains(r.pattern, ":code") && !strings.Contains(r.pattern, ":name") && r.pattern != "/static/*file" && !strings.HasPrefix(r.pattern, "/login") && !strings.HasPrefix(r.pattern, "/signup") {
				reading = append(reading, r)
			}
		}
		for _, r := range reading {
			path := r.path(values)
			if strings.HasSuffix(path, "/stream") || strings.HasSuffix(path, "/live") {
				script.Open(path).Close()
				continue
			}
			if a := script.Get(path); a.Status != http.StatusOK && a.Status != http.StatusMovedPermanently && !strings.HasSuffix(path, "/preview") {
				t.Errorf("%s with a token: status %d", r, a.Status)
			}
		}
		room := "/rooms/" + values["room"]
		script.Post(room+"/messages", webtest.Form{"body": "봇이 말한다"}).Wants(http.StatusCreated)
		script.Post(room+"/messages/2", webtest.Form{"body": "봇이 고친다"}).Wants(http.StatusOK)
		script.Post(room+"/messages/2/delete", nil).Wants(http.StatusOK)
		script.Post(room+"/read", webtest.Form{"position": "2"}).Wants(http.StatusOK)
		script.Post("/rooms", webtest.Form{"title": "봇의 방"}).Wants(http.StatusCreated)
		if cookies(script.Get("/rooms"))[testCookies.plain] != nil {
			t.Error("a script was given a session")
		}
		if cookies(script.Post("/logout", nil))[testCookies.plain] != nil || script.Get("/rooms").Status != http.StatusOK {
			t.Error("signing out means sessions")
		}
		script.Post("/tokens/"+itoa(made.ID)+"/delete", nil).Wants(http.StatusNoContent)
		for _, r := range reading {
			if strings.Contains(" /healthz /readyz /favicon.ico ", " "+r.pattern+" ") {
				continue
			}
			a := script.Get(r.path(values)).Wants(http.StatusUnauthorized)
			if !strings.HasSuffix(r.pattern, "/stream") && !strings.Contains(a.Body, `"unauthorized"`) {
				t.Errorf("%s with a deleted token: %s", r, a.Body)
			}
		}
	})
}

func TestToken_IsRefusedWhenUnknown(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		for _, secret := range []string{"", "x", strings.Repeat("x", 10_000), "' OR 1=1 --", "\xff\xfe"} {
			withSecret(s, secret).Get(room).Wants(http.StatusUnauthorized)
			withSecret(s, secret).Get(room + "/stream").Wants(http.StatusUnauthorized)
		}
		// A wrong token is refused even where a session would do: its user wants to know.
		mixed := copyOf(jimin)
		mixed.Header = http.Header{"Authorization": {"Bearer wrong"}}
		mixed.Get("/rooms").Wants(http.StatusUnauthorized)
	})
}

// A proxy in front may ask for a password of its own, which browsers then send with every request.
func TestToken_OtherAuthorizationIsIgnored(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := copyOf(s.first())
		jimin.Header.Set("Authorization", "Basic b3BlcmF0b3I6c2VjcmV0")
		jimin.Get("/rooms").Wants(http.StatusOK)
		visitor := webtest.Visitor(t, s.url)
		visitor.Header.Set("Authorization", "Basic b3BlcmF0b3I6c2VjcmV0")
		visitor.Get("/login").Wants(http.StatusOK)
		visitor.Get("/rooms").Wants(http.StatusSeeOther)
	})
}

// The secret is random enough that nobody guesses it.
func TestToken_SecretsDiffer(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		seen := map[string]bool{}
		for range 5 {
			var made tokenShape
			jimin.AsProgram().Post("/tokens", nil).JSON(&made)
			if !regexp.MustCompile(`^[A-Za-z0-9_-]{22,}$`).MatchString(made.Token) || seen[made.Token] {
				t.Errorf("secret %q", made.Token)
			}
			seen[made.Token] = true
		}
	})
}
