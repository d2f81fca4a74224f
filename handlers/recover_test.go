package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/handlers/webtest"
)

func TestRecover_LetsSomebodyBackIn(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("boram")
		boram.Post("/users/2/recovery", nil).Wants(http.StatusForbidden)
		jimin.WithToken().Post("/users/2/recovery", nil).Wants(http.StatusForbidden)
		var made recoveryShape
		jimin.AsProgram().Post("/users/2/recovery", nil).Wants(http.StatusCreated).JSON(&made)
		jimin.Post("/users/2/recovery", nil).Wants(http.StatusSeeOther)
		page := jimin.Get("/users/2").Wants(http.StatusOK)
		link := page.Find(".welcome code").Text()
		path, ok := strings.CutPrefix(link, s.url)
		if !ok || jimin.Get("/users/2").Find(".welcome").Length() != 0 {
			t.Fatalf("the page shows %q, and not once", link)
		}
		lost := webtest.Visitor(t, s.url)
		lost.Get(strings.TrimPrefix(made.URL, s.url)).Wants(http.StatusNotFound) // the newer link counts
		lost.Get(path).Wants(http.StatusOK).Shows("main", "@boram")
		if got := lost.Get(path).Find(`[name="delete_tokens"][checked]`).Length(); got != 1 {
			t.Error("the box of the tokens is not ticked")
		}
		lost.Post(path, webtest.Form{"new_password": "password"}).Wants(http.StatusUnprocessableEntity).Shows("main", "@boram")
		lost.Post(path, webtest.Form{"new_password": "a quite new secret", "delete_tokens": "1"}).Wants(http.StatusSeeOther)
		lost.Get("/profile").Wants(http.StatusOK)
		boram.Get("/profile").Wants(http.StatusSeeOther) // other sessions have ended
		lost.Get(path).Wants(http.StatusNotFound)
		if strings.Contains(s.log.String(), path) || !strings.Contains(s.log.String(), "password set by a recovery link") {
			t.Error("the log tells the code, or nothing")
		}
	})
}

func TestRole_IsGivenAndTaken(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("boram")
		boram.AsProgram().Post("/users/2/role", webtest.Form{"role": "administrator"}).Wants(http.StatusForbidden)
		jimin.AsProgram().Post("/users/1/role", webtest.Form{"role": "member"}).Wants(http.StatusConflict)
		jimin.AsProgram().Post("/users/2/role", webtest.Form{"role": "owner"}).Wants(http.StatusUnprocessableEntity)
		jimin.AsProgram().Post("/users/2/role", nil).Wants(http.StatusUnprocessableEntity)
		jimin.Post("/users/2/role", webtest.Form{"role": "administrator"}).Wants(http.StatusSeeOther)
		boram.Get("/users/1").Wants(http.StatusOK).Shows("main", "Administrator")
		boram.Post("/users/1/role", webtest.Form{"role": "member"}).Wants(http.StatusSeeOther)
		jimin.AsProgram().Post("/users/2/deactivate", nil).Wants(http.StatusForbidden)
		webtest.Visitor(t, s.url).AsProgram().Post("/users/1/role", webtest.Form{"role": "administrator"}).Wants(http.StatusUnauthorized)
	})
}
