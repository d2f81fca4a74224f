package handlers

import (
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestReplies_ByForm(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		jimin.Post(room+"/messages", webtest.Form{"body": "장소는 **어디**로 할까요?\n시간은?"})
		text, live := jimin.Open(room+"/stream?as=text&after=1"), jimin.Open(room+"/live?after=1")
		stream := jimin.AsProgram().Open(room + "/stream?after=1")

		to := boram.Get(room+"/messages/1/edit").Find(`main a[href*="reply_to"]`).AttrOr("href", "")
		page := boram.Get(to).Wants(http.StatusOK).Shows("#composer .reply", "jimin").Shows("#composer .reply", "장소는 어디로 할까요? 시간은?")
		field := page.Find(`#composer input[name="reply_to"]`)
		boram.Post(room+"/messages", webtest.Form{"body": "강남역이요", "reply_to": field.AttrOr("value", "")}).Wants(http.StatusSeeOther)

		shown := jimin.Get(room).Shows("#m2 .answered .who", "jimin").Shows("#m2 .answered", "장소는 어디로 할까요? 시간은?")
		if got := shown.Find("#m2 .answered").AttrOr("href", ""); got != room+"?around=1#m1" {
			t.Errorf("the quote leads to %q", got)
		}
		if shown.Find("#composer .reply[hidden]").Length() != 1 {
			t.Error("the composer still answers")
		}
		untilLine(text, "보람 ↪ jimin: 장소는 어디로 할까요? 시간은?  강남역이요")
		untilLine(live, `target="_top">↪ <span class="who">jimin</span> 장소는 어디로 할까요? 시간은?</a>`)
		var told messageShape
		stream.JSON(stream.UntilHas("강남역이요"), &told)
		if told.ReplyTo == nil || *told.ReplyTo != (answeredShape{1, userOf(jimin, s), "장소는 어디로 할까요? 시간은?"}) {
			t.Errorf("programs are told %+v", told.ReplyTo)
		}

		jimin.Post(room+"/messages/1", webtest.Form{"body": "어디로?"}).Wants(http.StatusSeeOther)
		untilLine(text, "보람 ↪ jimin: 어디로?  강남역이요")
		jimin.Get(room).Shows("#m2 .answered", "어디로?")
		jimin.Post(room+"/messages/1/delete", nil).Wants(http.StatusSeeOther)
		untilLine(text, "보람 ↪ jimin: This message was deleted.  강남역이요")
		jimin.Get(room).Shows("#m2 .answered", "deleted").Lacks("#messages", "어디로")
		if m := message(boram, room, 2); m.ReplyTo == nil || m.ReplyTo.Position != 1 || m.ReplyTo.Summary != "" {
			t.Errorf("%+v", m.ReplyTo)
		}
	})
}

func TestReplies_AreRefusedWithTheText(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room, other := s.room(jimin, "마당", db.KindOpen, boram), s.room(boram, "딴 방", db.KindPrivate)
		jimin.Post(room+"/messages", webtest.Form{"body": "여기"})
		boram.Post(other+"/messages", webtest.Form{"body": "비밀"})
		boram.Post(other+"/messages", webtest.Form{"body": "비밀 둘"})
		last := s.lastPosition(jimin, room)
		for _, position := range []string{itoa(last + 1), "0", "-1", "x", "9223372036854775808"} {
			refused := jimin.Post(room+"/messages", webtest.Form{"body": "긴 답장", "reply_to": position}).Wants(http.StatusUnprocessableEntity)
			refused.Shows("#composer textarea", "긴 답장").Lacks("body", "비밀")
		}
		jimin.Get(room + "?reply_to=" + itoa(last+1)).Wants(http.StatusNotFound)
		jimin.Get(room + "?reply_to=x").Wants(http.StatusUnprocessableEntity)
		tooLong := jimin.Post(room+"/messages", webtest.Form{"body": strings.Repeat("가", maxMessage+1), "reply_to": itoa(last)})
		tooLong.Wants(http.StatusUnprocessableEntity).Shows("#composer .reply", "여기")
	})
}

// userOf returns a person as programs see it.
func userOf(p *webtest.Person, s *testServer) userShape {
	u := s.user(p)
	return userShape{ID: u.ID, Name: u.Name, DisplayName: u.DisplayName, PhotoURL: "/users/" + itoa(u.ID) + "/photo?v=" + itoa(u.Version)}
}
