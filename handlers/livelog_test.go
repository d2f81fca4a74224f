package handlers

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// untilLine reads a document line by line up to a line with text, and returns what it has read.
func untilLine(s *webtest.Stream, text string) string {
	var b strings.Builder
	s.Until("a line with "+text, func(e webtest.Event) bool {
		b.WriteString(e.Data + "\n")
		return strings.Contains(e.Data, text)
	})
	return b.String()
}

func parse(tb testing.TB, html string) *goquery.Document {
	tb.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func TestLiveLog_IsOneDocumentThatGrows(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "전에 한 말"})
		log := jimin.Open(room + "/live")
		for name, want := range map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no"} {
			if got := log.Header().Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		policy := log.Header().Get("Content-Security-Policy")
		if strings.Count(policy, "'nonce-") != 1 || !strings.Contains(policy, "style-src 'self' 'nonce-live-nonce'") {
			t.Errorf("policy %q does not allow exactly the log's nonce", policy)
		}
		text := untilLine(log, "전에 한 말")
		if !strings.HasPrefix(text, "<!doctype html>") {
			t.Errorf("the document begins with %.40q", text)
		}
		jimin.Post(room+"/messages", webtest.Form{"body": "새 말"})
		text += untilLine(log, "새 말")
		jimin.Post(room+"/messages/2", webtest.Form{"body": "고친 말"})
		text += untilLine(log, "고친 말")
		jimin.Post(room+"/messages/1/delete", nil)
		text += untilLine(log, "This message was deleted.")
		s.hub.Close()
		for {
			e, ok := log.Next()
			if !ok {
				break
			}
			text += e.Data + "\n"
		}
		doc := parse(t, text)
		if got := doc.Find("ol > li").Length(); got != 4 {
			t.Errorf("%d items, want two messages and two corrections", got)
		}
		edited, deleted := doc.Find("#m2-4"), doc.Find("#m1-5")
		if !strings.Contains(edited.Find(".body").Text(), "고친 말") || !strings.Contains(edited.Find("style").Text(), ".m2.m2{display:none}.m2.r4{display:block}") {
			t.Errorf("correction %q with rules %q", edited.Find(".body").Text(), edited.Find("style").Text())
		}
		if !strings.Contains(deleted.Find("style").Text(), ".m1.m1{display:none}.m1.r5{display:block}") || strings.Contains(deleted.Text(), "전에") {
			t.Errorf("deletion %q", deleted.Text())
		}
		doc.Find("style").Each(func(_ int, s *goquery.Selection) {
			if got := s.AttrOr("nonce", ""); got != "live-nonce" {
				t.Errorf("a style element has the nonce %q", got)
			}
		})
		if doc.Find("script").Length() != 0 {
			t.Error("a script in the page for browsers without")
		}
		if again := doc.Find(".ended a").AttrOr("href", ""); again != room+"/live" || !strings.HasSuffix(text, "</html>\n") {
			t.Errorf("no polite end: %q", text[max(0, len(text)-300):])
		}
	})
}

func TestLiveLog_ContinuesTheRoomPage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, boram := s.first(), s.signUp("보람")
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "on the page"})
		page := jimin.Get(room)
		frame := parse(t, page.Find("noscript").Text()).Find("iframe").AttrOr("src", "")
		if !strings.HasPrefix(frame, room+"/live?after=") {
			t.Fatalf("the frame shows %q", frame)
		}
		jimin.Post(room+"/messages", webtest.Form{"body": "after the page"})
		text := untilLine(jimin.Open(frame), "after the page")
		if strings.Contains(text, "on the page") {
			t.Error("the log repeats what the page shows")
		}
		boram.Get(frame).Wants(http.StatusNotFound)
		for _, bad := range []string{"x", "-1"} {
			jimin.Get(room + "/live?after=" + bad).Wants(http.StatusUnprocessableEntity)
		}
		webtest.Visitor(t, s.url).Get(frame).Wants(http.StatusSeeOther)
	})
}
