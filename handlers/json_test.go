package handlers

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
	"sarangbang/views"
)

func TestMessage_IsTheSameBytesEverywhere(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		program := jimin.WithToken()
		stream := program.Open(room + "/stream")
		stream.UntilNamed("ready")
		posted := program.Post(room+"/messages", webtest.Form{"body": "1 < 2 & **굵게**"}).Wants(http.StatusCreated).Body
		posted = strings.TrimSuffix(posted, "\n")
		if !strings.Contains(posted, `"body":"1 < 2 & **굵게**"`) || !strings.Contains(posted, `"html":"<p>1 &lt; 2 &amp; <strong>굵게</strong></p>`) {
			t.Errorf("posted: %s", posted)
		}
		if got := stream.UntilNamed("message").Data; got != posted {
			t.Errorf("streamed: %s, posted: %s", got, posted)
		}
		for _, path := range []string{room, room + "/messages", room + "/messages/1"} {
			if got := program.Get(path).Wants(http.StatusOK).Body; !strings.Contains(got, posted) {
				t.Errorf("%s: %s, posted: %s", path, got, posted)
			}
		}
	})
}

func TestMessagesJSON_AllocatesNothingPerCachedMessage(t *testing.T) {
	r, err := views.New("nonce", "")
	if err != nil {
		t.Fatal(err)
	}
	messages := make([]*db.Message, 200)
	for i := range messages {
		messages[i] = &db.Message{Position: int64(i), Author: &db.User{ID: 1}, Body: "안녕"}
	}
	want := messagesJSON(r, messages)
	few := testing.AllocsPerRun(10, func() { messagesJSON(r, messages[:50]) })
	all := testing.AllocsPerRun(10, func() {
		if !bytes.Equal(messagesJSON(r, messages), want) {
			t.Error("kept bytes differ")
		}
	})
	if all > few+10 { // a list that grows is copied now and then
		t.Errorf("%v allocations for 200 messages, %v for 50", all, few)
	}
}
