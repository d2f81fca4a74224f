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

func TestMembers_AreAddedToPrivateRooms(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram, minsu := s.first(), s.signUp("보람"), s.signUp("민수")
		dahee := s.signUp("다희")
		room := s.room(boram, "안방", db.KindPrivate)
		for _, p := range []*webtest.Person{jimin, minsu} { // an administrator is a stranger like everybody
			p.Get(room).Wants(http.StatusNotFound)
			p.Post(room+"/join", nil).Wants(http.StatusNotFound)
		}
		boram.Get(room+"/members?q=민").Shows("#user", "민수")
		boram.Post(room+"/members", webtest.Form{"user": itoa(s.user(minsu).ID)}).Wants(http.StatusSeeOther)
		minsu.Get(room).Wants(http.StatusOK).Shows("#my-rooms", "안방")
		var shape roomShape
		minsu.AsProgram().PostJSON(room+"/members", map[string]any{"user": s.user(dahee).ID}).Wants(http.StatusOK).JSON(&shape)
		if shape.Title != "안방" {
			t.Errorf("as JSON: %+v", shape)
		}
		minsu.AsHTMX().Post(room+"/members", webtest.Form{"user": itoa(s.user(dahee).ID)}).Wants(http.StatusOK) // twice is no error
		same(t, "members", names(boram.AsProgram().Get(room+"/members")), []string{"다희", "민수", "보람"})
		for _, user := range []string{"", "0", "x", "999999"} {
			for way, p := range eachWay(boram) {
				a := p.Post(room+"/members", webtest.Form{"user": user}).Wants(http.StatusUnprocessableEntity)
				if way == "JSON" {
					var e errorShape
					if a.JSON(&e); e.Error.Fields["user"] == "" {
						t.Errorf("user %q: %+v", user, e.Error)
					}
				} else if a.Find(".summary li").Length() == 0 {
					t.Errorf("user %q as %s: no sentence", user, way)
				}
			}
		}
	})
}

func TestMembers_AreRemoved(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram, minsu := s.first(), s.signUp("보람"), s.signUp("민수")
		room := s.room(boram, "안방", db.KindPrivate)
		out := room + "/members/" + itoa(s.user(minsu).ID) + "/delete"
		boram.Post(room+"/members", webtest.Form{"user": itoa(s.user(minsu).ID)}).Wants(http.StatusSeeOther)
		jimin.Post(out, nil).Wants(http.StatusNotFound)
		minsu.Post(room+"/members/"+itoa(s.user(boram).ID)+"/delete", nil).Wants(http.StatusForbidden)
		if minsu.Get(room+"/members").Find(`form[action*="/delete"]`).Length() != 0 {
			t.Error("a button that does not work")
		}
		boram.Get(room + "/members").Wants(http.StatusOK).Find(`form[action="` + out + `"]`).Length()
		boram.Post(out, nil).Wants(http.StatusSeeOther)
		minsu.Get(room).Wants(http.StatusNotFound)
		boram.Post(out, nil).Wants(http.StatusNotFound)
		same(t, "rooms of minsu", myRooms(minsu.Get("/")), []string{"Living room"})
		boram.Post(room+"/members", webtest.Form{"user": itoa(s.user(jimin).ID)}).Wants(http.StatusSeeOther)
		boram.Post(room+"/members", webtest.Form{"user": itoa(s.user(minsu).ID)}).Wants(http.StatusSeeOther)
		jimin.AsProgram().Post(out, nil).Wants(http.StatusOK) // an administrator who is a member may
	})
}

func TestMembers_LeaveARoom(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		for way, p := range eachWay(boram) {
			p.Get(room).Wants(http.StatusOK)
			want := map[string]int{"form": 303, "JSON": 204, "htmx": 200}[way]
			p.Post(room+"/leave", nil).Wants(want)
			p.Post(room+"/leave", nil).Wants(http.StatusNotFound)
			same(t, way+": rooms", myRooms(boram.Get("/")), []string{"Living room"})
		}
		boram.Get(room)
		boram.Post(room+"/leave", nil)
		boram.Get("/").Shows(".flash", "You left the room.")
		boram.Get(room + "/messages").Wants(http.StatusNotFound)
		boram.Post(room+"/messages", webtest.Form{"body": "x"}).Wants(http.StatusNotFound)
		jimin.Post(room+"/messages", webtest.Form{"body": "그사이"})
		boram.Get(room).Wants(http.StatusOK).Shows("#messages", "그사이")
		if got := boram.Get("/").Find("#my-rooms").AttrOr("data-unread", ""); got != "0" {
			t.Errorf("%s unread for somebody who came back", got)
		}
	})
}

func TestMembers_AreListedByPages(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		for i := range peoplePage + 3 {
			u, err := s.store.SignUp(t.Context(), db.NewUser{Name: "p" + itoa(int64(i)), Language: "ko", TimeZone: "UTC", Open: true})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.store.Visit(t.Context(), u.User, roomIn(t, room)); err != nil {
				t.Fatal(err)
			}
		}
		page := jimin.Get(room + "/members").Wants(http.StatusOK)
		more := page.Find(".further a").AttrOr("href", "")
		if !strings.HasPrefix(more, room+"/members?after=") {
			t.Fatalf("more at %q", more)
		}
		if n := jimin.Get(more).Wants(http.StatusOK).Find(`.members-list > li`).Length(); n != 4 {
			t.Errorf("%d on the second page, want 4", n)
		}
		jimin.Get(room).Shows("#room-header", itoa(peoplePage+4))
	})
}

// L3: nobody fills the list of somebody else.
func TestMembers_AreAddedAFewTimesADay(t *testing.T) {
	clock := dbtest.NewClock()
	s := newTestServer(t, dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")}), Options{RateLimits: true, Now: clock.Now})
	jimin, boram, minsu, alice := s.first(), s.signUp("boram"), s.signUp("minsu"), s.signUp("alice")
	put := func(p *webtest.Person) int {
		clock.Advance(time.Minute)
		room := p.Post("/rooms", webtest.Form{"title": "또 다른 방", "kind": "private"}).Wants(http.StatusSeeOther).Location()
		return p.AsProgram().Post(room+"/members", webtest.Form{"user": itoa(s.user(boram).ID)}).Status
	}
	times := 0
	for put(jimin) == http.StatusOK {
		times++
	}
	if want := limits[limitAdditions].burst; times != want {
		t.Errorf("put into %d rooms, want %d", times, want)
	}
	conversation := map[string]any{"user": []int64{s.user(boram).ID, s.user(minsu).ID}}
	jimin.AsProgram().PostJSON("/conversations", conversation).Wants(http.StatusTooManyRequests)
	if got := put(alice); got != http.StatusOK {
		t.Errorf("by somebody else: %d", got)
	}
	clock.Advance(limits[limitAdditions].every)
	if got := put(jimin); got != http.StatusOK {
		t.Errorf("later: %d", got)
	}
}
