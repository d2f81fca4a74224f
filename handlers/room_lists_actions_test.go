package handlers

import (
	"net/http"
	"strconv"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// section returns the id of the list in which a room stands on a page of somebody.
func section(p *webtest.Person, path string) string {
	p.TB.Helper()
	id := path[len("/rooms/"):]
	list := p.Get("/").Wants(http.StatusOK).Find("#my-rooms ul:has(#room-" + id + ")")
	if list.Length() != 1 {
		p.TB.Fatalf("%s stands in %d lists", path, list.Length())
	}
	return list.AttrOr("id", "")
}

func TestFavourite_StandsOnTopForWhoChoseIt(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("boram")
		path := s.room(jimin, "가족", db.KindOpen, boram)
		for format, p := range eachWay(boram) {
			for _, c := range []struct {
				path, section string
				favourite     bool
			}{
				{"/favourite", "rooms-favourite", true},
				{"/favourite", "rooms-favourite", true}, // once more changes nothing
				{"/favourite/delete", "rooms-other", false},
				{"/favourite/delete", "rooms-other", false},
			} {
				a := p.Post(path+c.path, nil)
				switch format {
				case "form":
					if a.Wants(http.StatusSeeOther); a.Location() == "" {
						t.Errorf("%s: a form leads nowhere", c.path)
					}
				case "JSON":
					var room roomShape
					if a.Wants(http.StatusOK).JSON(&room); room.Favourite == nil || *room.Favourite != c.favourite {
						t.Errorf("%s: %+v", c.path, room)
					}
				default:
					if a.Status >= 400 {
						t.Errorf("%s as %s: %d", c.path, format, a.Status)
					}
				}
				if got := section(boram, path); got != c.section {
					t.Errorf("after %s as %s it stands in %s, want %s", c.path, format, got, c.section)
				}
				if got := section(jimin, path); got != "rooms-other" {
					t.Errorf("after %s it stands in %s for somebody else", c.path, got)
				}
			}
		}
		stranger := s.signUp("chorong")
		for _, end := range []string{"/favourite", "/favourite/delete"} {
			stranger.AsProgram().Post(path+end, nil).Wants(http.StatusNotFound)
			webtest.Visitor(t, s.url).AsProgram().Post(path+end, nil).Wants(http.StatusUnauthorized)
		}
	})
}

func TestRoomOrder_IsChosenInEachFormat(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("boram")
		unread, newest := s.room(jimin, "안 읽음", db.KindOpen, boram), s.room(boram, "나중", db.KindOpen)
		jimin.Post(unread+"/messages", webtest.Form{"body": "안녕"}).Wants(http.StatusSeeOther)
		boram.Post(newest+"/messages", webtest.Form{"body": "혼자"}).Wants(http.StatusSeeOther)
		first := map[string]string{"activity": newest, "unread": unread}
		for format, p := range eachWay(boram) {
			for _, order := range []string{"unread", "activity"} {
				a := p.Post("/rooms/order", webtest.Form{"order": order})
				if format == "JSON" {
					var answered struct{ Order string }
					if a.Wants(http.StatusOK).JSON(&answered); answered.Order != order {
						t.Errorf("answered %+v, want %s", answered, order)
					}
				}
				home := boram.Get("/").Wants(http.StatusOK)
				if got := home.Find("#my-rooms").AttrOr("data-order", ""); got != order {
					t.Errorf("chosen as %s: order %q, want %q", format, got, order)
				}
				if got := home.Find("#rooms-other > li").First().AttrOr("id", ""); got != "room-"+first[order][len("/rooms/"):] {
					t.Errorf("by %s, the first is %s", order, got)
				}
			}
			p.Post("/rooms/order", webtest.Form{"order": "newest"}).Wants(http.StatusUnprocessableEntity)
		}
		if got := jimin.Get("/").Find("#my-rooms").AttrOr("data-order", ""); got != "activity" {
			t.Errorf("somebody else's order is %q", got)
		}
	})
}

func TestNewRoom_ShowsItsForm(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		a := s.first().Get("/rooms/new").Wants(http.StatusOK)
		form := a.Find(`main form[method="post"][action="/rooms"]`)
		if form.Find(`[name="title"][required]`).Length() != 1 || form.Find(`[name="kind"]`).Length() == 0 {
			t.Errorf("the form: %s", a.Body)
		}
		if got := webtest.Visitor(t, s.url).Get("/rooms/new").Wants(http.StatusSeeOther).Location(); got == "/rooms/new" {
			t.Errorf("a visitor is led to %s", got)
		}
	})
}

func TestConversation_BeginsWithThoseChosen(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram, chorong := s.first(), s.signUp("boram"), s.signUp("chorong")
		id := func(p *webtest.Person) string { return strconv.FormatInt(s.user(p).ID, 10) }
		page := jimin.Get("/conversations/new?user=" + id(boram) + "&q=cho").Wants(http.StatusOK)
		if got := page.Find(".chosen input[checked]").AttrOr("value", ""); got != id(boram) {
			t.Errorf("chosen is %q, want %s", got, id(boram))
		}
		if found := page.Find("#user input"); found.Length() != 1 || found.AttrOr("value", "") != id(chorong) {
			t.Errorf("found are %d, want chorong alone", found.Length())
		}
		for _, query := range []string{"?user=x", "?user=0", "?user=-1"} {
			jimin.AsProgram().Get("/conversations/new" + query).Wants(http.StatusUnprocessableEntity)
		}
		var alone, several roomShape
		jimin.AsProgram().Post("/conversations", webtest.Form{"user": id(boram)}).Wants(http.StatusOK).JSON(&alone)
		if alone.Kind != db.KindDirect {
			t.Errorf("with one person: %+v", alone)
		}
		both := map[string]any{"user": []string{id(boram), id(chorong)}}
		jimin.AsProgram().PostJSON("/conversations", both).Wants(http.StatusOK).JSON(&several)
		if several.Kind != db.KindPrivate {
			t.Errorf("with two people: %+v", several)
		}
		for _, p := range []*webtest.Person{boram, chorong} {
			p.Get("/rooms/" + several.ID.String()).Wants(http.StatusOK)
		}
		webtest.Visitor(t, s.url).AsProgram().Post("/conversations", webtest.Form{"user": id(boram)}).Wants(http.StatusUnauthorized)
		for format, p := range eachWay(jimin) {
			for _, form := range []webtest.Form{nil, {"user": ""}, {"user": "x"}, {"user": "999999"}} {
				if a := p.Post("/conversations", form); a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusNotFound {
					t.Errorf("%v as %s: %d", form, format, a.Status)
				}
			}
		}
		if got := jimin.Post("/conversations", nil).Find("#user-error").Text(); got == "" {
			t.Error("a form without people says nothing")
		}
	})
}
