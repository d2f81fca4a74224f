package views

import (
	"html/template"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"sarangbang/db"
)

// hostile texts, each put into every field of every page.
var hostile = map[string]string{
	"a script":        `<script>alert(1)</script>"'&`,
	"a picture":       `"><img src=x onerror=alert(1)>`,
	"an address":      `javascript:alert(1)//`,
	"an end of style": `"]{}</style><script>alert(1)</script>`,
	"a template":      `{{.Viewer.PasswordHash}}<!-- ` + "`",
}

// poison returns a copy of page data with every string that a person could have written replaced.
func poison(v reflect.Value, text string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.String:
		if v.Type() != reflect.TypeFor[template.HTML]() && v.Type() != reflect.TypeFor[template.HTMLAttr]() {
			out.SetString(text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(poison(v.Field(i), text))
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			break
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(poison(v.Index(i), text))
		}
	case reflect.Map:
		if v.IsNil() {
			break
		}
		out.Set(reflect.MakeMap(v.Type()))
		for _, key := range v.MapKeys() {
			out.SetMapIndex(key, poison(v.MapIndex(key), text))
		}
	case reflect.Pointer:
		if !v.IsNil() && v.Type() == reflect.TypeFor[*db.User]() || v.Type() == reflect.TypeFor[*InviteItem]() && !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(poison(v.Elem(), text))
		}
	}
	return out
}

func TestHostileTextIsShownAsTextInEveryFieldOfEveryPage(t *testing.T) {
	r := newRenderer(t)
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			for _, language := range Languages {
				for _, s := range samples(r, language) {
					data := s.data
					if _, isHTML := data.(template.HTML); !isHTML && !strings.HasSuffix(s.name, "/_fragment") && !strings.HasSuffix(s.name, "/_entry") {
						data = poison(reflect.ValueOf(data), text).Interface()
					}
					wantHarmless(t, s.name, render(t, r, s.name, language, data))
				}
			}
		})
	}
}

func TestHostileTextIsShownAsTextInMessages(t *testing.T) {
	r := newRenderer(t)
	l := Locale{"ko", seoul}
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			m := said(text)
			m.Author.DisplayName, m.Author.PhotoVersion, m.Key = text, text, &text
			for _, html := range []template.HTML{r.fragment("messages/_fragment", l, m), r.fragment("rooms/_entry", l, m)} {
				doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(html)))
				if err != nil {
					t.Fatal(err)
				}
				wantHarmless(t, name, doc)
				if got := doc.Find(".author").Text(); got != text {
					t.Errorf("author: got %q, want %q", got, text)
				}
				if got := doc.Find(".body").Text(); !strings.Contains(got, "alert(1)") && !strings.Contains(got, "{{.Viewer") {
					t.Errorf("body: got %q", got)
				}
			}
		})
	}
}

// scripts of the layout, by page; partials have none.
var scriptsOfTheHouse = []int{0, 4, 5}

// wantHarmless finds scripts, handlers and addresses that a page should not have.
func wantHarmless(t *testing.T, name string, doc *goquery.Document) {
	t.Helper()
	scripts := 0
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		node := s.Nodes[0]
		switch node.Data {
		case "script":
			scripts++
			if src := s.AttrOr("src", ""); !strings.HasPrefix(src, "/static/") || s.Text() != "" {
				t.Errorf("%s: script %q %q", name, src, s.Text())
			}
		case "style":
			if _, ok := s.Attr("nonce"); !ok || strings.Contains(s.Text(), "<") {
				t.Errorf("%s: style %q", name, s.Text())
			}
		case "img":
			if src := s.AttrOr("src", ""); src == "x" {
				t.Errorf("%s: a picture from outside", name)
			}
		case "base", "object", "embed", "meta":
			if node.Data != "meta" {
				t.Errorf("%s: element %s", name, node.Data)
			}
		}
		for _, attribute := range node.Attr {
			wantHarmlessAttribute(t, name, node, attribute)
		}
	})
	if !slices.Contains(scriptsOfTheHouse, scripts) {
		t.Errorf("%s: %d scripts", name, scripts)
	}
}

func wantHarmlessAttribute(t *testing.T, name string, node *html.Node, a html.Attribute) {
	t.Helper()
	if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || a.Key == "style" || a.Key == "srcdoc" {
		t.Errorf("%s: <%s %s=%q>", name, node.Data, a.Key, a.Val)
	}
	if !slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) {
		return
	}
	u, err := url.Parse(a.Val)
	if err != nil || !slices.Contains([]string{"", "http", "https", "mailto"}, u.Scheme) {
		t.Errorf("%s: <%s %s=%q>", name, node.Data, a.Key, a.Val)
	}
}

func TestViewerStyle_HostileNameStaysInItsString(t *testing.T) {
	for _, name := range []string{`a"]{} body{display:none} [x="`, `</style><script>alert(1)</script>`, `a\`, "a\n}", "지민", "a.b_c-d"} {
		user := jimin()
		user.Name = name
		style, _ := ViewerStyle(user)
		if strings.Count(style, "{") != 11 || strings.Count(style, "}") != 11 || strings.Count(style, `"`) != 38 || strings.Contains(style, "<") || strings.Contains(style, "\n}") {
			t.Errorf("%q: %s", name, style)
		}
	}
}

func TestViewerStyle_FindsOwnMessagesAndMentions(t *testing.T) {
	user := jimin()
	user.Name = "지민.Kim_2-3"
	style, version := ViewerStyle(user)
	for _, want := range []string{`[data-author="3"]`, `[data-mentions~="3"]`, `[data-named~="지민.kim_2-3"]`} {
		if !strings.Contains(style, want) {
			t.Errorf("%s: no %s", style, want)
		}
	}
	user.ID = 4
	if _, other := ViewerStyle(user); other == version {
		t.Error("two people's style sheets have one version")
	}
}
