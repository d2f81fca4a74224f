package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestPins_AreSeenByEverybody(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		for _, room := range []string{s.room(jimin, "마당", db.KindPrivate, minsu), jimin.Post("/users/2/direct", nil).Location()} {
			jimin.Post(room+"/messages", webtest.Form{"body": "준비물: 물 한 병"}).Wants(http.StatusSeeOther)
			stream := minsu.Open(room + "/stream?as=html")
			stream.UntilNamed("ready")
			jimin.Get(room+"/messages/1/edit").Shows("button", "Pin")
			jimin.Post(room+"/messages/1/pin", nil).Wants(http.StatusSeeOther)
			stream.Until("the message", func(e webtest.Event) bool { return strings.Contains(e.Data, `class="pin"`) })
			stream.Until("the bar", func(e webtest.Event) bool {
				return strings.Contains(e.Data, `hx-target="#pins"`) && strings.Contains(e.Data, "Pinned messages: 1")
			})
			minsu.Get(room).Shows("#pins:not([hidden])", "Pinned messages: 1").Shows("#m1 .pin", "Pinned")
			minsu.Get(room+"/pins").Shows(".messages .body", "물 한 병").Shows(".unpin button", "Unpin")
			var pinned []struct{ Pinned bool }
			minsu.AsProgram().Get(room + "/pins").Wants(http.StatusOK).JSON(&pinned)
			if len(pinned) != 1 || !pinned[0].Pinned {
				t.Errorf("as JSON %v", pinned)
			}
			minsu.Get(room+"/messages/1/edit").Shows("button", "Unpin")
			minsu.AsProgram().Post(room+"/messages/1/unpin", nil).Wants(http.StatusOK)
			jimin.Get(room+"/pins").Shows(".empty", "Nothing is pinned")
			if jimin.Get(room).Find("#pins[hidden]").Length() != 1 {
				t.Error("an empty bar is shown")
			}
		}
	})
}
