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
			for remember, maxAge := range map[string]int{"": 86_400, "1": 30 * 86_400} {
				a := p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password, "remember": remember}).Wants(http.StatusSeeOther)
				got := cookies(a)[cookieName]
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
		sealed := cookies(p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password}))[cookieName].Value
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
			thief.Client.Jar.SetCookies(base, []*http.Cookie{{Name: cookieName, Value: sealed[:i] + string(other) + sealed[i+1:], Path: "/"}})
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
	engine.GET("/", sessions.Sessions(cookieName, store), func(c *gin.Context) {
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
	if !isSignedIn(p) {
		t.Error("a cookie with a value more is refused")
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
