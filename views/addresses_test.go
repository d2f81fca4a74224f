package views

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// addressesIn returns the values of all attributes in HTML that are addresses on a host.
func addressesIn(t *testing.T, text string) (found []string) {
	t.Helper()
	page, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Val, "/") && a.Key != "data-base" {
				found = append(found, a.Val)
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			visit(child)
		}
	}
	for _, n := range page.Nodes {
		visit(n)
	}
	return found
}

func TestAddresses_AreUnderTheBaseInAllTemplates(t *testing.T) {
	plain := newRenderer(t)
	based, err := New("test-nonce", "/chat")
	if err != nil {
		t.Fatal(err)
	}
	render := func(r *Renderer, s sample) string {
		var b strings.Builder
		if err := r.Render(&b, s.name, "ko", s.data); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		return b.String()
	}
	seen := 0
	for i, s := range samples(based, "ko") {
		bare := render(plain, samples(plain, "ko")[i])
		for j, address := range addressesIn(t, render(based, s)) {
			if seen++; address == "/rooms/a" {
				continue // of sampleEntry, which no template has made
			}
			if want := addressesIn(t, bare)[j]; !strings.HasPrefix(address, "/chat/") || strings.TrimPrefix(address, "/chat") != strings.ReplaceAll(want, "next=%2f", "next=%2fchat%2f") {
				t.Errorf("%s: the address %s is %s under the base", s.name, want, address)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d addresses were seen", seen)
	}
}

func TestAddresses_OutsideOfTheServiceStay(t *testing.T) {
	r, err := New("test-nonce", "/chat")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"/": "/chat/", "/rooms/x?at=1#m1": "/chat/rooms/x?at=1#m1", "https://example.org/rooms": "https://example.org/rooms", "": "", "#main": "#main",
	} {
		if got := r.Address(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
