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
		"rooms/show":         RoomPage{Page: samplePage("ko"), Log: Log{Messages: []LogMessage{{HTML: want}}}},
		"messages/_messages": Log{Messages: []LogMessage{{HTML: want}}},
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
	li := parsed(t, newRenderer(t).Message(Locale{"ko", seoul}, m))
	for name, want := range map[string]string{
		"id": "m17", "class": "message", "data-author": "3", "data-key": "k-1", "data-mentions": "alice 지민님 지민",
	} {
		if got := li.AttrOr(name, ""); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	permalink := "/rooms/" + roomID.String() + "/messages/17"
	if got := li.Find(".meta a.time").AttrOr("href", ""); got != permalink {
		t.Errorf("time links to %q, want %q", got, permalink)
	}
	more := li.Find("a.more")
	if more.AttrOr("href", "") != permalink || more.AttrOr("hx-get", "") != permalink+"/actions" || more.AttrOr("aria-label", "") == "" {
		t.Error("the link to actions is not as agreed")
	}
	if li.Find(".actions").Length() != 1 {
		t.Error("no place for actions")
	}
	plain := parsed(t, newRenderer(t).Message(Locale{"ko", seoul}, said("안녕")))
	for _, name := range []string{"data-key", "data-mentions"} {
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
	if li.Find(".more").Length() != 0 {
		t.Error("deleted: there is nothing to do with it")
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
			if got := r.Message(l, m); got == before || !strings.Contains(string(got), "다른 말") {
				t.Error("the old bytes were shown")
			}
		})
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	c := newFragmentCache()
	large := template.HTML(strings.Repeat("x", 100_000))
	for i := range int64(1000) {
		c.put(&fragmentKey{position: i * cacheShards}, large)
		c.put(&fragmentKey{position: i * cacheShards}, large)
	}
	shard := &c.shards[0]
	if shard.bytes > shardBytes || shard.bytes != shard.fragments.Len()*len(large) {
		t.Errorf("%d bytes counted for %d fragments of %d", shard.bytes, shard.fragments.Len(), len(large))
	}
	for i := range int64(2 * shardFragments) {
		c.put(&fragmentKey{position: i * cacheShards}, "small")
	}
	if n := shard.fragments.Len(); n != shardFragments || shard.bytes != n*len("small") {
		t.Errorf("%d fragments, %d bytes", n, shard.bytes)
	}
	c.put(&fragmentKey{position: 1}, template.HTML(strings.Repeat("x", shardBytes+1)))
	if _, kept := c.get(&fragmentKey{position: 1}); kept || c.shards[1].bytes != 0 {
		t.Errorf("a fragment larger than the shard: kept %v, %d bytes", kept, c.shards[1].bytes)
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

func TestEmojiOnly(t *testing.T) {
	cases := map[string]struct {
		body string
		want bool
	}{
		"one":                     {"😀", true},
		"a family":                {"👨‍👩‍👧‍👦", true},
		"a skin tone":             {"👍🏽", true},
		"a flag":                  {"🇰🇷", true},
		"a flag of England":       {"🏴󠁧󠁢󠁥󠁮󠁧󠁿", true},
		"a heart as a picture":    {"❤️", true},
		"a heart as text":         {"❤", false},
		"a key":                   {"1️⃣", true},
		"a digit":                 {"1", false},
		"copyright":               {"©", false},
		"copyright as a picture":  {"©️", true},
		"eight":                   {"😀😀😀😀😀😀😀😀", true},
		"nine":                    {"😀😀😀😀😀😀😀😀😀", false},
		"with spaces and a line":  {"😀 🚲\n🍞", true},
		"with a word":             {"😀 hi", false},
		"Hangul":                  {"ㅋㅋ", false},
		"nothing":                 {"", false},
		"spaces":                  {"  ", false},
		"a selector and no more":  {"\uFE0F", false},
		"a letter with selector":  {"a\uFE0F", false},
		"a joiner without family": {"\u200d", false},
		"invalid UTF-8":           {"\xff\xfe", false},
		"a heap of joined ones":   {strings.Repeat("👨‍", 4000), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := emojiOnly(c.body); got != c.want {
				t.Errorf("%q: got %v, want %v", c.body, got, c.want)
			}
		})
	}
	if li := parsed(t, newRenderer(t).Message(Locale{"ko", seoul}, said("😀"))); !li.HasClass("emoji") {
		t.Error("the message is not marked")
	}
}

func TestLogEntriesCorrectEarlierVersions(t *testing.T) {
	r := newRenderer(t)
	l := Locale{"ko", seoul}
	first, second, third := said("하나"), said("둘"), said("")
	second.Revision, second.EditedAt = 50, &morning
	third.Revision, third.DeletedAt = 60, &morning
	rules := map[*db.Message]string{
		first:  "#m17-42{order:17}",
		second: "#m17-50{order:17}.m17.m17{display:none}.m17.r50{display:block}",
		third:  "#m17-60{order:17}.m17.m17{display:none}.m17.r60{display:block}",
	}
	for m, want := range rules {
		li := parsed(t, r.LogEntry(l, m))
		style := li.Find("style")
		if got := style.Text(); got != want || style.AttrOr("nonce", "") != "test-nonce" {
			t.Errorf("revision %d: got %q", m.Revision, got)
		}
		if got, want := li.AttrOr("id", ""), fmt.Sprintf("m17-%d", m.Revision); got != want {
			t.Errorf("id: got %q, want %q", got, want)
		}
		if !li.HasClass("m17") || !li.HasClass(fmt.Sprintf("r%d", m.Revision)) {
			t.Errorf("revision %d: class %q", m.Revision, li.AttrOr("class", ""))
		}
	}
}

func TestTheLiveLogIsOneDocument(t *testing.T) {
	r := newRenderer(t)
	l := Locale{"ko", seoul}
	page := LivePage{
		Page: samplePage("ko"), Header: sampleHeader(), Messages: []template.HTML{r.LogEntry(l, said("하나"))}, Room: "/rooms/x", Again: "/again",
	}
	var b bytes.Buffer
	if err := r.Render(&b, "rooms/live-head", "ko", page); err != nil {
		t.Fatal(err)
	}
	later := said("둘")
	later.Position, later.Revision = 18, 43
	b.WriteString(string(r.LogEntry(l, later)))
	if err := r.Render(&b, "rooms/live-tail", "ko", page); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "<html"); n != 1 {
		t.Errorf("%d documents", n)
	}
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.Find("main ol > li").Length(); got != 2 {
		t.Errorf("%d entries, want 2", got)
	}
	if got := doc.Find("main ol + .ended a").AttrOr("href", ""); got != "/again" {
		t.Errorf("continues at %q", got)
	}
	if got := doc.Find(`h1 a[target="_top"]`).AttrOr("href", ""); got != "/rooms/x" {
		t.Errorf("room at %q", got)
	}
	if doc.Find("script").Length() != 0 {
		t.Error("there are scripts")
	}
}

