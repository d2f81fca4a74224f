package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// message returns one message as JSON.
func message(p *webtest.Person, room string, position int64) messageShape {
	p.TB.Helper()
	var m messageShape
	p.AsProgram().Get(room + "/messages/" + itoa(position)).Wants(http.StatusOK).JSON(&m)
	return m
}

func TestMessage_IsPostedEditedAndDeletedByForm(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		if to := jimin.Post(room+"/messages", webtest.Form{"body": "  안녕  \n"}).Wants(http.StatusSeeOther).Location(); to != room+"?at=newest" {
			t.Errorf("posting leads to %q", to)
		}
		jimin.Get(room).Shows("#m1 .body", "안녕").Lacks("#m1", "edited")
		around := jimin.Get(room+"/messages/1").Wants(http.StatusOK).Shows("#m1", "안녕")
		if around.Find(`.to-actions a[href="`+room+`/messages/1/edit"]`).Length() != 1 {
			t.Fatal("no way from the permalink to what one may do with the message")
		}
		permalink := jimin.Get(room+"/messages/1/edit").Wants(http.StatusOK).Shows("#m1", "안녕").Shows(`textarea[name="body"]`, "안녕")
		if form := permalink.Find(`form[action="` + room + `/messages/1"]`); form.Length() != 1 {
			t.Fatal("no form to edit on the permalink's page")
		}
		to := jimin.Post(room+"/messages/1", webtest.Form{"body": "안녕하세요"}).Wants(http.StatusSeeOther).Location()
		if to != room+"?around=1#m1" {
			t.Errorf("editing leads to %q", to)
		}
		jimin.Get(to).Wants(http.StatusOK).Shows("#m1 .body", "안녕하세요").Shows("#m1 .edited", "edited")
		jimin.Post(room+"/messages/1", webtest.Form{"body": " "}).Wants(http.StatusUnprocessableEntity).Shows(".error", "Please fill this in")
		jimin.Post(room+"/messages/1/delete", nil).Wants(http.StatusSeeOther)
		gone := jimin.Get(room).Shows("#m1.deleted", "deleted").Shows("#m1 .author", "jimin")
		if strings.Contains(gone.Body, "안녕") {
			t.Error("what was deleted is still on the page")
		}
		page := jimin.Get(room + "/messages/1").Wants(http.StatusOK)
		if page.Find(`main form[action*="/messages/1"]`).Length() != 0 {
			t.Error("a deleted message can be edited")
		}
		jimin.Post(room+"/messages/1", webtest.Form{"body": "zombie"}).Wants(http.StatusConflict)
		jimin.Post(room+"/messages/1/delete", nil).Wants(http.StatusSeeOther) // twice is no error
		jimin.Get(room + "/messages/2").Wants(http.StatusNotFound)
	})
}

func TestMessage_IsPostedEditedAndDeletedByAProgram(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		script := jimin.WithToken()
		var m messageShape
		script.PostJSON(room+"/messages", map[string]string{"body": "**굵게** <b>", "key": "k1"}).Wants(http.StatusCreated).JSON(&m)
		if m.RoomID != roomIn(t, room) || m.Position != 1 || m.Revision != 2 || m.Body != "**굵게** <b>" || m.Author.Name != "jimin" ||
			m.EditedAt != nil || m.Deleted || m.Key == nil || *m.Key != "k1" || m.PostedAt.Location() != time.UTC || time.Since(m.PostedAt) > time.Minute {
			t.Errorf("posted %+v", m)
		}
		if !strings.Contains(m.HTML, "<strong>굵게</strong> &lt;b&gt;") {
			t.Errorf("html %s", m.HTML)
		}
		script.PostJSON(room+"/messages/1", map[string]string{"body": "고침"}).Wants(http.StatusOK).JSON(&m)
		if m.Body != "고침" || m.EditedAt == nil || m.Revision != 3 {
			t.Errorf("edited %+v", m)
		}
		script.PostJSON(room+"/messages/1", map[string]string{"body": "고침"}).Wants(http.StatusOK).JSON(&m)
		if m.Revision != 3 {
			t.Errorf("editing to the same text is revision %d", m.Revision)
		}
		a := script.Post(room+"/messages/1/delete", nil).Wants(http.StatusOK).JSON(&m)
		if m.Body != "" || m.HTML != "" || !m.Deleted || m.Revision != 4 || !strings.Contains(a.Body, `"body":"","html":""`) {
			t.Errorf("deleted %s", a.Body)
		}
		var e errorShape
		if script.PostJSON(room+"/messages/1", map[string]string{"body": "zombie"}).Wants(http.StatusConflict).JSON(&e); e.Error.Code != "conflict" {
			t.Errorf("edit of a deleted one: %+v", e)
		}
		if got := message(jimin, room, 1); !got.Deleted || got.Body != "" {
			t.Errorf("read again: %+v", got)
		}
	})
}

