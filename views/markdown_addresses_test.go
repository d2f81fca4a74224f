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

// linkedAddresses are texts and the address in them that is linked, as it is shown; "" for none.
var linkedAddresses = map[string]string{
	"https://xn--bj0bj06e.xn--3e0b707e/길":  "https://xn--bj0bj06e.xn--3e0b707e/길",
	"http://xn--9n2bp8q.xn--9t4b11yi5a/공지": "http://xn--9n2bp8q.xn--9t4b11yi5a/공지",
	"https://xn--fsqu00a.xn--0zwm56d/x":    "https://xn--fsqu00a.xn--0zwm56d/x",
	"https://xn--fsqu00a.xn--0zwm56d에서":    "https://xn--fsqu00a.xn--0zwm56d",
	"http://[::1]:8080/x":                  "http://[::1]:8080/x",
	"https://[2001:db8::1]/":               "https://[2001:db8::1]/",
	"https://[2001:db8::1]에서":              "https://[2001:db8::1]",
	"http://[x]/y":                         "",
	"www.한글.kr":                            "www.한글.kr",
	"www.한글.kr에서":                          "www.한글.kr",
	"주소:www.example.com/a.":                "www.example.com/a",
	"https://a.bc/x;":                      "https://a.bc/x",
	"https://a.bc/x'":                      "https://a.bc/x",
	"'https://a.bc/x'라고":                   "https://a.bc/x",
	"[https://a.bc/x]":                     "https://a.bc/x",
	"「https://a.bc/x」を見て":                  "https://a.bc/x",
	"https://a.bc/xを見て":                    "https://a.bc/x",
	"https://a.bc/x。次":                     "https://a.bc/x",
	"https://a.bc/a[b]c":                   "https://a.bc/a[b]c",
	"https://a.bc/x(참고)":                   "https://a.bc/x",
	"https://fr.wikipedia.org/wiki/Café":   "https://fr.wikipedia.org/wiki/Café",
	"https://ko.wikipedia.org/wiki/3·1_운동": "https://ko.wikipedia.org/wiki/3·1_운동",
	"https://도메인.한국에서":                     "https://도메인.한국",
	"https://中国.中国/x":                      "https://中国.中国/x",
	"https://пример.рф/путь":               "https://пример.рф/путь",
	"https://회사.내부/길":                      "https://회사.내부/길",
	"https://example.com.그리고":              "https://example.com",
	"https://a.com에서.그리고":                  "https://a.com",
	"https://a.b-c.de/_x_":                 "https://a.b-c.de/_x",
	"https://a.bc/a_b_c":                   "https://a.bc/a_b_c",
	"https://a.bc/*x*y":                    "https://a.bc/*x*y",
	"https://a.bc/?q=5*3*2":                "https://a.bc/?q=5*3*2",
	"https://a.bc/__init__.py":             "https://a.bc/__init__.py",
	"https://a.bc\nhttp":                   "https://a.bc",
	"메일:a@example.com":                     "a@example.com",
	"a.b+c@example.co.kr로":                 "a.b+c@example.co.kr",
	"(a@example.com)":                      "a@example.com",
	"test***@naver.com":                    "",
	"te**t@naver.com":                      "",
	"안녕@jimin":                             "",
	"안녕@jimin.kr":                          "",
	"a@b":                                  "",
	"ftp://a.bc/x":                         "",
	"https://1.2.3.4:80/x":                 "https://1.2.3.4:80/x",
	"https://a.bc:8080":                    "https://a.bc:8080",
	"https://a.bc/x\\y":                    "https://a.bc/x",
	"https://a.bc/%EA%B0%80에서":             "https://a.bc/%EA%B0%80",
	"https://a.bc/#m17":                    "https://a.bc/#m17",
	"https://a.bc/x?":                      "https://a.bc/x",
	"https://a.bc/😀/x":                     "https://a.bc/😀/x",
}

func TestAddresses_EndWhereTheTextGoesOn(t *testing.T) {
	for body, want := range linkedAddresses {
		page, err := goquery.NewDocumentFromReader(strings.NewReader(string(Markdown(body))))
		if err != nil {
			t.Fatal(err)
		}
		links := page.Find("a")
		if got := links.Text(); got != want || links.Length() > 1 {
			t.Errorf("%q links %q (%d links), want %q", body, got, links.Length(), want)
		}
		if got := strings.TrimSuffix(page.Text(), "\n"); got != body {
			t.Errorf("%q is shown as %q", body, got)
		}
	}
}
