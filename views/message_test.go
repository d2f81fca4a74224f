package views

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"sarangbang/db"
)

func parsed(t testing.TB, html template.HTML) *goquery.Selection {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(html)))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Find("li").First()
}

func TestAMessageIsTheSameBytesInPageAnswerAndStream(t *testing.T) {
	r := newRenderer(t)
	l := Locale{"ko", seoul}
	want := r.Message(l, said("안녕 **하세요**"))
	data := map[string]any{
		"rooms/show":         RoomPage{Page: samplePage("ko"), Log: Log{HTML: want}},
		"messages/_messages": Log{HTML: want},
		"messages/_message":  want,
		"messages/show":      MessagePage{Page: samplePage("ko"), Message: want},
	}
	for name, d := range data {
		var b bytes.Buffer
		if err := r.Render(&b, name, "ko", d); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), string(want)) {
			t.Errorf("%s: the message's bytes are not in it", name)
		}
	}
	if got := newRenderer(t).Message(l, said("안녕 **하세요**")); got != want {
		t.Errorf("rendered again: got %s, want %s", got, want)
	}
}

func TestAttributesOfAMessage(t *testing.T) {
	key := "k-1"
	m := said("@Alice 안녕, @지민님")
	m.Key = &key
	old := parsed(t, newRenderer(t).Message(Locale{"ko", seoul}, m))
	if got := old.AttrOr("data-named", ""); got != "alice 지민님 지민" || old.Is("[data-mentions]") {
		t.Errorf("mentions that were not resolved: %q", got)
	}
	mentioned := db.UserIDs(" 4 17 ")
	m.Mentions, m.Revision = &mentioned, m.Revision+1
	li := parsed(t, newRenderer(t).Message(Locale{"ko", seoul}, m))
	for name, want := range map[string]string{
		"id": "m17", "class": "message", "data-author": "3", "data-key": "k-1", "data-mentions": "4 17",
	} {
		if got := li.AttrOr(name, ""); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	permalink := "/rooms/" + roomID.String() + "/messages/17"
	if got := li.Find(".meta a.time").AttrOr("href", ""); got != permalink {
		t.Errorf("time links to %q, want %q", got, permalink)
	}
	if li.Find("button, form").Length() != 0 {
		t.Error("what one may do with a message depends on the viewer: it is no part of it")
	}
	plain := parsed(t, newRenderer(t).Message(Locale{"ko", seoul}, said("안녕")))
	for _, name := range []string{"data-key", "data-mentions", "data-named"} {
		if got, has := plain.Attr(name); has {
			t.Errorf("%s: there is %q, want none", name, got)
		}
	}
}

func TestDayLineAndGroupingDependOnTheZone(t *testing.T) {
	at := func(hour, minute int) *time.Time {
		at := time.Date(2026, time.November, 22, hour, minute, 0, 0, time.UTC)
		return &at
	}
	cases := map[string]struct {
		zone             *time.Location
		previous, posted *time.Time
		continues        bool
		day              string
		grouped          bool
	}{
		"first of all":                   {seoul, nil, at(3, 0), false, "2026년 11월 22일 일요일", false},
		"same day, another author":       {seoul, at(3, 0), at(4, 0), false, "", false},
		"same day, same author":          {seoul, at(3, 0), at(3, 2), true, "", true},
		"over midnight in Seoul":         {seoul, at(14, 59), at(15, 1), true, "2026년 11월 23일 월요일", false},
		"no midnight in New York":        {newYork, at(14, 59), at(15, 1), true, "", true},
		"over midnight in New York":      {newYork, at(4, 59), at(5, 1), true, "2026년 11월 22일 일요일", false},
		"no midnight in Seoul":           {seoul, at(4, 59), at(5, 1), true, "", true},
		"a year later, the same weekday": {time.UTC, new(at(3, 0).AddDate(-1, 0, 0)), at(3, 0), false, "2026년 11월 22일 일요일", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := said("안녕")
			m.PreviousAt, m.PostedAt, m.Continues = c.previous, *c.posted, c.continues
			li := parsed(t, newRenderer(t).Message(Locale{"ko", c.zone}, m))
			if got := li.Find(".day").Text(); got != c.day {
				t.Errorf("day: got %q, want %q", got, c.day)
			}
			if c.day != "" && !li.Children().First().Is(".day") {
				t.Error("the day is not the first thing in the message")
			}
			if got := li.HasClass("continues"); got != c.grouped {
				t.Errorf("continues: got %v, want %v", got, c.grouped)
			}
			if got := li.Find("img.photo").Length() == 0; got != c.grouped {
				t.Errorf("without header: got %v, want %v", got, c.grouped)
			}
		})
	}
}