func TestMessage_IsPostedEditedAndDeletedWithHTMX(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		htmx := jimin.AsHTMX()
		htmx.Header.Set("Accept", "text/html, text/event-stream")
		fragment := func(a *webtest.Answer) string {
			t.Helper()
			a.Wants(http.StatusOK)
			if !strings.HasPrefix(a.Body, `<li id="m1"`) || strings.Contains(a.Body, "<html") {
				t.Errorf("not a message alone: %s", a.Body)
			}
			return a.Body
		}
		key := uuid.NewString()
		posted := fragment(htmx.Post(room+"/messages", webtest.Form{"body": "안녕", "key": key}))
		if !strings.Contains(posted, `data-key="`+key+`"`) || !strings.Contains(jimin.Get(room).Body, posted) {
			t.Errorf("the answer is not what the page shows: %s", posted)
		}
		boram.AsHTMX().Get(room + "/messages/1/edit").Wants(http.StatusForbidden)
		htmx.Get(room+"/messages/1/edit").Wants(http.StatusOK).Shows("textarea", "안녕")
		again := htmx.Post(room+"/messages/1", webtest.Form{"body": strings.Repeat("x", maxMessage+1)}).Wants(http.StatusUnprocessableEntity)
		if again.Find("form.edit textarea").Text() != strings.Repeat("x", maxMessage+1) || again.Find("html > head > title").Length() != 0 {
			t.Error("the form to edit is not shown again alone")
		}
		again.Shows(".error", "10,000")
		if edited := fragment(htmx.Post(room+"/messages/1", webtest.Form{"body": "고침"})); !strings.Contains(edited, "고침") {
			t.Error(edited)
		}
		fragment(htmx.Get(room + "/messages/1"))
		if deleted := fragment(htmx.Post(room+"/messages/1/delete", nil)); !strings.Contains(deleted, "deleted") {
			t.Error(deleted)
		}
		// The addresses of fragments opened as pages, as a link in a new tab does.
		jimin.Get(room+"/messages/1/edit").Wants(http.StatusOK).Shows("title", "마당")
	})
}

