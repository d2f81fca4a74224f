package handlers

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// attacks are texts that run a script, or change the page, wherever escaping was forgotten.
var attacks = map[string]string{
	"a script":               `<script>alert(1)</script>`,
	"the end of a title":     `</title><script>alert(1)</script>`,
	"the end of a text area": `</textarea><img src=x onerror=alert(1)>`,
	"a handler":              `" onmouseover="alert(1)" x="`,
	"a handler without":      `' autofocus onfocus=alert(1) '`,
	"an address":             `javascript:alert(1)`,
	"a template":             `{{.}}{{template "layout" .}}`,
	"htmx":                   `"><b hx-get="/logout" hx-trigger="load">`,
	"an SVG":                 `]]><svg onload=alert(1)>&lt;x&#x3c;`,
	"the end of a style":     `"]{}</style><script>alert(1)</script>`,
	"a stream":               `x<hx-partial hx-target="body">`,
}

// links are attacks by Markdown, for messages.
const links = "[a](javascript:alert(1)) [b](data:text/html,x) ![c](javascript:alert(1)) <javascript:alert(1)> [d](\"onclick=alert(1)) [e](  JaVaScRiPt:x ) `<b>`\n\n" +
	"<div onclick=alert(1)>\n\n```\"><script>\n<script>\n```\n\n[f]: javascript:alert(1)\n[f]"

// wantHarmless fails for anything in a page or fragment that is not made by the service itself.
func wantHarmless(t *testing.T, what, html, nonce string) *goquery.Document {
	t.Helper()
	doc := parse(t, html)
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		node := s.Nodes[0]
		switch node.Data {
		case "script":
			if !strings.HasPrefix(s.AttrOr("src", ""), "/static/") || s.Text() != "" {
				t.Errorf("%s: script %q %q", what, s.AttrOr("src", ""), s.Text())
			}
		case "style":
			if nonce == "" || s.AttrOr("nonce", "") != nonce || strings.Contains(s.Text(), "alert") {
				t.Errorf("%s: style %q", what, s.Text())
			}
		case "object", "embed", "base", "b":
			t.Errorf("%s: element %s", what, node.Data)
		case "hx-partial": // those of the service stand outside of messages, in streams
			if nonce != "" || !s.Parent().Is("body") || !strings.HasPrefix(s.AttrOr("hx-target", ""), "#") {
				t.Errorf("%s: element %s", what, node.Data)
			}
		}
		for _, a := range node.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on"), strings.HasPrefix(a.Key, "hx-on"), a.Key == "style", a.Key == "srcdoc", a.Key == "x",
				a.Key == "autofocus" && !s.Is("form input[id][name], form textarea[id][name], form select[id][name]"):
				t.Errorf("%s: <%s %s=%q>", what, node.Data, a.Key, a.Val)
			case slices.Contains([]string{"href", "src", "action", "formaction", "hx-get", "hx-post", "data"}, a.Key) &&
				(strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") || value == "x"):
				t.Errorf("%s: <%s %s=%q>", what, node.Data, a.Key, a.Val)
			}
		}
	})
	return doc
}

// attackedRoom is a room on a server where every field holds an attack.
type attackedRoom struct {
	writer, reader *webtest.Person
	room, person   string // addresses of the writer's room and of the writer
	paths          []string
}

