package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// Whatever form is refused because of what others do, or because the database fails, is shown with
// what was typed, but for passwords.
func TestForms_ThatAreRefusedAreShownAgain(t *testing.T) {
	typed := webtest.Form{
		"body": "오래 쓴 글 <&>", "title": "새 이름", "display_name": "지민이", "bio": "소개", "name": "someone", "key": "page-7",
		"password": "very-secret-1", "new_password": "very-secret-2", "position": "1", "user": "2", "emoji": "👍",
	}
	wanted := []string{"오래 쓴 글 &lt;&amp;&gt;", "새 이름", "지민이", "소개", `value="someone"`, `name="key" value="page-7"`}
	check := func(r route, path string, a *webtest.Answer) {
		t.Helper()
		for _, text := range wanted {
			if !strings.Contains(a.Body, text) {
				t.Errorf("%s: %q is lost", r, text)
			}
		}
		if strings.Contains(a.Body, "very-secret") || a.Find(`form.again[action="`+path+`"]`).Length() != 1 {
			t.Errorf("%s: a password is shown, or no form", r)
		}
	}
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{RateLimits: true, Now: clock.Now})
	clock.Advance(time.Hour)
	owner, _, values := privateRoom(s)
	for range limits[limitRequests].burst {
		owner.AsProgram().Get("/rooms")
	}
	var posts []route
	for _, r := range allRoutes(t) {
		if r.method == http.MethodPost {
			posts = append(posts, r)
			check(r, r.path(values), owner.Post(r.path(values), typed).Wants(http.StatusTooManyRequests))
		}
	}
	clock.Advance(time.Minute)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, r := range posts { // some are refused, or have nothing to do, before the database is asked
		if a := owner.Post(r.path(values), typed); a.Status >= http.StatusInternalServerError {
			failed++
			check(r, r.path(values), a)
		}
	}
	if len(posts) < 30 || failed < 20 {
		t.Errorf("%d routes, of which %d failed", len(posts), failed)
	}
}

func TestForm_SentAgainPostsOnce(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{RateLimits: true, Now: clock.Now})
	clock.Advance(time.Hour)
	jimin := s.first()
	room := s.room(jimin, "마당", db.KindOpen)
	for range limits[limitWrites].burst {
		jimin.AsProgram().Post(room+"/messages", webtest.Form{"body": "말"})
	}
	again := jimin.Post(room+"/messages", webtest.Form{"body": "늦은 말", "key": "page-9"}).Wants(http.StatusTooManyRequests).Find("form.again")
	clock.Advance(time.Minute)
	form := webtest.Form{"body": again.Find("textarea").Text()}
	form["key"], _ = again.Find(`[name="key"]`).Attr("value")
	for range 2 {
		jimin.Post(again.AttrOr("action", ""), form).Wants(http.StatusSeeOther)
	}
	if got := strings.Count(jimin.Get(room+"?at=newest").Body, "<p>늦은 말</p>"); got != 1 {
		t.Errorf("the message is there %d times", got)
	}
}

// A page of another site cannot have its text sent from here by a press on a button.
func TestForm_OfAnotherSiteIsNotShown(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{RateLimits: true, Now: clock.Now})
	visitor := webtest.Visitor(t, s.url)
	visitor.Header.Set("Sec-Fetch-Site", "cross-site")
	for range 2 * limits[limitRequests].burst {
		if strings.Contains(visitor.Post("/login", webtest.Form{"name": "forged"}).Body, "forged") {
			t.Fatal("the form is shown")
		}
	}
}