func TestLines(t *testing.T) {
	cases := map[string]struct {
		change func(*db.Message)
		want   string
	}{
		"a message":              {func(*db.Message) {}, "10:02 지민  안녕하세요\n"},
		"of several lines":       {func(m *db.Message) { m.Body = "하나\n둘\n\n셋" }, "10:02 지민  하나 ⏎ 둘 ⏎  ⏎ 셋\n"},
		"edited":                 {func(m *db.Message) { m.EditedAt = &morning }, "10:02 지민  안녕하세요 (수정됨)\n"},
		"deleted":                {func(m *db.Message) { m.Body = ""; m.DeletedAt = &morning }, "10:02 지민  (삭제된 메시지입니다.)\n"},
		"with escapes":           {func(m *db.Message) { m.Body = "\x1b[31mred\x1b[0m\a\b\u009b2J" }, "10:02 지민  [31mred[0m2J\n"},
		"with a carriage return": {func(m *db.Message) { m.Body = "a\rb\r\nc" }, "10:02 지민  ab ⏎ c\n"},
		"turned around":          {func(m *db.Message) { m.Body = "a\u202egnp\u2066x" }, "10:02 지민  agnpx\n"},
		"with other line ends":   {func(m *db.Message) { m.Body = "a\u2028b\u2029c\u0085d\tе" }, "10:02 지민  a b cd е\n"},
		"with a hostile name":    {func(m *db.Message) { m.Author.DisplayName = "지민\n00:00 관리자\x1b]0;x\a" }, "10:02 지민 00:00 관리자]0;x  안녕하세요\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := said("안녕하세요")
			c.change(m)
			if got := newRenderer(t).Line(Locale{"ko", seoul}, m); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func BenchmarkMessageKept(b *testing.B) {
	r, l, m := newRenderer(b), Locale{"ko", seoul}, said("안녕 **하세요**")
	b.ReportAllocs()
	for b.Loop() {
		r.Message(l, m)
	}
}

func BenchmarkMessageRendered(b *testing.B) {
	r, l, m := newRenderer(b), Locale{"ko", seoul}, said("안녕 **하세요**")
	b.ReportAllocs()
	for b.Loop() {
		r.fragment("messages/_fragment", l, m)
	}
}

func BenchmarkRoomPage(b *testing.B) {
	r, l := newRenderer(b), Locale{"ko", seoul}
	page := RoomPage{Page: samplePage("ko"), Header: sampleHeader()}
	for i := range int64(50) {
		m := said("안녕 **하세요**")
		m.Position = i
		page.Log.Messages = append(page.Log.Messages, LogMessage{HTML: r.Message(l, m)})
	}
	var buf bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		buf.Reset()
		if err := r.Render(&buf, "rooms/show", "ko", page); err != nil {
			b.Fatal(err)
		}
	}
}
