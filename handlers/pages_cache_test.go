package handlers

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/lru"
	"sarangbang/views"
)

// having is a browser that has kept the page with an ETag.
func having(p *webtest.Person, etag string) *webtest.Person {
	browser := *p
	browser.Header = p.Header.Clone()
	browser.Header.Set("If-None-Match", etag)
	return &browser
}

func TestPages_AreNotSentAgainWhileNothingChanges(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindOpen, minsu)
		for _, path := range []string{"/", "/rooms", room, room + "?around=1", room + "/messages", room + "/members", "/users", "/users/1", "/profile", "/tokens", "/invites"} {
			first := jimin.Get(path).Wants(http.StatusOK)
			etag := first.Header.Get("ETag")
			for _, known := range []string{etag, `"x", ` + etag, strings.TrimPrefix(etag, "W/")} {
				again := having(jimin, known).Get(path).Wants(http.StatusNotModified)
				if again.Body != "" || etag == "" {
					t.Errorf("%s: ETag %q, %d bytes again", path, etag, len(again.Body))
				}
				for _, header := range []string{"ETag", "Cache-Control", "Vary", "Content-Security-Policy"} {
					if got, want := again.Header.Get(header), first.Header.Get(header); got != want {
						t.Errorf("%s: %s %q, want %q", path, header, got, want)
					}
				}
			}
			if head := jimin.Do(http.MethodHead, path, nil, ""); head.Header.Get("ETag") != etag {
				t.Errorf("%s: HEAD has ETag %q, GET %q", path, head.Header.Get("ETag"), etag)
			}
			having(jimin, etag).AsProgram().Get(path).Wants(http.StatusOK)
		}
		room1 := jimin.Get(room).Header.Get("ETag")
		minsu.Post(room+"/messages", webtest.Form{"body": "안녕"}).Wants(http.StatusSeeOther)
		having(jimin, room1).Get(room).Wants(http.StatusOK).Shows("#m1 .body", "안녕")
	})
}

func TestPages_OfOneAreNeverShownToAnotherOnTheSameBrowser(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindOpen)
		browser := webtest.Visitor(t, s.url)
		for _, path := range []string{"/", room, room + "/messages", "/users", "/profile"} {
			browser.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password}).Wants(http.StatusSeeOther)
			kept := browser.Get(path).Wants(http.StatusOK)
			out := browser.Post("/logout", nil).Wants(http.StatusSeeOther)
			if got := out.Header.Get("Clear-Site-Data"); got != `"cache"` {
				t.Errorf("signing out: Clear-Site-Data %q", got)
			}
			having(browser, kept.Header.Get("ETag")).Get(path).Wants(http.StatusSeeOther)
			browser.Post("/login", webtest.Form{"name": "minsu", "password": webtest.Password}).Wants(http.StatusSeeOther)
			if strings.HasSuffix(path, "/messages") {
				browser.Get(room)
			}
			page := having(browser, kept.Header.Get("ETag")).Get(path).Wants(http.StatusOK)
			if id := page.Find("body").AttrOr("data-viewer", ""); id != "2" {
				t.Errorf("%s is shown as to user %s", path, id)
			}
			browser.Post("/logout", nil)
		}
	})
}

func TestPages_ThatShowSomethingOnceAreKeptNowhere(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		kept := func(what string, a *webtest.Answer) {
			t.Helper()
			if got := a.Header.Get("Cache-Control"); got != "no-store" || a.Header.Get("ETag") != "" {
				t.Errorf("%s: Cache-Control %q, ETag %q", what, got, a.Header.Get("ETag"))
			}
		}
		kept("the first invitation", jimin.Get("/"))
		jimin.Post("/tokens", webtest.Form{"title": "x"}).Wants(http.StatusSeeOther)
		kept("a token's secret", jimin.Get("/tokens").Shows("code", "sb_"))
		jimin.Post("/profile", webtest.Form{"display_name": "지민"}).Wants(http.StatusSeeOther)
		kept("a sentence about what was done", jimin.Get("/rooms").Shows(".flash", ""))
		kept("a form refused", jimin.Post("/profile", webtest.Form{"display_name": ""}).Wants(http.StatusUnprocessableEntity))
		kept("an error", jimin.Get("/nowhere").Wants(http.StatusNotFound))
		kept("a form for a password", webtest.Visitor(t, s.url).Get("/login").Wants(http.StatusOK))
		kept("JSON", jimin.AsProgram().Get("/"))
		kept("a fragment", jimin.AsHTMX().Get(s.room(jimin, "마당", db.KindOpen)+"/messages"))
	})
}