func newAttackedRoom(t *testing.T, s *testServer, name, text string) attackedRoom {
	t.Helper()
	jimin, writer := s.first(), s.signUp(strings.ReplaceAll(name, " ", "-"))
	v := attackedRoom{writer: writer, reader: jimin, person: userPath(s.user(writer).ID)}
	writer.Post("/profile", webtest.Form{"display_name": text, "bio": text}).Wants(http.StatusSeeOther)
	v.room = s.room(writer, text, db.KindOpen)
	writer.Post(v.room+"/messages", webtest.Form{"body": text, "key": text}).Wants(http.StatusSeeOther)
	writer.Post(v.room+"/messages", webtest.Form{"body": links}).Wants(http.StatusSeeOther)
	writer.Post(v.room+"/messages", webtest.Form{"body": "x"}).Wants(http.StatusSeeOther)
	writer.Post(v.room+"/messages/3", webtest.Form{"body": text + " @" + text}).Wants(http.StatusSeeOther)
	writer.Post("/tokens", webtest.Form{"title": text}).Wants(http.StatusSeeOther)
	id, _ := strings.CutPrefix(v.room, "/rooms/")
	link := invite(writer, webtest.Form{"room": id})
	direct := writer.Post("/users/1/direct", nil).Wants(http.StatusSeeOther).Location()
	writer.Post(direct+"/messages", webtest.Form{"body": text}).Wants(http.StatusSeeOther)
	q := url.QueryEscape(text)
	v.paths = []string{
		"/", v.room, v.room + "?around=1", v.room + "/members", v.room + "/members?q=" + q, v.room + "/settings", v.room + "/messages", v.room + "/messages/1",
		v.room + "/messages/3/edit", direct, "/rooms", "/users", "/users?q=" + q, v.person, "/profile", "/tokens", "/invites", "/join/" + link.Code,
		"/users?after=" + q, "/nowhere?" + q, "/" + url.PathEscape(text), "/join/" + url.PathEscape(text), "/rooms/" + url.PathEscape(text),
	}
	return v
}

func TestHostileText_IsShownAsTextEverywhere(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		for name, text := range attacks {
			t.Run(name, func(t *testing.T) {
				v := newAttackedRoom(t, s, name, text)
				v.reader.Get(v.room).Wants(http.StatusOK)
				for _, path := range v.paths {
					wantHarmlessAnswer(t, v.reader.Get(path), path)
					wantHarmlessAnswer(t, v.reader.AsProgram().Get(path), path+" as JSON")
				}
				for _, path := range []string{"/profile", "/tokens", v.person, v.room + "/members", v.room + "/settings", v.room + "/messages/3"} {
					wantHarmlessAnswer(t, v.writer.Get(path), path+" for the writer")
				}
				for _, path := range []string{"/messages", "/messages/3", "/messages/3/edit"} {
					wantHarmlessAnswer(t, v.writer.AsHTMX().Get(v.room+path), path+" as htmx")
				}
				wantShown(t, v, text)
				wantHarmlessStreams(t, v, text)
			})
		}
	})
}

func wantHarmlessAnswer(t *testing.T, a *webtest.Answer, what string) {
	t.Helper()
	if a.Status >= 500 {
		t.Errorf("%s: status %d", what, a.Status)
	}
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		if n := wantHarmless(t, what, a.Body, "").Find("hx-partial, hx-upsert").Length(); n != 0 {
			t.Errorf("%s: %d elements that only streams have", what, n)
		}
	} else if !json.Valid([]byte(a.Body)) {
		t.Errorf("%s is no JSON: %s", what, a.Body)
	}
}

// wantShown fails unless an attack is readable as text wherever it was written, complete and
// unchanged.
func wantShown(t *testing.T, v attackedRoom, text string) {
	t.Helper()
	page := v.reader.Get(v.room)
	page.Shows("head > title", text).Shows("#room-header h1", text).Shows("#m1 .author", text).Shows("#my-rooms .title", text).Shows("#m1 .body", text)
	v.reader.Get(v.person).Shows("h1", text).Shows(".bio", text)
	v.writer.Get("/tokens").Shows("main .title", text)
	v.writer.Get("/profile").Shows("#bio", text)
	if got := v.writer.Get("/profile").Find("#display_name").AttrOr("value", ""); got != text {
		t.Errorf("display name %q", got)
	}
	if got := v.writer.Get(v.room+"/settings").Find("#title").AttrOr("value", ""); got != text {
		t.Errorf("title %q", got)
	}
	if got := message(v.reader, v.room, 1); got.Body != text || got.Author.DisplayName != text || *got.Key != text {
		t.Errorf("as JSON: %+v", got)
	}
	photo := v.reader.Get(v.person + "/photo").Wants(http.StatusOK)
	wantHarmlessSVG(t, photo.Body)
}

