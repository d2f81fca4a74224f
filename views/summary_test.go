package views

import (
	"strings"
	"testing"
)

func TestSummary(t *testing.T) {
	cases := map[string]struct{ body, want string }{
		"plain text":        {"안녕하세요", "안녕하세요"},
		"lines":             {"하나\n둘\n\n셋", "하나 둘 셋"},
		"marks":             {"**굵게** _기울게_ `a*b` ~", "굵게 기울게 a*b ~"},
		"a list":            {"할 일:\n\n- 하나\n- 둘", "할 일: 하나 둘"},
		"a quote":           {"> 그래서\n\n네", "그래서 네"},
		"code":              {"```go\nfmt.Println(1)\n```", "fmt.Println(1)"},
		"a link":            {"[여기](https://a.bc)를 보세요", "여기를 보세요"},
		"an address":        {"https://a.bc/d_e_f", "https://a.bc/d_e_f"},
		"what is hidden":    {"범인은 ||**지민**, 그리고|| 민수", "범인은 ▒▒▒ 민수"},
		"tasks":             {"- [ ] 우유\n- [x] 빵", "☐ 우유 ☑ 빵"},
		"a date":            {"2026. 11. 23.", "2026. 11. 23."},
		"entities":          {"a &amp; b &lt;c&gt;", "a &amp; b &lt;c&gt;"},
		"HTML":              {"<b>굵게</b>", "<b>굵게</b>"},
		"control":           {"a\x1b[31m\tb\u202ec", "a[31m bc"},
		"nothing":           {" \n ", ""},
		"120 characters":    {strings.Repeat("가", 120), strings.Repeat("가", 120)},
		"121 characters":    {strings.Repeat("가", 121), strings.Repeat("가", 119) + "…"},
		"a very long one":   {strings.Repeat("**가** ", 5000), strings.TrimSpace(strings.Repeat("가 ", 60)) + "…"},
		"invalid UTF-8":     {"가\xff나", "가나"},
		"too many markers":  {strings.Repeat("*", 300), strings.Repeat("*", 119) + "…"},
		"a cut in a marker": {strings.Repeat("가", 499) + "**나**", strings.Repeat("가", 119) + "…"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := Summary(c.body); got != c.want {
				t.Errorf("%.60q: got %q, want %q", c.body, got, c.want)
			}
		})
	}
}

func BenchmarkSummary(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Summary("다음 주까지 2장이요. 그럼 그때 봐요!")
	}
}
