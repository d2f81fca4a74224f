package e2e

import (
	"net/http"
	"testing"

	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// invitation is the code of a link to the service.
func invitation(admin *webtest.Person) string {
	admin.TB.Helper()
	var invite struct{ Code string }
	admin.AsProgram().Post("/invites", nil).Wants(http.StatusCreated).JSON(&invite)
	return invite.Code
}

func TestTheSeedStory(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		server := start(t, map[string]string{"DATABASE_URL": url})
		jimin := webtest.SignUp(t, server.url, "jimin", "")
		home := jimin.Get("/").Wants(http.StatusOK)
		home.Shows("main", "/join/")
		boram := webtest.SignUp(t, server.url, "보람", invitation(jimin))

		room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Wants(http.StatusSeeOther).Location()
		boram.Get("/").Wants(http.StatusOK).Lacks("#my-rooms", "마당")
		boram.Get(room).Wants(http.StatusOK).Shows("h1", "마당")
		for _, person := range []*webtest.Person{jimin, boram} {
			person.Get("/").Wants(http.StatusOK).Shows("#my-rooms", "마당")
		}

		jimin.Post(room+"/messages", webtest.Form{"body": "안녕하세요"}).Wants(http.StatusSeeOther)
		boram.Post(room+"/messages", webtest.Form{"body": "반가워요"}).Wants(http.StatusSeeOther)
		jimin.Get(room).Wants(http.StatusOK).Shows("#messages", "반가워요")
		jimin.Get("/").Wants(http.StatusOK).Shows("#my-rooms", "마당 Unread: 1")

		server.restart()
		for _, person := range []*webtest.Person{jimin, boram} {
			page := person.Get(room).Wants(http.StatusOK)
			page.Shows("#messages", "안녕하세요").Shows("#messages", "반가워요")
		}
	})
}
