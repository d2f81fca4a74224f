package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestReads_AreToldAsMarksMove(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindPrivate, minsu)
		jimin.Post(room+"/messages", webtest.Form{"body": "여기요"}).Wants(http.StatusSeeOther)
		until := func(stream *webtest.Stream, want string) {
			t.Helper()
			stream.Until(want, func(e webtest.Event) bool { return e.Name == "reads" && e.Data == want })
		}
		stream := jimin.Open(room + "/stream?as=json")
		until(stream, `[{"user":1,"position":1},{"user":2,"position":0}]`)
		page := jimin.Open(room + "/stream?as=html")
		page.Until("the marks", func(e webtest.Event) bool {
			return strings.Contains(e.Data, `hx-target="#marks"`) && strings.Contains(e.Data, ">1:1 2:0<")
		})
		jimin.Get(room+"/messages/1/edit").Shows("main section", "Not read yet").Shows("main section li", "minsu")

		minsu.Post(room+"/read", webtest.Form{"position": "1"}).Wants(http.StatusSeeOther)
		until(stream, `[{"user":1,"position":1},{"user":2,"position":1}]`)
		page.Until("the marks", func(e webtest.Event) bool { return strings.Contains(e.Data, ">1:1 2:1<") })
		jimin.Get(room+"/messages/1/edit").Shows("main section p", "Everybody has read it.")

		minsu.Post("/profile", webtest.Form{"reads": "hidden"}).Wants(http.StatusSeeOther)
		until(stream, `[{"user":1,"position":1}]`)
		minsu.Get("/profile").Shows("option[value=hidden][selected]", "not counted")
		minsu.Post("/language", webtest.Form{"language": "ko"}) // does not change it
		minsu.AsProgram().PostJSON("/profile", map[string]any{"bio": "안녕"}).Wants(http.StatusOK)
		minsu.Get("/profile").Shows("option[value=hidden][selected]", "들어가지 않습니다")
		minsu.Post("/profile", webtest.Form{"reads": "nonsense"}).Wants(http.StatusUnprocessableEntity)

		jimin.Post(room+"/settings", webtest.Form{"hides_reads": "1"}).Wants(http.StatusSeeOther)
		until(stream, `[]`)
		jimin.Get(room+"/messages/1/edit").Lacks("main", "Everybody has read it.")
		jimin.Get(room+"/settings").Shows(".facts", "Hidden in this room").Shows("input[name=hides_reads][checked]", "")
	})
}
