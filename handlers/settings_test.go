package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestSettings_HoldWhatConcernsTheRoomItself(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram, minsu := s.first(), s.signUp("보람"), s.signUp("민수")
		room := s.room(boram, "안방", db.KindPrivate)
		boram.Post(room+"/members", webtest.Form{"user": itoa(s.user(minsu).ID)}).Wants(http.StatusSeeOther)
		jimin.Get(room + "/settings").Wants(http.StatusNotFound)
		page := boram.Get(room+"/settings").Wants(http.StatusOK).Shows(".facts", "보람").Shows(".facts .id", strings.TrimPrefix(room, "/rooms/")[:8])
		page.Shows("main pre", room+"/stream?as=text")
		if page.Find("#title").AttrOr("value", "") != "안방" {
			t.Error("the form to rename does not hold the name")
		}
		boram.Get(room).Lacks("#composer", "curl").Shows("#online", "2 people")
		boram.Post(room, webtest.Form{"title": " "}).Wants(http.StatusUnprocessableEntity).Shows("#title-error", "fill").Shows("main", room+"/stream")
		boram.Post("/invites", webtest.Form{"room": strings.TrimPrefix(room, "/rooms/"), "max_uses": "0"}).
			Wants(http.StatusUnprocessableEntity).Shows("#room-header", "안방").Shows("#max_uses-error", "1")
		link := boram.Post("/invites", webtest.Form{"room": strings.TrimPrefix(room, "/rooms/")}).Location()
		code := link[strings.Index(link, "#invite-")+len("#invite-"):]
		if to := boram.Post("/invites/"+code+"/delete", webtest.Form{"next": room + "/settings"}).Location(); to != room+"/settings" {
			t.Errorf("revoking leads to %q", to)
		}
		if boram.Get(room+"/settings").Find(".invites li").Length() != 0 {
			t.Error("a revoked link is still there")
		}
	})
}

func TestArchivedRoom_IsReadAndRestored(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(boram, "마당", db.KindOpen)
		jimin.Get(room)
		minsu := s.signUp("민수")
		minsu.Get(room)
		boram.Post(room+"/messages", webtest.Form{"body": "아직"})
		for way, p := range eachWay(minsu) {
			if got := p.Post(room+"/archive", nil).Status; got != http.StatusForbidden {
				t.Errorf("archiving as %s by a member: status %d", way, got)
			}
		}
		if minsu.Get(room+"/settings").Find(`form[action$="/archive"]`).Length() != 0 {
			t.Error("a button that does not work")
		}
		if to := jimin.Post(room+"/archive", nil).Wants(http.StatusSeeOther).Location(); to != "/rooms" {
			t.Errorf("archiving leads to %q", to)
		}

		var e errorShape
		minsu.AsProgram().PostJSON(room+"/messages", map[string]string{"body": "늦은 말"}).Wants(http.StatusConflict).JSON(&e)
		if e.Error.Code != "conflict" || !strings.Contains(e.Error.Message, "archived") {
			t.Errorf("posting: %+v", e.Error)
		}
		minsu.Post(room+"/messages", webtest.Form{"body": "늦은 말"}).Wants(http.StatusConflict).Shows("main", "archived")
		minsu.Get(room).Wants(http.StatusOK).Shows("#archived", "archived").Shows("#messages", "아직")
		boram.Get("/").Lacks("#my-rooms", "마당")
		boram.Get("/rooms").Shows("main", "Archived rooms").Shows("main .title", "마당")
		if boram.Get("/rooms").Find(`form[action="`+room+`/restore"]`).Length() != 1 || minsu.Get("/rooms").Find(`form[action="`+room+`/restore"]`).Length() != 0 {
			t.Error("who may restore the room is not who is offered it")
		}
		for _, r := range roomsOf(minsu) {
			if r.Title == "마당" {
				t.Error("an archived room is in the list of a program")
			}
		}
		var shape roomShape
		boram.AsProgram().Post(room+"/restore", nil).Wants(http.StatusOK).JSON(&shape)
		if shape.Archived {
			t.Errorf("restored: %+v", shape)
		}
		minsu.Post(room+"/messages", webtest.Form{"body": "다시"}).Wants(http.StatusSeeOther)
		boram.Get("/").Shows("#my-rooms", "마당")
	})
}

// roomsOf returns the rooms of a person as a program sees them.
func roomsOf(p *webtest.Person) (rooms []roomShape) {
	p.AsProgram().Get("/rooms").Wants(http.StatusOK).JSON(&rooms)
	return rooms
}

func TestDirectRoom_TellsTheStateOfTheOther(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("boram")
		other := s.user(boram)
		direct := jimin.Post("/users/"+itoa(other.ID)+"/direct", nil).Location()
		jimin.Get(direct).Shows("#other", "ffline").Lacks("#room-header", "people")
		if err := s.store.MarkSeen(t.Context(), []int64{other.ID}, time.Now().Add(-400*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		jimin.Get(direct).Shows("#other", "Last seen").Shows("#other time", itoa(int64(time.Now().Add(-400*24*time.Hour).Year())))
		boram.Open("/stream").UntilNamed("ready")
		jimin.Get(direct).Shows("#other", "nline").Lacks("#other", "Last seen")
	})
}
