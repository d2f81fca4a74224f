package views

import (
	"bytes"
	"html/template"
	"io"
	"strings"
	"testing"
	texttemplate "text/template/parse"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"sarangbang/db"
)

// render executes a template and reads what comes out.
func render(t testing.TB, r *Renderer, name, language string, data any) *goquery.Document {
	t.Helper()
	var b bytes.Buffer
	if err := r.Render(&b, name, language, data); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// instrument is a renderer whose templates note their names when they are executed.
func instrument(t *testing.T, executed map[string]bool) *Renderer {
	t.Helper()
	r := newRenderer(t)
	for _, language := range Languages {
		set, err := parseFiles(language, "")
		if err != nil {
			t.Fatal(err)
		}
		set.Funcs(template.FuncMap{"executed": func(name string) template.HTML { executed[name] = true; return "" }})
		for _, tmpl := range set.Templates() {
			if tmpl.Tree == nil {
				continue
			}
			note, err := template.Must(set.Clone()).New("note").Parse(`{{executed "` + tmpl.Name() + `"}}`)
			if err != nil {
				t.Fatal(err)
			}
			tmpl.Tree.Root.Nodes = append([]texttemplate.Node{note.Tree.Root.Nodes[0]}, tmpl.Tree.Root.Nodes...)
		}
		r.sets[language] = set
	}
	return r
}

func TestEveryTemplateIsExecutedInEveryLanguage(t *testing.T) {
	executed := map[string]bool{}
	r := instrument(t, executed)
	for _, language := range Languages {
		clear(executed)
		for _, s := range samples(r, language) {
			if err := r.Render(io.Discard, s.name, language, s.data); err != nil {
				t.Errorf("%s in %s: %v", s.name, language, err)
			}
			if err := r.RenderInPlace(io.Discard, s.name, language, s.data); err != nil {
				t.Errorf("%s in %s, in place: %v", s.name, language, err)
			}
		}
		for _, tmpl := range r.sets[language].Templates() {
			if tmpl.Tree != nil && !executed[tmpl.Name()] {
				t.Errorf("%s in %s: never executed", tmpl.Name(), language)
			}
		}
	}
}

func TestTitleCountsUnread(t *testing.T) {
	r := newRenderer(t)
	for unread, want := range map[int]string{0: "Title · 사랑방", 3: "(3) Title · 사랑방", 99: "(99) Title · 사랑방", 100: "(99+) Title · 사랑방", 240: "(99+) Title · 사랑방"} {
		page := samplePage("ko")
		page.Rooms.Unread = unread
		if got := render(t, r, "errors/show", "ko", ErrorPage{Page: page}).Find("title").Text(); got != want {
			t.Errorf("%d unread: got %q, want %q", unread, got, want)
		}
	}
}

func TestPagesHaveWhatScreenReadersAndScriptsRelyOn(t *testing.T) {
	r := newRenderer(t)
	for _, language := range Languages {
		for _, s := range samples(r, language) {
			if _, isPage := s.data.(interface{ page() Page }); !isPage || isPartial(s.name) {
				continue
			}
			doc := render(t, r, s.name, language, s.data)
			if got, _ := doc.Find("html").Attr("lang"); got != language {
				t.Errorf("%s: lang %q, want %q", s.name, got, language)
			}
			for _, one := range []string{"main", "h1", "title", "header.site", "footer.site", `.skip[href="#main"]`} {
				if n := doc.Find(one).Length(); n != 1 {
					t.Errorf("%s in %s: %d of %s, want 1", s.name, language, n, one)
				}
			}
			wantFields(t, s.name, doc)
		}
	}
}

// wantFields looks at the fields of all forms: labelled, with autocomplete said, and described by
// what exists.
func wantFields(t *testing.T, name string, doc *goquery.Document) {
	t.Helper()
	ids := map[string]int{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) { ids[s.AttrOr("id", "")]++ })
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: id %q stands %d times", name, id, n)
		}
	}
	doc.Find("[aria-describedby], [aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
		for _, id := range strings.Fields(s.AttrOr("aria-describedby", "") + " " + s.AttrOr("aria-labelledby", "")) {
			if ids[id] == 0 {
				t.Errorf("%s: refers to id %q, which is not there", name, id)
			}
		}
	})
	doc.Find("input:not([type=hidden]):not([hidden]), textarea, select").Each(func(_ int, s *goquery.Selection) {
		id, kind := s.AttrOr("id", ""), s.AttrOr("type", "")
		if doc.Find(`label[for="`+id+`"]`).Length() == 0 && s.Closest("label").Length() == 0 {
			t.Errorf("%s: field %q has no label", name, s.AttrOr("name", ""))
		}
		if _, ok := s.Attr("autocomplete"); !ok && kind != "checkbox" && kind != "radio" && kind != "file" {
			t.Errorf("%s: field %q does not say autocomplete", name, s.AttrOr("name", ""))
		}
	})
	doc.Find(`form[method="post"]`).Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("action", "") == "" {
			t.Errorf("%s: a form without address", name)
		}
	})
}

