package handlers

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

func TestSessionCookie_HasItsAttributes(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		header  http.Header
		secure  bool
	}{
		"plain http":                 {Options{}, nil, false},
		"a public address of https":  {Options{BaseURL: "https://talk.example"}, nil, true},
		"a public address of http":   {Options{BaseURL: "http://talk.example"}, http.Header{"X-Forwarded-Proto": {"https"}}, false},
		"behind a trusted proxy":     {Options{TrustedProxies: []string{"127.0.0.0/8", "::1/128"}}, http.Header{"X-Forwarded-Proto": {"https"}}, true},
		"a stranger claims a proxy":  {Options{}, http.Header{"X-Forwarded-Proto": {"https"}}, false},
		"the trusted proxy has http": {Options{TrustedProxies: []string{"127.0.0.0/8"}}, http.Header{"X-Forwarded-Proto": {"http"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), c.options)
			p := webtest.Visitor(t, s.url)
			for name, values := range c.header {
				p.Header[name] = values
			}
			p.Post("/signup", webtest.Form{"name": "jimin", "password": webtest.Password}).Wants(http.StatusSeeOther)
			name := testCookies.plain
			if c.secure {
				name = "__Host-" + name
			}
			for remember, maxAge := range map[string]int{"": 86_400, "1": 30 * 86_400} {
				a := p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password, "remember": remember}).Wants(http.StatusSeeOther)
				got := cookies(a)[name]
				if got == nil {
					t.Fatal("no session cookie")
				}
				if got.MaxAge != maxAge || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Secure != c.secure || got.Domain != "" {
					t.Errorf("remember=%q: %+v, want Max-Age %d and Secure %t", remember, got, maxAge, c.secure)
				}
				if hsts := a.Header.Get("Strict-Transport-Security") != ""; hsts != c.secure {
					t.Errorf("Strict-Transport-Security is sent: %t, want %t", hsts, c.secure)
				}
			}
		})
	}
}

func TestSessionCookie_IsSealed(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		s.first()
		p := webtest.Visitor(t, s.url)
		sealed := cookies(p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password}))[testCookies.plain].Value
		text, err := base64.URLEncoding.DecodeString(sealed)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.SplitN(string(text), "|", 3)
		if len(parts) == 3 {
			if inner, err := base64.URLEncoding.DecodeString(parts[1]); err == nil {
				text = append(text, inner...)
			}
		}
		for _, word := range []string{valueUserID, valueSession, valueEpoch, "jimin"} {
			if strings.Contains(string(text), word) {
				t.Errorf("the cookie shows %q", word)
			}
		}
		base := mustURL(t, s.url)
		for i := 0; i < len(sealed); i += 7 {
			other := byte('A')
			if sealed[i] == other {
				other = 'B'
			}
			thief := webtest.Visitor(t, s.url)
			thief.Client.Jar.SetCookies(base, []*http.Cookie{{Name: testCookies.plain, Value: sealed[:i] + string(other) + sealed[i+1:], Path: "/"}})
			if isSignedIn(thief) {
				t.Fatalf("a cookie changed at %d is accepted", i)
			}
		}
	})
}

func TestSessionCookie_OfAnEarlierVersionIsRead(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	user := s.user(s.first())
	store, err := newSessionStore(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	engine := gin.New()
	engine.GET("/", sessions.Sessions(oldCookie, store), func(c *gin.Context) {
		cookie := sessions.Default(c)
		for key, value := range map[string]any{
			valueUserID: user.ID, valueSession: "from before", valueEpoch: user.Epoch,
			"issued": time.Now().Unix(), valueExpires: time.Now().Add(time.Hour).Unix(),
		} {
			cookie.Set(key, value)
		}
		if err := cookie.Save(); err != nil {
			t.Error(err)
		}
	})
	w := httptest.NewRecorder()
	engine.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	p := webtest.Visitor(t, s.url)
	p.Client.Jar.SetCookies(mustURL(t, s.url), w.Result().Cookies())
	set := cookies(p.Get("/users").Wants(http.StatusOK))
	if set[testCookies.plain] == nil || set[oldCookie] == nil || set[oldCookie].MaxAge >= 0 {
		t.Errorf("a page sets the cookies %v, want the new one instead of the old", set)
	}
	if !isSignedIn(p) {
		t.Error("the cookie that replaced it is refused")
	}
}

func TestSessionCookie_IsRefusedAfterSigningOut(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		p := secondBrowser(s.first())
		thief := copyOf(p)
		if !isSignedIn(thief) {
			t.Fatal("the copy should work at first")
		}
		p.Post("/logout", nil).Wants(http.StatusSeeOther)
		if isSignedIn(thief) {
			t.Error("the copy still works")
		}
		if !isSignedIn(s.first()) {
			t.Error("the other browser was signed out as well")
		}
	})
}