func TestMessage_IsEditedByItsAuthorAndDeletedByModerators(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		admin, author, other := s.first(), s.signUp("author"), s.signUp("other")
		room := s.room(author, "마당", db.KindOpen, other)
		author.Post(room+"/messages", webtest.Form{"body": "내 말"})
		for way, p := range eachWay(other) {
			for _, path := range []string{"/messages/1", "/messages/1/delete"} {
				if got := p.Post(room+path, webtest.Form{"body": "남의 말"}).Status; got != http.StatusForbidden {
					t.Errorf("%s as %s: status %d, want 403", path, way, got)
				}
			}
		}
		admin.Post(room+"/messages/1", webtest.Form{"body": "x"}).Wants(http.StatusNotFound) // not a member
		admin.Get(room)
		for _, p := range eachWay(admin) { // nobody puts words into another's mouth
			p.Post(room+"/messages/1", webtest.Form{"body": "고운 말"}).Wants(http.StatusForbidden)
		}
		if m := message(other, room, 1); m.Body != "내 말" || m.EditedAt != nil {
			t.Errorf("%+v", m)
		}
		page := admin.Get(room + "/messages/1/edit")
		if page.Find(`form[action$="/messages/1"]`).Length() != 0 || page.Find(`form[action$="/messages/1/delete"]`).Length() != 1 {
			t.Error("the page offers an administrator something else than deleting")
		}
		author.Post(room+"/leave", nil)
		author.Post(room+"/messages/1", webtest.Form{"body": "x"}).Wants(http.StatusNotFound)
		admin.Post(room+"/messages/1/delete", nil).Wants(http.StatusSeeOther)
		other.Get(room).Shows("#m1.deleted .body", "deleted by the moderator "+s.user(admin).DisplayName)
		if m := message(other, room, 1); !m.Deleted || m.DeletedBy == nil || *m.DeletedBy != s.user(admin).ID {
			t.Errorf("%+v", m)
		}
	})
}

func TestMessage_BodyIsCleanedAndBounded(t *testing.T) {
	long := strings.Repeat("가", maxMessage)
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		position := int64(0)
		for _, c := range []struct {
			name, body, want string
			ok               bool
		}{
			{"one character", "ㅋ", "ㅋ", true},
			{"10,000 syllables", long, long, true},
			{"10,000 emoji", strings.Repeat("🌕", maxMessage), strings.Repeat("🌕", maxMessage), true},
			{"10,000 and white space around", "\n " + long + " \n", long, true},
			{"10,000 syllables in pieces", norm.NFD.String(strings.Repeat("각", maxMessage)), strings.Repeat("각", maxMessage), true},
			{"lines and tabs", "하나\r\n\t둘\r셋", "하나\n\t둘\n셋", true},
			{"Hangul in pieces", norm.NFD.String("한글"), "한글", true},
			{"10,001 syllables", long + "나", "", false},
			{"40,000 syllables", strings.Repeat(long, 4), "", false},
			{"nothing", "", "", false},
			{"white space", " \t\r\n\u3000\u200b", "", false},
			{"a NUL", "\x00", "", false},
			{"line breaks of Word", "가\v나\f다\u0085라", "가\n나\n다\n라", true},
			{"other controls", "가\b나\x00다", "가나다", true},
			{"a joiner", "\u200d", "", false},
			{"a Hangul filler", "\u115f\u1160", "", false},
			{"tags", "\U000e0041\ufe0f\u00ad", "", false},
			{"an empty fence, shown as typed", "```\n```", "```\n```", true},
			{"a flag of tags", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", true},
			{"a heart", "❤\ufe0f", "❤\ufe0f", true},
			{"a new emoji", "🫩", "🫩", true},
			{"stars", "***", "***", true},
			{"invalid UTF-8", "a\xffb", "", false},
		} {
			ways := eachWay(jimin)
			if c.ok {
				ways = map[string]*webtest.Person{"JSON": ways["JSON"]}
			}
			for way, p := range ways {
				key := ""
				if !c.ok {
					key = "kept"
				}
				a := p.Post(room+"/messages", webtest.Form{"body": c.body, "key": key})
				if c.ok {
					a.Wants(http.StatusCreated)
					position++
					if got := message(jimin, room, position); got.Body != c.want {
						t.Errorf("%s: %d characters stored, want %d", c.name, runes(got.Body), runes(c.want))
					}
					continue
				}
				a.Wants(http.StatusUnprocessableEntity)
				if way == "JSON" {
					var e errorShape
					if a.JSON(&e); e.Error.Fields["body"] == "" {
						t.Errorf("%s: %+v", c.name, e.Error)
					}
					continue
				}
				if fieldError(a, "body") == "" || a.Find(`#composer [name="key"]`).AttrOr("value", "") != "kept" {
					t.Errorf("%s as %s: sentence %q, key %q", c.name, way, fieldError(a, "body"), a.Find(`#composer [name="key"]`).AttrOr("value", ""))
				}
				typed := input{values: url.Values{"body": {c.body}}}
				if kept := a.Find("#composer textarea").Text(); strings.TrimSpace(c.body) == c.body && kept != typed.redisplay("body") {
					t.Errorf("%s as %s: the composer keeps %d characters of %d", c.name, way, runes(kept), runes(c.body))
				}
			}
		}
	})
}

