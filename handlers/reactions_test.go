package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestReactions_ComeAndGoByForm(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		jimin.Post(room+"/messages", webtest.Form{"body": "저녁 드실 분?"})
		address := room + "/messages/1/reactions"
		stream := jimin.Open(room + "/stream?as=text&after=1")
		if to := boram.Post(address, webtest.Form{"emoji": "❤"}).Wants(http.StatusSeeOther).Location(); to != room+"?around=1#m1" {
			t.Errorf("reacting leads to %q", to)
		}
		jimin.Post(address, webtest.Form{"emoji": "❤️"}).Wants(http.StatusSeeOther)
		jimin.Post(address, webtest.Form{"emoji": "👍🏽"}).Wants(http.StatusSeeOther)
		jimin.Post(address, webtest.Form{"emoji": "👍🏽"}).Wants(http.StatusSeeOther)
		ids := itoa(s.user(boram).ID) + " " + itoa(s.user(jimin).ID)
		page := boram.Get(room)
		if got := page.Find(`#m1 .reaction[data-users="` + ids + `"] button[aria-pressed]`).Text(); got != "❤️ 2❤️ 2" {
			t.Errorf("the page shows %q", got)
		}
		for _, line := range []string{"저녁 드실 분? [❤️ 1]", "저녁 드실 분? [❤️ 2]", "저녁 드실 분? [❤️ 2, 👍🏽 1]"} {
			untilLine(stream, line)
		}
		list := boram.Get(address).Wants(http.StatusOK)
		list.Shows(".reacted h3", "red heart").Shows(".reacted ul", "jimin")
		if list.Find(`form[action$="/reactions/delete"] button[value="❤️"]`).Length() != 1 || list.Find(`form[action$="/reactions/delete"]`).Length() != 1 {
			t.Error("the page does not offer to take back what was given, and nothing else")
		}
		boram.Post(address+"/delete", webtest.Form{"emoji": "❤"}).Wants(http.StatusSeeOther)
		m := message(boram, room, 1)
		if len(m.Reactions) != 2 || m.Reactions[0].Emoji != "❤️" || m.Reactions[0].Count != 1 || !slices.Equal(m.Reactions[0].Users, []int64{s.user(jimin).ID}) {
			t.Errorf("%+v", m.Reactions)
		}
		var reacted []reactedShape
		boram.AsProgram().Get(address).JSON(&reacted)
		if len(reacted) != 2 || reacted[1].Emoji != "👍🏽" || len(reacted[1].Users) != 1 {
			t.Errorf("%+v", reacted)
		}
	})
}

func TestReactions_AreRefusedInASentence(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		jimin.Post(room+"/messages", webtest.Form{"body": "글"})
		address := room + "/messages/1/reactions"
		for _, text := range []string{"", "a", "👍👍", "좋아요", "<script>", "\x00", strings.Repeat("👍", 5000)} {
			jimin.Post(address, webtest.Form{"emoji": text}).Wants(http.StatusUnprocessableEntity)
		}
		for _, emoji := range strings.Fields("😀 😃 😄 😁 😆 😅 🤣 😂 🙂 🙃 😉 😊 😇 🥰 😍 🤩 😘 😗 😚 😙") {
			jimin.Post(address, webtest.Form{"emoji": emoji}).Wants(http.StatusSeeOther)
		}
		boram.Post(address, webtest.Form{"emoji": "👍"}).Wants(http.StatusConflict).Shows("main", "20 different reactions")
		boram.AsProgram().Get(room + "/messages/9/reactions").Wants(http.StatusNotFound)
		jimin.Post(room+"/messages/1/delete", nil)
		boram.Post(address, webtest.Form{"emoji": "😀"}).Wants(http.StatusConflict)
		if m := message(boram, room, 1); len(m.Reactions) != 0 {
			t.Errorf("a deleted message has %+v", m.Reactions)
		}
		if boram.Get(address).Wants(http.StatusOK).Find("form.react").Length() != 0 {
			t.Error("a deleted message offers reactions")
		}
		s.signUp("민수").Get(room) // an event tells of it
		boram.Post(room+"/messages/2/reactions", webtest.Form{"emoji": "😀"}).Wants(http.StatusForbidden)
	})
}

func TestReactions_AreFoundByNameAndGroup(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "글"})
		address := room + "/messages/1/reactions"
		found := func(query string) int {
			return jimin.Get(address + query).Wants(http.StatusOK).Find("#emoji-found button").Length()
		}
		if got := found(""); got < 150 {
			t.Errorf("%d emoji at first", got)
		}
		if got := found("?group=flags"); got < 250 {
			t.Errorf("%d flags", got)
		}
		if got := found("?q=%ED%95%98%ED%8A%B8"); got < 20 { // 하트
			t.Errorf("%d hearts", got)
		}
		if got := found("?q=zxqj"); got != 0 {
			t.Errorf("%d emoji for nonsense", got)
		}
		jimin.Get(address + "?group=nonsense").Wants(http.StatusUnprocessableEntity)
		jimin.Get(address + "?q=" + strings.Repeat("x", 51)).Wants(http.StatusUnprocessableEntity)
		if a := jimin.AsHTMX().Get(address); strings.Contains(a.Body, "<html") || a.Find("#emoji-found").Length() != 1 {
			t.Error("htmx does not get the sheet alone")
		}
	})
}

func TestLiveLog_TellsOfReactionsThatGo(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "글"})
		log := jimin.Open(room + "/live")
		text := untilLine(log, `id="m1-`)
		jimin.Post(room+"/messages/1/reactions", webtest.Form{"emoji": "👍"})
		text += untilLine(log, `class="reaction"`)
		jimin.Post(room+"/messages/1/reactions/delete", webtest.Form{"emoji": "👍"})
		text += untilLine(log, ".m1.r"+itoa(message(jimin, room, 1).Revision)+"{display:block}")
		if strings.Count(text, `class="reaction"`) != 1 {
			t.Errorf("the log shows %s", text)
		}
	})
}
