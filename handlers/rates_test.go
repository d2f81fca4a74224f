package handlers

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

func TestLogIn_IsLimited(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, store func() *db.Store) {
		clock := dbtest.NewClock()
		s := newTestServer(t, store(), Options{RateLimits: true, Now: clock.Now})
		s.first()
		for way, p := range eachWay(webtest.Visitor(t, s.url)) {
			clock.Advance(time.Hour)
			var a *webtest.Answer
			for i := range 11 {
				a = p.Post("/login", webtest.Form{"name": "jimin", "password": "guess " + strconv.Itoa(i)})
				if i < 10 {
					a.Wants(http.StatusUnauthorized)
				}
			}
			a.Wants(http.StatusTooManyRequests)
			seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
			if err != nil || seconds < 1 {
				t.Errorf("%s: Retry-After %q", way, a.Header.Get("Retry-After"))
			}
			if way == "JSON" && !strings.Contains(a.Body, `"too_many"`) {
				t.Errorf("%s: %s", way, a.Body)
			}
			p.Post("/login", webtest.Form{"name": "jimin", "password": webtest.Password}).Wants(http.StatusTooManyRequests)
			clock.Advance(time.Duration(seconds) * time.Second)
			if got := p.Post("/login", webtest.Form{"name": "jimin", "password": "again"}).Status; got != http.StatusUnauthorized {
				t.Errorf("%s: status %d after Retry-After, want 401", way, got)
			}
		}
	})
}

func TestRequests_AreLimited(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{RateLimits: true, Now: clock.Now, TrustedProxies: []string{"192.0.2.0/24"}})
	ask := func(path, from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil) // as if from 192.0.2.1
		r.Header.Set("X-Forwarded-For", from)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		return w
	}
	for range limits[limitRequests].burst {
		if w := ask("/signup", "198.51.100.1"); w.Code != http.StatusOK {
			t.Fatalf("status %d before the bound", w.Code)
		}
	}
	if w := ask("/signup", "198.51.100.1"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" {
		t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if w := ask("/signup", "198.51.100.2"); w.Code != http.StatusOK {
		t.Errorf("somebody else behind the same proxy: status %d", w.Code)
	}
	if w := ask("/healthz", "198.51.100.1"); w.Code != http.StatusOK {
		t.Errorf("health: status %d", w.Code)
	}
	clock.Advance(time.Second)
	if w := ask("/signup", "198.51.100.1"); w.Code != http.StatusOK {
		t.Errorf("a second later: status %d", w.Code)
	}
}

func TestEdits_AreLimitedLikePosts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, store func() *db.Store) {
		clock := dbtest.NewClock()
		s := newTestServer(t, store(), Options{RateLimits: true, Now: clock.Now})
		clock.Advance(time.Hour)
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "말"}).Wants(http.StatusSeeOther)
		for i := range limits[limitWrites].burst {
			jimin.AsProgram().Post(room+"/messages/1", webtest.Form{"body": itoa(int64(i))})
		}
		for way, p := range eachWay(jimin) {
			a := p.Post(room+"/messages/1", webtest.Form{"body": "one too many"}).Wants(http.StatusTooManyRequests)
			if a.Header.Get("Retry-After") == "" {
				t.Errorf("%s: no Retry-After", way)
			}
		}
	})
}

// TestWrongTokens_AreCountedByAddress sends more wrong tokens than may be looked up.
func TestWrongTokens_AreCountedByAddress(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{RateLimits: true, Now: clock.Now})
	jimin := s.first()
	script, fresh := jimin.WithToken(), jimin.WithToken()
	script.Get("/rooms").Wants(http.StatusOK)
	guesser := webtest.Visitor(t, s.url).AsProgram()
	for i := range limits[limitTokens].burst {
		guesser.Header.Set("Authorization", "Bearer sb_"+itoa(int64(i)))
		guesser.Get([]string{"/rooms", "/stream", "/nowhere"}[i%3]).Wants(http.StatusUnauthorized)
	}
	if a := guesser.Get("/rooms").Wants(http.StatusTooManyRequests); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	for range limits[limitTokens].burst {
		script.Get("/rooms").Wants(http.StatusOK) // right before, and not counted
	}
	jimin.Get("/").Wants(http.StatusOK)
	fresh.Get("/rooms").Wants(http.StatusTooManyRequests)
	clock.Advance(time.Second)
	for range 3 {
		fresh.Get("/rooms").Wants(http.StatusOK)
	}
}

// TestPagesThatDoNotExist_AreLimited asks for an address that leads nowhere.
func TestPagesThatDoNotExist_AreLimited(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{RateLimits: true, Now: clock.Now})
	visitor := webtest.Visitor(t, s.url)
	for range limits[limitRequests].burst {
		visitor.Get("/nowhere").Wants(http.StatusNotFound)
	}
	visitor.Get("/nowhere").Wants(http.StatusTooManyRequests)
}
