package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

func TestKey_MakesConcurrentPostsOneMessage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		script := jimin.WithToken()
		withHeader := *script
		withHeader.Header = script.Header.Clone()
		withHeader.Header.Set("Idempotency-Key", "once")
		answers := atOnce(20, func(i int) *webtest.Answer {
			if i%2 == 0 {
				return withHeader.Post(room+"/messages", webtest.Form{"body": "한 번만"})
			}
			return script.PostJSON(room+"/messages", map[string]string{"body": "한 번만", "key": "once"})
		})
		created := 0
		for _, a := range answers {
			if a.Body != answers[0].Body {
				t.Errorf("answers differ:\n%s\n%s", a.Body, answers[0].Body)
			}
			switch a.Status {
			case http.StatusCreated:
				created++
			case http.StatusOK:
			default:
				t.Errorf("status %d", a.Status)
			}
		}
		if created != 1 {
			t.Errorf("%d answers say it was made, want 1", created)
		}
		same(t, "messages", bodies(jimin.Get(room)), []string{"한 번만"})
	})
}

func TestKey_BelongsToItsAuthorAndRoom(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		yard, kitchen := s.room(jimin, "마당", db.KindOpen, boram), s.room(jimin, "부엌", db.KindOpen)
		post := func(p *webtest.Person, room, body, key string) int64 {
			t.Helper()
			var m messageShape
			p.AsProgram().Post(room+"/messages", webtest.Form{"body": body, "key": key}).JSON(&m)
			return m.Position
		}
		got := []int64{
			post(jimin, yard, "지민", "k"), post(boram, yard, "보람", "k"), post(jimin, kitchen, "부엌에서", "k"),
			post(jimin, yard, "다른 말", "k"), post(jimin, yard, "다른 열쇠", "K"), post(jimin, yard, "열쇠 없이", ""), post(jimin, yard, "열쇠 없이", ""),
		}
		if want := []int64{1, 2, 1, 1, 3, 4, 5}; !slices.Equal(got, want) {
			t.Errorf("positions %v, want %v", got, want)
		}
		if m := message(jimin, yard, 1); m.Body != "지민" {
			t.Errorf("a repeated key changed the message to %q", m.Body)
		}
	})
}

func TestKey_OutlivesTheMessage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		form := webtest.Form{"body": "지울 말", "key": "k"}
		jimin.Post(room+"/messages", form)
		jimin.Post(room+"/messages/1/delete", nil)
		var m messageShape
		if jimin.AsProgram().Post(room+"/messages", form).Wants(http.StatusOK).JSON(&m); !m.Deleted || m.Position != 1 {
			t.Errorf("a late retry gives %+v", m)
		}
	})
}

func TestKey_IsBounded(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "64", "key": strings.Repeat("가", maxKey)}).Wants(http.StatusSeeOther)
		for name, key := range map[string]string{"too long": strings.Repeat("k", maxKey+1), "a line break": "a\nb"} {
			a := jimin.Post(room+"/messages", webtest.Form{"body": "그대로", "key": key}).Wants(http.StatusUnprocessableEntity)
			if a.Find("#composer textarea").Text() != "그대로" {
				t.Errorf("%s: the text is lost", name)
			}
			next := a.Find(`#composer [name="key"]`).AttrOr("value", "")
			jimin.Post(room+"/messages", webtest.Form{"body": "그대로", "key": next}).Wants(http.StatusSeeOther)
		}
		header := *jimin
		header.Header = http.Header{"Idempotency-Key": {strings.Repeat("k", maxKey+1)}, "Accept": {"application/json"}}
		header.Post(room+"/messages", webtest.Form{"body": "x"}).Wants(http.StatusUnprocessableEntity)
	})
}

func TestKey_IsNewOnEveryPage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		key := func() string { return jimin.Get(room).Find(`#composer [name="key"]`).AttrOr("value", "") }
		first := key()
		if first == "" || first == key() {
			t.Errorf("key %q again", first)
		}
		// The button pressed twice, and the page sent again by a reload.
		for range 3 {
			jimin.Post(room+"/messages", webtest.Form{"body": "두 번 눌렀다", "key": first}).Wants(http.StatusSeeOther)
		}
		same(t, "messages", bodies(jimin.Get(room)), []string{"두 번 눌렀다"})
	})
}
