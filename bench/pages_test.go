package main

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

const rightPage = `<p id="m7">tea</p></html>`

func TestExpectedPage_MayDifferWhereItAlwaysDoes(t *testing.T) {
	var p expectedPage
	for _, key := range []string{"abc", "abd", "xyd"} {
		if err := p.learn([]byte("<p>tea</p>" + key + "</html>")); err != nil {
			t.Fatal(err)
		}
	}
	for body, right := range map[string]bool{
		"<p>tea</p>abc</html>": true,
		"<p>tea</p>qqq</html>": true,
		"<p>teh</p>abc</html>": false,
		"<p>tea</p>abc</htm1>": false,
	} {
		if err := p.compare([]byte(body)); (err == nil) != right {
			t.Errorf("%s: error %v", body, err)
		}
	}
	if err := p.learn([]byte("<p>tea</p></html>")); err == nil {
		t.Error("a page of another length is taken for the same")
	}
}

func TestExpectedPage_SeesAWrongPage(t *testing.T) {
	p := &expectedPage{Request: newRequest("GET", "/", "")}
	if err := p.learn([]byte(rightPage)); err != nil {
		t.Fatal(err)
	}
	for body, right := range map[string]bool{
		rightPage:                                    true,
		strings.Replace(rightPage, "e", "E", 1):      false,
		strings.Replace(rightPage, "html", "tml", 1): false,
		"": false,
	} {
		c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
		if err := p.fetch(c, true); (err == nil) != right {
			t.Errorf("%q: error %v", body, err)
		}
	}
}

func TestBrowser_TakesNoErrorPageForThePage(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		right  bool
	}{
		"the page":                {200, rightPage, true},
		"an error page":           {500, rightPage, false},
		"an error page with 200":  {200, "<h1>Sorry</h1></html>", false},
		"another message":         {200, `<p id="m77">tea</p></html>`, false},
		"the beginning of a page": {200, `<p id="m7">te`, false},
	} {
		t.Run(name, func(t *testing.T) {
			v := &browser{cookies: "Cookie: a=b", address: answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})}
			if err := attempt(func() { v.expect("/", marker(7)) }); (err == nil) != c.right {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestFetchBusy_RefusesOlderPagesAndErrors(t *testing.T) {
	for body, right := range map[string]bool{
		`<p id="m6"></p><p id="m7"></p></html>`: true,
		`<p id="m8"></p></html>`:                true,
		`<p id="m6"></p></html>`:                false,
		`<p id="mx"></p></html>`:                false,
		`<p id="m8"></p>`:                       false,
		`<h1>Sorry</h1></html>`:                 false,
	} {
		c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
		var newest atomic.Int64
		newest.Store(7)
		if err := fetchBusy(c, newRequest("GET", "/", ""), &newest); (err == nil) != right {
			t.Errorf("%q: error %v", body, err)
		}
	}
}