func TestEditedAndDeletedMessages(t *testing.T) {
	r := newRenderer(t)
	edited, deleted := said("안녕"), said("")
	edited.EditedAt, deleted.DeletedAt = &morning, &morning
	if got := parsed(t, r.Message(Locale{"ko", seoul}, edited)).Find(".edited").Text(); got != "수정됨" {
		t.Errorf("edited: got %q", got)
	}
	deleted.Revision++
	li := parsed(t, r.Message(Locale{"en", seoul}, deleted))
	if !li.HasClass("deleted") || li.Find(".body").Text() != "This message was deleted." || li.Find(".author").Text() != "지민" {
		t.Errorf("deleted: got %s", li.Text())
	}
	deleted.Revision, deleted.DeletedByName = deleted.Revision+1, "보람 <b>"
	if got := parsed(t, r.Message(Locale{"ko", seoul}, deleted)).Find(".body").Text(); got != "관리자 보람 <b>님이 삭제한 메시지입니다." {
		t.Errorf("deleted by a moderator: got %q", got)
	}
}

func TestARenderedMessageIsKept(t *testing.T) {
	r := newRenderer(t)
	l, m := Locale{"ko", seoul}, said("안녕")
	first := r.Message(l, m)
	m.Body = "changed without a new revision"
	if got := r.Message(l, m); got != first {
		t.Error("the same revision was rendered again")
	}
	if n := testing.AllocsPerRun(100, func() { r.Message(l, m) }); n > 0 {
		t.Errorf("%v allocations for a message that is kept", n)
	}
}

func TestWhatAMessageDependsOnIsRenderedAnew(t *testing.T) {
	changes := map[string]func(*Locale, *db.Message){
		"its revision":        func(_ *Locale, m *db.Message) { m.Revision++ },
		"its author's name":   func(_ *Locale, m *db.Message) { m.Author.Version++; m.Author.DisplayName = "김지민" },
		"another position":    func(_ *Locale, m *db.Message) { m.Position++ },
		"another room":        func(_ *Locale, m *db.Message) { m.RoomID[0]++ },
		"another language":    func(l *Locale, _ *db.Message) { l.Language = "en" },
		"another time zone":   func(l *Locale, _ *db.Message) { l.Zone = newYork },
		"no time zone at all": func(l *Locale, _ *db.Message) { l.Zone = nil },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			r := newRenderer(t)
			l, m := Locale{"ko", seoul}, said("안녕")
			before := r.Message(l, m)
			change(&l, m)
			m.Body = "다른 말"
			if r.Message(l, m) == before {
				t.Error("the old bytes were shown")
			}
		})
	}
}

