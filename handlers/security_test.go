package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/static"
)

func TestSecurityHeaders(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	jimin := s.first()
	room := s.room(jimin, "마당", db.KindOpen)
	visitor := webtest.Visitor(t, s.url)
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
		"connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'"
	for name, a := range map[string]*webtest.Answer{
		"a page":           jimin.Get("/users"),
		"a room":           jimin.Get(room),
		"a partial":        jimin.AsHTMX().Get(room + "/messages"),
		"JSON":             jimin.AsProgram().Get("/rooms"),
		"a redirect":       visitor.Get("/"),
		"a form refused":   visitor.Post("/login", webtest.Form{"name": "x"}),
		"a page not found": jimin.Get("/nowhere"),
		"no such room":     jimin.Get("/rooms/x"),
		"health":           visitor.Get("/healthz"),
		"another site":     fromElsewhere(jimin).Post("/rooms", nil),
	} {
		caching := "no-store"
		if a.Header.Get("ETag") != "" {
			caching = "private, no-cache"
		}
		if hasETag := name == "a page" || name == "a room"; hasETag != (caching != "no-store") {
			t.Errorf("%s: ETag %q", name, a.Header.Get("ETag"))
		}
		if n := a.Find("style, [style]").Length(); n != 0 {
			t.Errorf("%s: %d inline styles", name, n)
		}
		for header, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Cache-Control": caching, "Vary": "Accept, Accept-Encoding, Accept-Language, Authorization, Cookie, HX-Request, HX-Target",
			"Strict-Transport-Security": "", "Server": "", "X-Powered-By": "",
		} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s: %s %q, want %q", name, header, got, want)
			}
		}
		if a.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", name)
		}
	}
}

func fromElsewhere(p *webtest.Person) *webtest.Person {
	other := copyOf(p)
	other.Header.Set("Sec-Fetch-Site", "cross-site")
	return other
}

func TestStaticFiles_AreCachedForEver(t *testing.T) {
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{})
	visitor := webtest.Visitor(t, s.url)
	for name, kind := range map[string]string{"app.css": "text/css; charset=utf-8", "js/app.js": "text/javascript; charset=utf-8", "favicon.svg": "image/svg+xml"} {
		a := visitor.Get(static.Path(name)).Wants(http.StatusOK)
		if a.Header.Get("Content-Type") != kind || a.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
			a.Header.Get("X-Content-Type-Options") != "nosniff" || len(a.Header["Set-Cookie"]) != 0 {
			t.Errorf("%s: %v", name, a.Header)
		}
	}
	for _, path := range []string{"/static/", "/static/app.css", "/static/../main.go", "/static/static.go", "/static/%2e%2e/go.mod"} {
		a := visitor.Get(path)
		if a.Status == http.StatusOK || strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d, %q", path, a.Status, a.Header.Get("Cache-Control"))
		}
	}
	if to := visitor.Get("/favicon.ico").Wants(http.StatusMovedPermanently).Location(); to != static.Path("favicon.svg") {
		t.Errorf("/favicon.ico leads to %q", to)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		visitor := webtest.Visitor(t, s.url)
		if a := visitor.Get("/healthz").Wants(http.StatusOK); a.Body != "ok\n" {
			t.Errorf("%q", a.Body)
		}
		visitor.Do(http.MethodHead, "/healthz", nil, "").Wants(http.StatusOK)
		if err := s.store.Close(); err != nil {
			t.Fatal(err)
		}
		visitor.Get("/healthz").Wants(http.StatusOK)
		for way, p := range eachWay(visitor) {
			a := p.Get("/readyz").Wants(http.StatusServiceUnavailable)
			wantNoInternals(t, way, a)
		}
	})
}
