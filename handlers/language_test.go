package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/handlers/webtest"
)

func TestLanguage_IsThatOfSettingCookieOrBrowser(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		s.first()
		for name, c := range map[string]struct{ accept, cookie, setting, want string }{
			"nothing said":               {"", "", "", "en"},
			"Korean first":               {"ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "", "", "ko"},
			"English first":              {"en-US,en;q=0.9,ko;q=0.8", "", "", "en"},
			"by weight":                  {"en;q=0.5, ko;q=0.9", "", "", "ko"},
			"French, then Korean":        {"fr-FR, ko;q=0.5", "", "", "ko"},
			"Japanese alone":             {"ja", "", "", "en"},
			"nonsense":                   {"];drop", "", "", "en"},
			"cookie over header":         {"ko", "en", "", "en"},
			"a cookie of nonsense":       {"ko", "tlh", "", "ko"},
			"setting over cookie":        {"en", "en", "ko", "ko"},
			"setting over header":        {"ko", "", "en", "en"},
			"setting, the other way too": {"ko", "ko", "en", "en"},
		} {
			p := webtest.Visitor(t, s.url)
			if c.setting != "" {
				p = secondBrowser(s.admin)
				p.Post("/profile", webtest.Form{"language": c.setting}).Wants(http.StatusSeeOther)
			}
			if c.accept != "" {
				p.Header.Set("Accept-Language", c.accept)
			}
			if c.cookie != "" {
				p.Client.Jar.SetCookies(mustURL(t, s.url), []*http.Cookie{{Name: languageCookie, Value: c.cookie, Path: "/"}})
			}
			page := p.Get("/profile")
			if c.setting == "" {
				page = p.Get("/login")
			}
			if got := page.Wants(http.StatusOK).Find("html").AttrOr("lang", ""); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
			wanted := map[string]string{"ko": "사랑방", "en": "Sarangbang"}[c.want]
			if !strings.Contains(page.Find("title").Text(), wanted) {
				t.Errorf("%s: title %q", name, page.Find("title").Text())
			}
			if !strings.Contains(page.Header.Get("Vary"), "Accept-Language") || !strings.Contains(page.Header.Get("Vary"), "Cookie") {
				t.Errorf("Vary %q", page.Header.Get("Vary"))
			}
		}
	})
}

func TestLanguage_IsChosenWithoutLeavingThePage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		visitor := webtest.Visitor(t, s.url)
		page := visitor.Get("/login?next=%2Frooms")
		next := page.Find(`footer [name="next"]`).AttrOr("value", "")
		a := visitor.Post("/language", webtest.Form{"language": "ko", "next": next}).Wants(http.StatusSeeOther)
		if a.Location() != "/login?next=%2Frooms" {
			t.Errorf("leads to %q", a.Location())
		}
		if c := cookies(a)[languageCookie]; c == nil || c.MaxAge < 86_400*300 || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %v", c)
		}
		visitor.Get(a.Location()).Shows("h1", "로그인")
		if got := page.Find(`footer [aria-pressed="true"]`).AttrOr("value", ""); got != "en" {
			t.Errorf("%q is pressed", got)
		}

		if to := jimin.Post("/language", webtest.Form{"language": "ko", "next": "/users?q=a"}).Wants(http.StatusSeeOther).Location(); to != "/users?q=a" {
			t.Errorf("leads to %q", to)
		}
		if got := s.user(jimin).Language; got != "ko" {
			t.Errorf("setting %q", got)
		}
		secondBrowser(jimin).Get("/users").Shows("h1", "사람")
		jimin.AsProgram().Post("/language", webtest.Form{"language": "en"}).Wants(http.StatusOK)
		jimin.AsHTMX().Post("/language", webtest.Form{"language": "en", "next": "/users"}).Wants(http.StatusOK)
		for _, bad := range []webtest.Form{{"language": "tlh"}, {"language": "<b>"}, {}} {
			jimin.Post("/language", bad).Wants(http.StatusUnprocessableEntity)
		}
		if to := jimin.Post("/language", webtest.Form{"language": "en", "next": "//evil.example"}).Location(); to != "/" {
			t.Errorf("leads to %q", to)
		}
	})
}

func TestLanguage_IsThatOfErrorsToo(t *testing.T) {
	eachServerWith(t, Options{Registration: RegistrationOpen}, func(t *testing.T, s *testServer) {
		s.first()
		for way, p := range eachWay(webtest.Visitor(t, s.url)) {
			p.Header.Set("Accept-Language", "ko")
			a := p.Post("/signup", webtest.Form{"name": "jimin", "password": "moon over the yard"}).Wants(http.StatusUnprocessableEntity)
			if !strings.Contains(a.Body, "이미") {
				t.Errorf("%s: %s", way, a.Body)
			}
			p.Get("/no-such-page").Wants(http.StatusNotFound)
		}
		p := webtest.Visitor(t, s.url)
		p.Header.Set("Accept-Language", "ko")
		p.Post("/signup", webtest.Form{"name": "한글", "password": webtest.Password}).Wants(http.StatusSeeOther)
		p.Name = "한글"
		if u := s.user(p); u.Language != "ko" || u.TimeZone != "Asia/Seoul" {
			t.Errorf("signed up with %q in %q", u.Language, u.TimeZone)
		}
	})
}

func TestTimes_AreInTheViewersZone(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", "open")
		jimin.Post(room+"/messages", webtest.Form{"body": "말"})
		jimin.Post("/profile", webtest.Form{"time_zone": "Asia/Kathmandu", "language": "en"}) // 5 hours and 45 minutes ahead
		boram.Post("/profile", webtest.Form{"time_zone": "America/Lima", "language": "ko"})
		here, there := jimin.Get(room).Find("#m1 .meta time"), boram.Get(room).Find("#m1 .meta time")
		if here.AttrOr("datetime", "1") != there.AttrOr("datetime", "2") {
			t.Errorf("instants %q and %q", here.AttrOr("datetime", ""), there.AttrOr("datetime", ""))
		}
		if here.Text() == there.Text() || here.AttrOr("title", "") == there.AttrOr("title", "") {
			t.Errorf("both see %q", here.Text())
		}
		if got := there.Text(); !strings.HasPrefix(got, "오전") && !strings.HasPrefix(got, "오후") {
			t.Errorf("in Korean: %q", got)
		}
	})
}