func TestAMessageForProgramsIsEncodedOnceUntilItChanges(t *testing.T) {
	r, m, encoded := newRenderer(t), said("안녕 **하세요**"), 0
	encode := func(_ *Renderer, m *db.Message, body template.HTML) string {
		encoded++
		return fmt.Sprint(m.Author.DisplayName, " ", body)
	}
	for _, step := range []struct {
		what   string
		change func()
		want   string
	}{
		{"new", func() {}, "지민 <p>안녕 <strong>하세요</strong></p>\n"},
		{"edited", func() { m.Revision++; m.Body = "*아니*" }, "지민 <p><em>아니</em></p>\n"},
		{"renamed", func() { m.Author.Version++; m.Author.DisplayName = "김지민" }, "김지민 <p><em>아니</em></p>\n"},
		{"deleted", func() { m.Revision++; m.Body, m.DeletedAt = "", &m.PostedAt }, "김지민 "},
	} {
		step.change()
		before := encoded
		for range 3 {
			if got := r.JSON(m, encode); got != step.want {
				t.Errorf("%s: %q, want %q", step.what, got, step.want)
			}
		}
		if encoded != before+1 {
			t.Errorf("%s: encoded %d times", step.what, encoded-before)
		}
	}
}

func TestATextIsReadOnceForAllFormsOfItsMessage(t *testing.T) {
	r, m := newRenderer(t), said("안녕")
	r.Message(Locale{"ko", seoul}, m)
	m.Body = "never read" // were it read again, it would show
	body := func(_ *Renderer, _ *db.Message, body template.HTML) string { return string(body) }
	for form, got := range map[string]string{
		"in another language": string(r.Message(Locale{"en", newYork}, m)),
		"in the live log":     string(r.LogEntry(Locale{"ko", seoul}, m)),
		"for programs":        r.JSON(m, body),
	} {
		if !strings.Contains(got, "안녕") || strings.Contains(got, m.Body) {
			t.Errorf("%s: %s", form, got)
		}
	}
}

func TestRenderer_KeepsNoMoreThanItsBounds(t *testing.T) {
	r, l := newRenderer(t), Locale{"ko", seoul}
	text := strings.Repeat("긴 글 ", 3000)
	for i := range int64(1000) {
		m := said(text)
		m.Position = i
		r.Message(l, m)
		r.entry(l, &db.RoomView{Room: db.Room{ID: uuid.New(), Title: text}, Title: text}, false, morning)
	}
	if n := r.fragments.Bytes(); n > fragmentBytes || n < fragmentBytes/2 {
		t.Errorf("%d bytes of messages, the bound is %d", n, fragmentBytes)
	}
	if n := r.entries.Bytes(); n > entryBytes || n < entryBytes/2 {
		t.Errorf("%d bytes of entries, the bound is %d", n, entryBytes)
	}
}

// conversation is n messages.
func conversation(n int) []*db.Message {
	var messages []*db.Message
	for i := range n {
		m := said("안녕 **하세요**")
		m.Position = int64(i + 1)
		messages = append(messages, m)
	}
	return messages
}

func TestMessages_HaveInsertsBetweenThem(t *testing.T) {
	r, l := newRenderer(t), Locale{"ko", seoul}
	messages := conversation(3)
	plain := string(r.Messages(l, messages))
	got := string(r.Messages(l, messages, Insert{0, "<li>a"}, Insert{1, "<li>b"}, Insert{1, "<li>c"}, Insert{3, "<li>d"}))
	if want := "<li>a" + strings.Replace(plain, `<li id="m2"`, `<li>b<li>c<li id="m2"`, 1) + "<li>d"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMessages_MoreOfThemCostNoMoreAllocations(t *testing.T) {
	r, l := newRenderer(t), Locale{"ko", seoul}
	allocations := func(n int) float64 {
		messages := conversation(n)
		return testing.AllocsPerRun(20, func() { r.Messages(l, messages, Insert{n / 2, "<li>"}) })
	}
	if few, many := allocations(50), allocations(200); many > few {
		t.Errorf("%v allocations for 200 messages, %v for 50", many, few)
	}
}

func TestManyMayRenderAtOnce(t *testing.T) {
	r := newRenderer(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range int64(200) {
				m := said(fmt.Sprintf("message %d", n%20))
				m.Position = n % 20
				html := r.Message(Locale{Languages[i%2], seoul}, m)
				if !strings.Contains(string(html), m.Body) {
					t.Errorf("message %d: got %s", m.Position, html)
					return
				}
			}
		})
	}
	all.Wait()
}