func TestSessionCookie_CountsAfterOnesThatDoNot(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	session := func(name string) string {
		return cookies(webtest.Visitor(t, s.url).Post("/login", webtest.Form{"name": name, "password": webtest.Password}))[testCookies.plain].Value
	}
	s.first()
	good := session("jimin")
	ended := session("jimin")
	webtest.Visitor(t, s.url).Post("/logout", nil) // signs out nobody
	if w := ask(s, http.MethodPost, "http://chat.lan/logout", "Cookie", testCookies.plain+"="+ended); w.Code != http.StatusSeeOther {
		t.Fatalf("signing out: status %d", w.Code)
	}
	for _, others := range [][]string{{"broken"}, {ended}, {"broken", "", ended}} {
		header := "theme=dark"
		for _, other := range append(others, good, "broken too") {
			header += "; " + testCookies.plain + "=" + other
		}
		w := ask(s, http.MethodGet, "http://chat.lan/users", "Cookie", header, "Accept", "application/json")
		if w.Code != http.StatusOK {
			t.Errorf("after %d others: status %d", len(others), w.Code)
		}
		w = ask(s, http.MethodPost, "http://chat.lan/profile", "Cookie", header, "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html")
		if w.Code == http.StatusUnauthorized {
			t.Errorf("a form after %d others: status %d", len(others), w.Code)
		}
	}
	out := ask(s, http.MethodPost, "http://chat.lan/logout", "Cookie", testCookies.plain+"=broken; "+testCookies.plain+"="+good)
	after := ask(s, http.MethodGet, "http://chat.lan/users", "Cookie", testCookies.plain+"="+good, "Accept", "application/json")
	if out.Code != http.StatusSeeOther || after.Code != http.StatusUnauthorized {
		t.Errorf("signing out of the second cookie: status %d, then %d", out.Code, after.Code)
	}
}

func TestSessionCookie_HoldsUnderItsNameAlone(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{TrustedProxies: []string{"192.0.2.0/24"}})
	s.first()
	value := cookies(webtest.Visitor(t, s.url).Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password}))[testCookies.plain].Value
	for name, status := range map[string]int{testCookies.plain: 200, testCookies.secure: 401, oldCookie: 401} {
		for _, scheme := range []string{"http", "https"} {
			want := status
			if scheme == "https" {
				want = 401 // where browsers are to keep the name to this host
			}
			w := ask(s, http.MethodGet, "http://chat.lan/users", "Cookie", name+"="+value, "Accept", "application/json", "X-Forwarded-Proto", scheme)
			if w.Code != want {
				t.Errorf("%s by %s: status %d, want %d", name, scheme, w.Code, want)
			}
		}
	}
}

func TestServices_OnOneHostDoNotSignEachOtherOut(t *testing.T) {
	one := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	other := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{SessionKey: bytes.Repeat([]byte("o"), 32)})
	p := one.first() // whose jar knows no ports, like a browser's
	p.Base = other.url
	p.Post("/signup", webtest.Form{"name": "boram", "password": webtest.Password}).Wants(http.StatusSeeOther)
	p.Get("/users").Wants(http.StatusOK)
	p.Post("/logout", nil)
	p.Base = one.url
	p.Get("/users").Wants(http.StatusOK)
}
