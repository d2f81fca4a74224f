package views

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"sarangbang/internal/markup"
)

// wantEveryLetter fails for letters that were typed and are not shown. The text must not hide
// letters by meaning: no links with a title, entities, or languages of code.
func wantEveryLetter(t *testing.T, body string) {
	t.Helper()
	if strings.Contains(strings.ToLower(body), "[x] ") {
		return // the letter is a mark, where it is that of a task
	}
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return r
			}
			return -1
		}, s)
	}
	var shown strings.Builder
	for _, node := range parseHTML(t, string(Markdown(body))) {
		for n := range node.Descendants() {
			if n.Type == html.TextNode {
				shown.WriteString(n.Data)
			}
		}
	}
	if got, want := letters(shown.String()), letters(body); got != want {
		t.Errorf("%.80q: shows %.80q", body, got)
	}
}

// allowed are the elements and attributes that Markdown may write.
var allowed = map[string][]string{
	"p": nil, "br": nil, "strong": nil, "em": nil, "del": nil, "code": nil, "pre": {"tabindex", "data-language"}, "ul": nil, "ol": nil, "li": {"value", "class"}, "span": {"class", "tabindex"}, "blockquote": nil, "a": {"href", "rel", "referrerpolicy", "target"},
}

func parseHTML(t *testing.T, markup string) []*html.Node {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(markup), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatal(err)
	}
	return nodes
}

// wantAllowed reads the HTML of a body as a browser does and looks at every element.
func wantAllowed(t *testing.T, body string) {
	t.Helper()
	markup := string(Markdown(body))
	var look func(*html.Node)
	look = func(n *html.Node) {
		switch n.Type {
		case html.ElementNode:
			wantAllowedElement(t, body, n)
		case html.TextNode:
		default:
			t.Errorf("%.80q: a node of type %d in %q", body, n.Type, markup)
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			look(child)
		}
	}
	for _, node := range parseHTML(t, markup) {
		look(node)
	}
}

func wantAllowedElement(t *testing.T, body string, n *html.Node) {
	t.Helper()
	attributes, ok := allowed[n.Data]
	if !ok {
		t.Errorf("%.80q: element %s", body, n.Data)
	}
	for _, a := range n.Attr {
		wrong := a.Key == "tabindex" && a.Val != "0" || a.Key == "data-language" && strings.ContainsFunc(a.Val, markup.NotInLanguage)
		if wrong || !slices.Contains(attributes, a.Key) {
			t.Errorf("%.80q: <%s %s=%q>", body, n.Data, a.Key, a.Val)
		}
		if a.Key == "rel" && a.Val != "nofollow noopener noreferrer ugc" && (a.Val != "nofollow noopener ugc" || len(n.Attr) != 4) {
			t.Errorf("%.80q: rel %q", body, a.Val)
		}
		if a.Key == "referrerpolicy" && a.Val != "same-origin" {
			t.Errorf("%.80q: referrerpolicy %q", body, a.Val)
		}
		if a.Key == "target" && a.Val != "_blank" {
			t.Errorf("%.80q: target %q", body, a.Val)
		}
		if a.Key == "href" {
			wantAllowedAddress(t, body, a.Val)
		}
	}
	if n.Data == "a" && (len(n.Attr) < 2 || len(n.Attr) > 4) {
		t.Errorf("%.80q: <a> with %v", body, n.Attr)
	}
}

func wantAllowedAddress(t *testing.T, body, address string) {
	t.Helper()
	lower := strings.ToLower(address)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "mailto:") {
		t.Errorf("%.80q: href %q", body, address)
	}
	if u, err := url.Parse(address); err == nil && !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme) {
		t.Errorf("%.80q: scheme of %q", body, address)
	}
}

// deepest is how deep elements are in each other.
func deepest(nodes []*html.Node) int {
	depth := 0
	for _, n := range nodes {
		var children []*html.Node
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			children = append(children, child)
		}
		depth = max(depth, 1+deepest(children))
	}
	return depth
}