func TestComposer_OnAPageShownAgainPostsAnotherText(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		page := jimin.Get(room)
		key := page.Find("#composer [name=key]").AttrOr("value", "")
		post := func(body, key string) { // without scripts, and twice, as by a second click
			t.Helper()
			for range 2 {
				jimin.Post(room+"/messages", webtest.Form{"body": body, "key": key}).Wants(http.StatusSeeOther)
			}
		}
		post("하나", key)
		post("둘", key) // the browser went back to the page as it was
		fresh := having(jimin, page.Header.Get("ETag")).Get(room).Wants(http.StatusOK).Find("#composer [name=key]").AttrOr("value", "")
		if fresh == key || fresh == "" {
			t.Errorf("key %q again", fresh)
		}
		post("셋", fresh)
		same(t, "messages", bodies(jimin.Get(room)), []string{"하나", "둘", "셋"})
	})
}

func TestViewerStyle_IsKeptForGoodUnderItsVersion(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindOpen)
		for _, path := range []string{"/users", room, room + "/live"} {
			var address string
			if path == room+"/live" {
				log := jimin.Open(path)
				address = jimin.Get("/users").Find(`link[href^="/me.css"]`).AttrOr("href", "")
				log.UntilHas(strings.ReplaceAll(address, "&", "&amp;"))
			} else {
				address = jimin.Get(path).Find(`link[href^="/me.css"]`).AttrOr("href", "")
			}
			sheet := jimin.Get(address).Wants(http.StatusOK)
			if !strings.Contains(sheet.Body, `[data-author="1"]`) || !strings.Contains(sheet.Header.Get("Cache-Control"), "immutable") ||
				sheet.Header.Get("Content-Type") != "text/css; charset=utf-8" {
				t.Errorf("%s: %v\n%s", path, sheet.Header, sheet.Body)
			}
			if other := minsu.Get(address); strings.Contains(other.Header.Get("Cache-Control"), "immutable") || !strings.Contains(other.Body, `[data-author="2"]`) {
				t.Errorf("%s for somebody else: %v\n%s", address, other.Header, other.Body)
			}
		}
		webtest.Visitor(t, s.url).Get("/me.css").Wants(http.StatusSeeOther)
	})
}

// TestPages_OfManyStayWithinTheBound asks for more pages than may be cached, on behalf of several
// people.
func TestPages_OfManyStayWithinTheBound(t *testing.T) {
	const bound = 4 << 20
	store := dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")})
	s := newTestServer(t, store, Options{})
	people := []*webtest.Person{s.first(), s.signUp("minsu"), s.signUp("yuna")}
	room := s.room(people[0], "마당", db.KindOpen)
	talk(s, people[0], room, 60)
	renderer, err := views.New("live-nonce", "")
	noError(t, err)
	small, err := newServer(Options{Store: store, Views: renderer, Hub: s.hub, Logger: slog.New(slog.DiscardHandler), SessionKey: bytes.Repeat([]byte("k"), 32)})
	noError(t, err)
	small.pages = lru.New[pageKey, *renderedPage](bound)
	engine, err := small.newEngine(nil)
	noError(t, err)
	server := httptest.NewServer(engine)
	defer server.Close()
	ask := func(n int) {
		for i := range n {
			p := *people[i%len(people)]
			p.Base = server.URL
			p.Get(fmt.Sprint(room, "?n=", i)).Wants(http.StatusOK)
		}
	}
	ask(20) // everything else is in memory now
	before := heap()
	ask(600)
	if n := small.pages.Bytes(); n > bound || n < bound*3/4 {
		t.Errorf("%d bytes of pages, the bound is %d", n, bound)
	}
	if grown := int(heap() - before); grown > 2*bound {
		t.Errorf("the heap has grown by %d bytes, the bound is %d", grown, bound)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// heap is the bytes in use.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
