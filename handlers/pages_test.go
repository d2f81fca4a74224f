package handlers

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// once is what is new in a page whenever it is sent: the key of its composer.
var once = regexp.MustCompile(`name="key" value="[^"]*"`)

// TestAPageIsWhatItWouldBeRenderedAnew looks at pages again and again while things change, through
// two services on one store: one that has kept the pages and one that has just begun.
func TestAPageIsWhatItWouldBeRenderedAnew(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindOpen, minsu)
		paths := []string{"/", room, room + "?around=2", room + "/messages", room + "/messages?before=3"}
		look := func(what string) {
			t.Helper()
			anew := *jimin
			anew.Base = newUncachedServer(t, s.store, Options{}).url
			for _, path := range paths {
				kept, fresh := jimin.Get(path).Wants(http.StatusOK), anew.Get(path).Wants(http.StatusOK)
				if again := jimin.Get(path); again.Header.Get("X-Request-Id") == kept.Header.Get("X-Request-Id") {
					t.Errorf("%s: %s: two answers with one id", what, path)
				}
				if diff := cmp.Diff(sameEachTime(fresh, anew.Base), sameEachTime(kept, jimin.Base)); diff != "" {
					t.Errorf("%s: %s (- rendered anew, + kept):\n%s", what, path, diff)
				}
			}
		}
		look("at first")
		for _, step := range changesOf(room, jimin, minsu) {
			step.do().Wants(http.StatusSeeOther)
			look(step.what)
		}
	})
}

// changeOfPage is something that shows on pages.
type changeOfPage struct {
	what string
	do   func() *webtest.Answer
}

// changesOf are what jimin and minsu do in a room of theirs.
func changesOf(room string, jimin, minsu *webtest.Person) []changeOfPage {
	return []changeOfPage{
		{"a message", func() *webtest.Answer { return minsu.Post(room+"/messages", webtest.Form{"body": "안녕"}) }},
		{"another one", func() *webtest.Answer { return minsu.Post(room+"/messages", webtest.Form{"body": "안녕하세요"}) }},
		{"my own message", func() *webtest.Answer { return jimin.Post(room+"/messages", webtest.Form{"body": "네"}) }},
		{"an edit", func() *webtest.Answer { return minsu.Post(room+"/messages/1", webtest.Form{"body": "안녕?"}) }},
		{"reading", func() *webtest.Answer { return jimin.Post(room+"/read", webtest.Form{"position": "1"}) }},
		{"a deletion", func() *webtest.Answer { return minsu.Post(room+"/messages/2/delete", nil) }},
		{"another name of somebody", func() *webtest.Answer { return minsu.Post("/profile", webtest.Form{"display_name": "민수"}) }},
		{"another name of mine", func() *webtest.Answer {
			return jimin.Post("/profile", webtest.Form{"display_name": "지민", "language": "ko", "time_zone": "Asia/Seoul"})
		}},
		{"another title", func() *webtest.Answer { return jimin.Post(room, webtest.Form{"title": "뒷마당"}) }},
		{"a new room", func() *webtest.Answer { return minsu.Post("/rooms", webtest.Form{"title": "안방"}) }},
		{"somebody leaves", func() *webtest.Answer { return minsu.Post(room+"/leave", nil) }},
	}
}

// sameEachTime is a page without what is new in it each time. Its flash is shown by whichever page
// comes first.
func sameEachTime(page *webtest.Answer, base string) string {
	body := once.ReplaceAllString(page.Body, "")
	body = regexp.MustCompile(regexp.QuoteMeta(base)).ReplaceAllString(body, "")
	return regexp.MustCompile(`<p class="flash".*</p>`).ReplaceAllString(body, "")
}

func TestWhereThereIsNothingAPageSaysSo(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindOpen)
		minsu.Post(minsu.Get("/").Find("#my-rooms li a").AttrOr("href", "")+"/leave", nil).Wants(http.StatusSeeOther)
		for range 2 { // rendered, and kept
			for _, path := range []string{room, room + "/messages"} {
				if n := jimin.Get(path).Find("main .empty").Length(); n != 1 {
					t.Errorf("%s: %d sentences say that there are no messages, want 1", path, n)
				}
			}
			if n := minsu.Get("/").Find("#my-rooms .empty").Length(); n != 1 {
				t.Errorf("%d sentences say that there are no rooms, want 1", n)
			}
		}
	})
}

// TestNoPageIsOlderThanWhatWasAnswered has several people read a room while another one writes:
// whoever asks after a post was answered sees it.
func TestNoPageIsOlderThanWhatWasAnswered(t *testing.T) {
	const posts, readers = 25, 3
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		var people []*webtest.Person
		for i := range readers {
			people = append(people, s.signUp("reader"+itoa(int64(i))))
			people[i].Get(room).Wants(http.StatusOK)
		}
		var answered atomic.Int64
		var reading sync.WaitGroup
		for _, p := range people {
			reading.Go(func() {
				for answered.Load() < posts && !t.Failed() {
					position := itoa(answered.Load())
					page := p.Get(room)
					if position != "0" && (page.Status != http.StatusOK || page.Find("#m"+position).Length() != 1) {
						t.Errorf("status %d; message %s was answered before and is not on the page", page.Status, position)
					}
				}
			})
		}
		for i := range int64(posts) {
			jimin.Post(room+"/messages", webtest.Form{"body": "안녕"}).Wants(http.StatusSeeOther)
			answered.Store(i + 1)
		}
		reading.Wait()
	})
}

func TestPages_HaveNoInlineStyleAndANewKeyEachTime(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		seen := map[string]bool{}
		for range 3 {
			for _, path := range []string{"/", room, room + "?around=1", room + "/messages", "/profile"} {
				page := jimin.Get(path).Wants(http.StatusOK)
				if n := page.Find("style, [style]").Length(); n != 0 {
					t.Errorf("%s: %d inline styles", path, n)
				}
				if policy := page.Header.Get("Content-Security-Policy"); strings.Contains(policy, "nonce") {
					t.Errorf("%s: %s", path, policy)
				}
			}
			key := jimin.Get(room).Find("#composer [name=key]").AttrOr("value", "")
			if key == "" || seen[key] {
				t.Errorf("key %q is empty or was used before", key)
			}
			seen[key] = true
		}
	})
}