func TestMessages_AreGivenInTheFormatAskedFor(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "말"})
		token := jimin.WithToken().Header.Get("Authorization")
		for name, c := range map[string]struct {
			accept, htmx, authorization string
			contentType, begins         string
		}{
			"Firefox":                 {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", "", "text/html", "<!doctype html>"},
			"a program":               {"application/json", "", "", "application/json", "{"},
			"a program that takes us": {"application/json, text/plain, */*", "", "", "application/json", "{"},
			"JSON before HTML":        {"application/json, text/html;q=0.5", "", "", "application/json", "{"},
			"HTML before JSON":        {"text/html, application/json;q=0.5", "", "", "text/html", "<!doctype html>"},
			"anything":                {"*/*", "", "", "text/html", "<!doctype html>"},
			"nothing said":            {"", "", "", "text/html", "<!doctype html>"},
			"a token and anything":    {"*/*", "", token, "application/json", "{"},
			"a token and HTML":        {"text/html", "", token, "text/html", "<!doctype html>"},
			"htmx":                    {"text/html, text/event-stream", "true", "", "text/html", `<li id="m1"`},
			"htmx for JSON":           {"application/json", "true", "", "application/json", "{"},
		} {
			browser := *jimin
			browser.Header = http.Header{}
			for name, value := range map[string]string{"Accept": c.accept, "HX-Request": c.htmx, "Authorization": c.authorization} {
				if value != "" {
					browser.Header[http.CanonicalHeaderKey(name)] = []string{value}
				}
			}
			a := browser.Get(room + "/messages/1").Wants(http.StatusOK)
			if !strings.HasPrefix(a.Header.Get("Content-Type"), c.contentType) || !strings.HasPrefix(a.Body, c.begins) {
				t.Errorf("%s: %s beginning with %.20q", name, a.Header.Get("Content-Type"), a.Body)
			}
		}
		boosted := jimin.AsHTMX()
		boosted.Header.Set("HX-Boosted", "true")
		boosted.Get(room+"/messages/1").Shows("title", "마당")
	})
}

// Who was put out and who deleted a message are called what they are called now, everywhere, as
// authors are.
func TestMessage_NamesPeopleAsTheyAreCalledNow(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen, boram)
		boram.Post(room+"/messages", webtest.Form{"body": "미운 말"})
		jimin.Post(room+"/members/"+itoa(s.user(boram).ID)+"/delete", nil).Wants(http.StatusSeeOther)
		jimin.Post(room+"/messages/1/delete", nil).Wants(http.StatusSeeOther)
		before := [2]string{"jimin", "보람"}
		for _, names := range [][2]string{before, {"지민 <새>", "보라매"}} {
			if names != before {
				jimin.Post("/profile", webtest.Form{"display_name": names[0]}).Wants(http.StatusSeeOther)
				boram.Post("/profile", webtest.Form{"display_name": names[1]}).Wants(http.StatusSeeOther)
			}
			for _, path := range []string{room, room + "/messages"} {
				jimin.Get(path).Shows("#m1 .body", "deleted by the moderator "+names[0]).Shows("#m2", names[0]+" removed "+names[1])
			}
			var m messageShape
			if jimin.AsProgram().Get(room + "/messages/2").JSON(&m); m.Event.UserName != names[1] {
				t.Errorf("as JSON: %+v, want %s", m.Event, names[1])
			}
			stream := jimin.WithToken().Open(room + "/stream?as=text&last=2")
			stream.UntilHas(names[0] + " removed " + names[1])
			stream.Close()
		}
	})
}
