package views

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sarangbang/db"
)

func TestLogEntriesCorrectEarlierVersions(t *testing.T) {
	r := newRenderer(t)
	l := Locale{"ko", seoul}
	first, second, third := said("하나"), said("둘"), said("")
	second.Revision, second.EditedAt = 50, &morning
	third.Revision, third.DeletedAt = 60, &morning
	rules := map[*db.Message]string{
		first:  "#m17-42{order:17}.m17.m17{display:none}.m17.r42{display:block}",
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
		Page: samplePage("ko"), Title: "Room", Messages: []template.HTML{r.LogEntry(l, said("하나"))}, Room: "/rooms/x", Again: "/again",
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