func TestFormsKeepWhatWasTypedAndSayWhatIsWrongBesideIt(t *testing.T) {
	r := newRenderer(t)
	doc := render(t, r, "accounts/signup", "ko", SignUpPage{
		Page: Page{Title: "가입", Language: "ko"}, Name: "지 민", DisplayName: "지민", Errors: Errors{"name": "글자만 써 주세요."},
	})
	field := doc.Find("#name")
	if got := field.AttrOr("value", ""); got != "지 민" {
		t.Errorf("value: got %q", got)
	}
	if field.AttrOr("aria-invalid", "") != "true" || doc.Find("#display_name").AttrOr("aria-invalid", "") != "" {
		t.Error("the wrong field is marked")
	}
	if got := doc.Find("#name-error").Text(); got != "글자만 써 주세요." {
		t.Errorf("beside the field: got %q", got)
	}
	if got := strings.Count(doc.Text(), "글자만 써 주세요."); got != 1 || doc.Find(".summary").Length() != 0 {
		t.Errorf("said %d times", got)
	}
	if got := doc.Find("[autofocus]"); got.Length() != 1 || got.AttrOr("id", "") != "name" {
		t.Errorf("the focus is on %d fields", got.Length())
	}
}

func TestTextareasKeepALeadingLineBreak(t *testing.T) {
	doc := render(t, newRenderer(t), "rooms/_composer", "ko", Composer{Body: "\n\n안녕"})
	if got := doc.Find("textarea").Text(); got != "\n\n안녕" {
		t.Errorf("got %q", got)
	}
}

func TestAPageThatFailsWritesNothing(t *testing.T) {
	var b bytes.Buffer
	err := newRenderer(t).Render(&b, "rooms/members", "ko", MembersPage{Page: Page{Viewer: &db.User{}}, People: nil, Header: RoomHeader{}})
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := newRenderer(t).Render(&b, "rooms/members", "ko", ErrorPage{}); err == nil || b.Len() > 0 {
		t.Errorf("got error %v and %d bytes", err, b.Len())
	}
	if err := newRenderer(t).Render(&b, "no/such", "ko", ErrorPage{}); err == nil {
		t.Error("a template that does not exist is no error")
	}
}

func TestAnUnknownLanguageIsShownInTheFirst(t *testing.T) {
	doc := render(t, newRenderer(t), "rooms/_rooms", "xx", RoomList{})
	if got := doc.Find("#direct-heading").Text(); got != "1:1 채팅" {
		t.Errorf("got %q", got)
	}
}

