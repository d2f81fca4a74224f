package views

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

func TestAddressesInRunningText(t *testing.T) {
	for text, want := range map[string]string{
		"https://example.com":                        "https://example.com",
		"https://example.com에서 봐요":                   "https://example.com",
		"https://example.com/menu에서 봐요":              "https://example.com/menu",
		"https://ko.wikipedia.org/wiki/한국":           "https://ko.wikipedia.org/wiki/한국",
		"https://ko.wikipedia.org/wiki/서울_(동음이의) 참고": "https://ko.wikipedia.org/wiki/서울_(동음이의)",
		"https://map.naver.com/p/search/서울역":         "https://map.naver.com/p/search/서울역",
		"https://search.example.com/?q=회의&page=2":    "https://search.example.com/?q=회의&page=2",
		"https://한글.kr/길":                            "https://한글.kr/길",
		"https://도메인.한국":                             "https://도메인.한국",
		"주소:https://example.com":                     "https://example.com",
		"주소https://example.com/a":                    "https://example.com/a",
		`"https://example.com"`:                      "https://example.com",
		"“https://example.com/a”라고":                  "https://example.com/a",
		"(https://example.com/a)":                    "https://example.com/a",
		"보세요 https://example.com/a.":                 "https://example.com/a",
		"HTTPS://EXAMPLE.COM/A":                      "HTTPS://EXAMPLE.COM/A",
		"http://10.0.0.5/x":                          "http://10.0.0.5/x",
		"http://intranet/x":                          "http://intranet/x",
		"http://localhost:8080":                      "http://localhost:8080",
		"xhttps://example.com":                       "",
		"https://":                                   "",
		"http://nowhere":                             "",
		"`https://example.com`":                      "",
		"hello there":                                "",
	} {
		page, err := goquery.NewDocumentFromReader(strings.NewReader(string(Markdown(text))))
		if err != nil {
			t.Fatal(err)
		}
		links := page.Find("a")
		if got := links.Text(); got != want || want != "" && links.Length() != 1 {
			t.Errorf("%q links %q (%d links), want %q", text, got, links.Length(), want)
		}
		if page.Text() != strings.Trim(text, "`") && !strings.HasPrefix(page.Text(), strings.Trim(text, "`")) {
			t.Errorf("%q became %q", text, page.Text())
		}
	}
}