func wantHarmlessSVG(t *testing.T, text string) {
	t.Helper()
	if !wellFormed(text) {
		t.Errorf("no XML: %s", text)
	}
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil {
			return
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains([]string{"svg", "rect", "circle", "text", "title", "g", "path"}, start.Name.Local) {
			t.Errorf("element %s in %s", start.Name.Local, text)
		}
		for _, a := range start.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" {
				t.Errorf("attribute %s in %s", a.Name.Local, text)
			}
		}
	}
}

func wantHarmlessStreams(t *testing.T, v attackedRoom, text string) {
	t.Helper()
	asJSON, asHTML := v.reader.Open(v.room+"/stream?as=json&after=0"), v.reader.Open(v.room+"/stream?as=html&after=0")
	mine, log := v.reader.Open("/stream?as=html"), v.reader.Open(v.room+"/live")
	defer mine.Close()
	defer log.Close() // few live logs of one browser last
	v.writer.Post(v.room, webtest.Form{"title": text + "끝"}).Wants(http.StatusSeeOther)
	v.writer.Post(v.room+"/messages", webtest.Form{"body": text + "\n" + links}).Wants(http.StatusSeeOther)
	v.writer.Post(v.room+"/messages", webtest.Form{"body": "마지막 말"}).Wants(http.StatusSeeOther)
	isLast := func(e webtest.Event) bool { return strings.Contains(e.Data, "마지막 말") }
	asJSON.Until("the last message", func(e webtest.Event) bool {
		if !json.Valid([]byte(e.Data)) {
			t.Errorf("no JSON: %s", e.Data)
		}
		return isLast(e)
	})
	isRenamed := func(e webtest.Event) bool { return strings.Contains(e.Data, "끝") } // the list has titles, not messages
	for what, s := range map[string]struct {
		*webtest.Stream
		ends func(webtest.Event) bool
	}{"the room's stream": {asHTML, isLast}, "one's own stream": {mine, isRenamed}} {
		s.Until("the end", func(e webtest.Event) bool {
			if e.Name == "" {
				wantHarmless(t, what, e.Data, "")
			}
			return s.ends(e)
		})
	}
	wantHarmless(t, "the live log", untilLine(log, "마지막 말"), "live-nonce")
}

func TestHostileText_IsShownAgainAsText(t *testing.T) {
	long, title := strings.Repeat("가", maxMessage), strings.Repeat("가", 1000)
	eachServerWith(t, Options{Registration: RegistrationOpen}, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindOpen)
		jimin.Post(room+"/messages", webtest.Form{"body": "말"})
		for name, text := range attacks {
			t.Run(name, func(t *testing.T) {
				for path, form := range map[string]webtest.Form{
					"/signup":            {"name": text, "display_name": text, "time_zone": text, "invite": text, "password": "x"},
					"/login":             {"name": text, "next": text, "password": "x"},
					"/language":          {"language": text, "next": text},
					"/profile":           {"display_name": "", "bio": text, "language": text, "time_zone": text},
					"/rooms":             {"title": text + "\n", "kind": text},
					room:                 {"title": text + title},
					room + "/members":    {"user": text},
					room + "/read":       {"position": text},
					room + "/messages":   {"body": text + long, "key": text, "read": text},
					room + "/messages/1": {"body": text + long},
					"/invites":           {"expires_in": text, "max_uses": text, "room": text},
					"/tokens":            {"title": text + title},
				} {
					p := jimin
					if path == "/signup" || path == "/login" {
						p = webtest.Visitor(t, s.url)
					}
					p.Header.Set("Referer", s.url+"/"+text)
					p.Header.Set("Accept-Language", strings.ToValidUTF8(text, ""))
					for way, p := range eachWay(p) {
						a := p.Post(path, form)
						if a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusUnauthorized {
							t.Errorf("%s as %s: status %d", path, way, a.Status)
						}
						wantHarmlessAnswer(t, a, path+" as "+way)
					}
				}
			})
		}
	})
}