func TestRoomsInTheList(t *testing.T) {
	r, current, l := newRenderer(t), roomID, Locale{"ko", seoul}
	rooms := []*db.RoomView{ // most recently active first
		{Room: db.Room{ID: current, Kind: db.KindOpen}, Title: "마당", Unread: 3},
		{Room: db.Room{ID: uuid.New(), Kind: db.KindPrivate}, Title: "안방", Unread: 5},
		{Room: db.Room{ID: uuid.New(), Kind: db.KindDirect}, Title: "하늘", Other: jimin()},
		{Room: db.Room{ID: uuid.New(), Kind: db.KindDirect}, Title: "지민", Other: jimin(), Unread: 1, Newest: said("안녕")},
		{Room: db.Room{ID: uuid.New(), Kind: db.KindOpen}, Title: "부엌", Favourite: true},
	}
	r.RoomList(l, rooms, db.OrderByActivity, current, morning) // rendered now, and cached
	doc := render(t, r, "rooms/_rooms", "ko", r.RoomList(l, rooms, db.OrderByActivity, current, morning))
	byUnread := render(t, r, "rooms/_rooms", "ko", r.RoomList(l, rooms, db.OrderByUnread, current, morning))
	for _, test := range []struct {
		list *goquery.Selection
		want string
	}{
		{doc.Find("#rooms-favourite"), "부엌"}, {doc.Find("#rooms-direct"), "하늘지민"}, {doc.Find("#rooms-other"), "마당안방"},
		{byUnread.Find("#rooms-direct"), "지민하늘"}, {byUnread.Find("#rooms-other"), "마당안방"},
	} {
		if got := test.list.Find(".title").Text(); got != test.want {
			t.Errorf("section: got %q, want %q", got, test.want)
		}
	}
	nav := doc.Find("nav#my-rooms")
	if got := nav.AttrOr("data-unread", ""); got != "9" {
		t.Errorf("data-unread: got %q", got)
	}
	if got := nav.Find(`a[aria-current="page"]`).AttrOr("href", ""); got != "/rooms/"+current.String() {
		t.Errorf("current: got %q", got)
	}
	if got := nav.Find("li.unread").Length(); got != 3 {
		t.Errorf("unread rooms: got %d, want 3", got)
	}
	if got := nav.Find("#rooms-direct li.unread .newest").Text(); got != jimin().DisplayName+": 안녕" {
		t.Errorf("newest message: got %q", got)
	}
	if got := nav.Find("#rooms-direct li").Last().Find("img").AttrOr("src", ""); got != PhotoPath(jimin()) {
		t.Errorf("photo of a direct room: got %q", got)
	}
	if !strings.HasPrefix(nav.Find("#rooms-other a").First().AttrOr("title", ""), current.String()[:8]) {
		t.Error("the short id is missing")
	}
}

func TestARoomPageOpensOneStream(t *testing.T) {
	r := newRenderer(t)
	page := samplePage("ko")
	page.Stream = "/rooms/x/stream?after=42"
	doc := render(t, r, "rooms/show", "ko", RoomPage{Page: page, Header: sampleHeader()})
	if got, _ := doc.Find("#stream").Attr("hx-sse:connect"); got != page.Stream {
		t.Errorf("got %q, want %q", got, page.Stream)
	}
	page.Stream = ""
	if render(t, r, "rooms/show", "ko", RoomPage{Page: page}).Find("#stream").Length() != 0 {
		t.Error("a stream without address")
	}
	page.Stream, page.Viewer = "/stream", nil
	if render(t, r, "errors/show", "ko", ErrorPage{Page: page}).Find("#stream").Length() != 0 {
		t.Error("a stream for somebody signed out")
	}
}

func TestUnreadLineHasNoID(t *testing.T) {
	r := newRenderer(t)
	doc := render(t, r, "messages/_messages", "ko", sampleLog(r, Locale{"ko", seoul}))
	line := doc.Find("li.unread-line")
	if _, has := line.Attr("id"); line.Length() != 1 || has {
		t.Errorf("%d lines, with an id: %v", line.Length(), has)
	}
	if got := line.Next().AttrOr("id", ""); got != "m17" {
		t.Errorf("after the line: got %q", got)
	}
}

// TestInlineConstants_ChangesNoByte renders everything with templates whose constants were not
// inlined.
func TestInlineConstants_ChangesNoByte(t *testing.T) {
	inlined, plain := newRenderer(t), newRenderer(t)
	for _, language := range Languages {
		set, err := parseFiles(language, "")
		if err != nil {
			t.Fatal(err)
		}
		plain.sets[language] = set
		for _, sample := range samples(inlined, language) {
			var got, want bytes.Buffer
			if err := plain.Render(&want, sample.name, language, sample.data); err != nil {
				t.Fatal(err)
			}
			if err := inlined.Render(&got, sample.name, language, sample.data); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.String() {
				t.Errorf("%s in %s: got\n%s\nwant\n%s", sample.name, language, got.String(), want.String())
			}
		}
	}
}
