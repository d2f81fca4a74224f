package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestActivity_IsWhatConcernsTheViewer(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindPrivate, minsu)
		jimin.Post(room+"/messages", webtest.Form{"body": "장소는 **어디**로 할까요?"}).Wants(http.StatusSeeOther)
		minsu.Post(room+"/messages", webtest.Form{"body": "@jimin 강남역"}).Wants(http.StatusSeeOther)
		minsu.Post(room+"/messages", webtest.Form{"body": "두 시", "reply_to": "1"}).Wants(http.StatusSeeOther)
		minsu.Post(room+"/messages/1/reactions", webtest.Form{"emoji": "👍"}).Wants(http.StatusSeeOther)
		minsu.Post(room+"/messages", webtest.Form{"body": "@모두 안녕"}).Wants(http.StatusSeeOther)

		count := func(p *webtest.Person) string { return p.Get("/users").Find("#activity .count").Text() }
		if got := count(jimin) + " " + count(minsu); got != "4 " {
			t.Errorf("the bells count %q", got)
		}
		var list []activityShape
		jimin.AsProgram().Get("/activity").Wants(http.StatusOK).JSON(&list)
		var kinds []string
		for _, a := range list {
			kinds = append(kinds, fmt.Sprint(a.Kind, a.Emoji, a.Seen, a.Actor.Name, a.Room.Title))
		}
		if got := strings.Join(kinds, " "); got != "mentionfalseminsu마당 reaction👍falseminsu마당 replyfalseminsu마당 mentionfalseminsu마당" {
			t.Errorf("the list is %q", got)
		}
		ahead := *jimin
		ahead.Header = http.Header{"Sec-Purpose": {"prefetch"}}
		ahead.Get("/activity").Wants(http.StatusOK)
		if count(jimin) != "4" {
			t.Error("what a program and a prefetch have read was seen")
		}
		page := jimin.Get("/activity").Wants(http.StatusOK).Shows(".activities .what", "minsu replied to you").Shows(".activities .text", "장소는 어디로 할까요?")
		if n, path := page.Find(".unseen").Length(), page.Find(".activities a").Last().AttrOr("href", ""); n != 4 || path != room+"?around=2#m2" {
			t.Errorf("%d are new; the first leads to %s", n, path)
		}
		if n := jimin.Get("/activity").Find(".unseen").Length(); n != 0 || count(jimin) != "" {
			t.Errorf("%d are still new, the bell counts %q", n, count(jimin))
		}
		minsu.Post(room+"/messages", webtest.Form{"body": "@jimin"}).Wants(http.StatusSeeOther)
		jimin.AsProgram().Post("/activity/seen", nil).Wants(http.StatusNoContent)
		if count(jimin) != "" {
			t.Error("what a program has seen counts")
		}
		minsu.Get("/activity").Shows(".empty", "When somebody mentions you")
	})
}

func TestActivity_HasPages(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindPrivate, minsu)
		for i := range activitiesPerPage + 2 {
			minsu.Post(room+"/messages", webtest.Form{"body": fmt.Sprint("@jimin ", i)}).Wants(http.StatusSeeOther)
		}
		page := jimin.Get("/activity")
		next := page.Find(".further a").AttrOr("href", "")
		if n := page.Find(".activities > li").Length(); n != activitiesPerPage || next == "" {
			t.Fatalf("%d on the first page, which leads to %q", n, next)
		}
		if got := jimin.Get(next).Find(".activities .text").Text(); got != "@jimin 1@jimin 0" {
			t.Errorf("the second page has %q", got)
		}
		jimin.Get("/activity?before=x").Wants(http.StatusUnprocessableEntity)
	})
}
