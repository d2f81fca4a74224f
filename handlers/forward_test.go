package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestForward_PostsTheMessageElsewhere(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu, yuna := s.first(), s.signUp("minsu"), s.signUp("yuna")
		from, to := s.room(jimin, "마당", db.KindPrivate, minsu), s.room(minsu, "안방", db.KindPrivate, yuna)
		sendFiles(jimin, from+"/messages", webtest.Form{"body": "**여기요**"}, sentFile{"a.txt", "안녕"}).Wants(http.StatusSeeOther)
		page := minsu.Get(from+"/messages/1/forward").Wants(http.StatusOK).Shows("blockquote", "여기요").Shows(".rows", "안방")
		key, _ := page.Find("form input[name=key]").Attr("value")
		if got := minsu.Get(from + "/messages/1/forward?q=안방").Find(".rows li").Length(); got != 1 {
			t.Errorf("%d rooms are found", got)
		}
		id := strings.TrimPrefix(to, "/rooms/")
		for range 2 { // a form that is sent twice
			minsu.Post(from+"/messages/1/forward", webtest.Form{"to": id, "key": key}).Wants(http.StatusSeeOther)
		}
		room := yuna.Get(to).Shows("#m1 .forwarded", "jimin").Shows("#m1 .body strong", "여기요").Shows("#m1 .download .name", "a.txt")
		yuna.Get(room.Find("#m1 .download").AttrOr("href", "")).Wants(http.StatusOK)
		if room.Find("#m2").Length() > 0 {
			t.Error("sent twice, it is forwarded twice")
		}
		minsu.Post(from+"/messages/1/forward", webtest.Form{"to": "nonsense"}).Wants(http.StatusUnprocessableEntity).Shows(".rows", "안방")
		jimin.Post(from+"/messages/1/forward", webtest.Form{"to": id}).Wants(http.StatusNotFound)
		yuna.Get(from + "/messages/1/forward").Wants(http.StatusNotFound)
	})
}
