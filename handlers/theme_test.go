package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/handlers/webtest"
)

func TestTheme_IsChosenForEveryPageOfABrowser(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		for path, p := range map[string]*webtest.Person{"/users": jimin, "/login": webtest.Visitor(t, s.url)} {
			themeOf := func() string { return p.Get(path).Find("html").AttrOr("data-theme", "") }
			if got := themeOf(); got != "" {
				t.Errorf("theme %q at first", got)
			}
			for _, theme := range []string{"dark", "light"} {
				to := p.Post("/theme", webtest.Form{"theme": theme, "next": "/users?q=a"}).Wants(http.StatusSeeOther).Location()
				if got := themeOf(); to != "/users?q=a" || got != theme {
					t.Errorf("chose %q: leads to %q with theme %q", theme, to, got)
				}
			}
			if !strings.Contains(p.Get(path).Body, `<meta name="color-scheme" content="light">`) {
				t.Error("the browser is not told before it paints")
			}
			p.Post("/theme", webtest.Form{"theme": "system", "next": "//evil.example"}).Wants(http.StatusSeeOther)
			if got := themeOf(); got != "" {
				t.Errorf("theme %q, want the system's", got)
			}
			for _, bad := range []webtest.Form{{"theme": "pink"}, {}} {
				p.Post("/theme", bad).Wants(http.StatusUnprocessableEntity)
			}
		}
	})
}

// A cached page is not shown in the colours of another browser of the same person.
func TestTheme_IsPartOfAPage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		other := secondBrowser(jimin)
		other.Post("/theme", webtest.Form{"theme": "dark"})
		for range 2 {
			if got := jimin.Get("/").Find("html[data-theme]").Length(); got != 0 {
				t.Error("dark, though chosen in another browser")
			}
			if got := other.Get("/").Find(`html[data-theme="dark"]`).Length(); got != 1 {
				t.Error("not dark")
			}
		}
	})
}
