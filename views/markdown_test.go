package views

import (
	"strings"
	"testing"
	"unicode/utf8"

	"sarangbang/db"
)

const (
	rel     = ` rel="nofollow noopener noreferrer ugc" target="_blank"`
	roomRel = ` rel="nofollow noopener ugc" referrerpolicy="same-origin" target="_blank"`
	room    = "/rooms/0f8b5f9c-0000-4000-8000-0123456789ab"
)

func TestMarkdown(t *testing.T) {
	cases := map[string]struct{ body, want string }{
		"a line":                    {"안녕하세요", "<p>안녕하세요</p>\n"},
		"line breaks":               {"하나\n둘\n\n셋", "<p>하나<br>\n둘</p>\n<p>셋</p>\n"},
		"bold and italic":           {"**굵게** *기울게* _이것도_", "<p><strong>굵게</strong> <em>기울게</em> <em>이것도</em></p>\n"},
		"bold before a particle":    {"**서울**은", "<p><strong>서울</strong>은</p>\n"},
		"bold quoted, a particle":   {`**"서울"**은 **(강조)**를`, "<p><strong>&quot;서울&quot;</strong>은 <strong>(강조)</strong>를</p>\n"},
		"bold after a syllable":     {"나는**“너”**를", "<p>나는<strong>“너”</strong>를</p>\n"},
		"stars that are no marks":   {"5 * 3 * 2 = 30, 별표*", "<p>5 * 3 * 2 = 30, 별표*</p>\n"},
		"underscores in names":      {"snake_case_name", "<p>snake_case_name</p>\n"},
		"code":                      {"`a < b`", "<p><code>a &lt; b</code></p>\n"},
		"fenced code":               {"```go\nif a < b {\n\t<b>\n}\n```", "<pre tabindex=\"0\" data-language=\"go\"><code>if a &lt; b {\n\t&lt;b&gt;\n}\n</code></pre>\n"},
		"fenced code without end":   {"```\nx", "<pre tabindex=\"0\"><code>x\n</code></pre>\n"},
		"a quote":                   {"> 그래서\n> 어디?", "<blockquote>\n<p>그래서<br>\n어디?</p>\n</blockquote>\n"},
		"a face that is no quote":   {">_<", "<p>&gt;_&lt;</p>\n"},
		"a list":                    {"- 하나\n- 둘", "<ul>\n<li>하나</li>\n<li>둘</li>\n</ul>\n"},
		"a list after a line":       {"할 일:\n- 하나", "<p>할 일:</p>\n<ul>\n<li>하나</li>\n</ul>\n"},
		"a numbered list":           {"1. 하나\n2. 둘", "<ol>\n<li>하나</li>\n<li>둘</li>\n</ol>\n"},
		"a date that is no list":    {"2026. 11. 23. 만나요", "<p>2026. 11. 23. 만나요</p>\n"},
		"an answer that is no list": {"3. 셋째", "<p>3. 셋째</p>\n"},
		"dashes that are no list":   {"-", "<p>-</p>\n"},
		"a heading that is none":    {"# 안녕", "<p># 안녕</p>\n"},
		"an underline that is none": {"안녕\n---", "<p>안녕<br>\n---</p>\n"},
		"numbers left out":          {"1. 네\n3. 아니요\n4. 네", "<ol>\n<li>네</li>\n<li value=\"3\">아니요</li>\n<li value=\"4\">네</li>\n</ol>\n"},
		"text after a fence":        {"``` 안녕 하세요", "<p>``` 안녕 하세요</p>\n"},
		"a fence and one word":      {"```안녕", "<p>```안녕</p>\n"},
		"a fence and a word":        {"```hello", "<p>```hello</p>\n"},
		"indented all over":         {"    b\n      c", "<p>    b<br>\n      c</p>\n"},
		"indented in a list":        {"- a\n\n      b", "<ul>\n<li><p>a</p><p>    b</p></li>\n</ul>\n"},
		"indented text":             {"a\n\n    b", "<p>a</p>\n<p>    b</p>\n"},
		"waves":                     {"네~~ 알겠습니다~~", "<p>네~~ 알겠습니다~~</p>\n"},
		"an address":                {"https://example.com/a?b=1&c=2", `<p><a href="https://example.com/a?b=1&amp;c=2"` + rel + ">https://example.com/a?b=1&amp;c=2</a></p>\n"},
		"an address and a particle": {"https://example.com에서", `<p><a href="https://example.com"` + rel + ">https://example.com</a>에서</p>\n"},
		"an address in parentheses": {"(http://a.bc/d)", `<p>(<a href="http://a.bc/d"` + rel + ">http://a.bc/d</a>)</p>\n"},
		"an address, end of text":   {"봐요: http://a.bc/d.", `<p>봐요: <a href="http://a.bc/d"` + rel + ">http://a.bc/d</a>.</p>\n"},
		"a machine of one's own":    {"http://localhost:8080/rooms/1", `<p><a href="http://localhost:8080/rooms/1"` + rel + ">http://localhost:8080/rooms/1</a></p>\n"},
		"a room":                    {"http://10.0.0.7:8080" + room, `<p><a href="http://10.0.0.7:8080` + room + `"` + roomRel + ">http://10.0.0.7:8080" + room + "</a></p>\n"},
		"a message of a room":       {"[봐요](https://a.bc" + room + "?around=7#m7)", `<p><a href="https://a.bc` + room + `?around=7#m7"` + roomRel + ">봐요</a></p>\n"},
		"a page of a room":          {"[봐요](https://a.bc" + room + "/live)", `<p><a href="https://a.bc` + room + `/live"` + rel + ">봐요</a></p>\n"},
		"www":                       {"www.example.com", `<p><a href="http://www.example.com"` + rel + ">www.example.com</a></p>\n"},
		"e-mail":                    {"a@example.com", `<p><a href="mailto:a@example.com" rel="nofollow noopener noreferrer ugc">` + "a@example.com</a></p>\n"},
		"a link":                    {"[여기](https://a.bc/ㄱ)", `<p><a href="https://a.bc/%E3%84%B1"` + rel + ">여기</a></p>\n"},
		"a link in pointed ones":    {"<https://a.bc>", `<p><a href="https://a.bc"` + rel + ">https://a.bc</a></p>\n"},
		"a picture":                 {"![고양이](https://a.bc/cat.png)", `<p><a href="https://a.bc/cat.png"` + rel + ">고양이</a></p>\n"},
		"a picture in a link":       {"[![고양이](https://a.bc/c.png)](https://d.ef)", `<p><a href="https://d.ef"` + rel + ">고양이</a></p>\n"},
		"a reference":               {"[a]: https://a.bc\n\n[a]", `<p>[a]: <a href="https://a.bc"` + rel + ">https://a.bc</a></p>\n<p>[a]</p>\n"},
		"a table that is none":      {"|a|b|\n|-|-|", "<p>|a|b|<br>\n|-|-|</p>\n"},
		"nothing":                   {"", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := string(Markdown(c.body)); got != c.want {
				t.Errorf("%q:\ngot  %q\nwant %q", c.body, got, c.want)
			}
		})
	}
}

func TestMarkdownAttacks(t *testing.T) {
	cases := map[string]string{
		"a script":                    "<script>alert(1)</script>",
		"a script over lines":         "<script\n>alert(1)\n</script>",
		"a script after a list":       "- a\n\n<script>alert(1)</script>",
		"a picture":                   "<img src=x onerror=alert(1)>",
		"an SVG":                      "<svg/onload=alert(1)>",
		"a comment":                   "<!-- a --><b>",
		"CDATA":                       "<![CDATA[<script>]]>",
		"a processing instruction":    "<?php ?>",
		"javascript:":                 "[a](javascript:alert(1))",
		"javascript: in capitals":     "[a](JaVaScRiPt:alert(1))",
		"javascript: by entity":       "[a](&#106;avascript:alert(1))",
		"javascript: by hex entity":   "[a](&#x6A;avascript:alert(1))",
		"javascript: with a tab":      "[a](<java\tscript:alert(1)>)",
		"javascript: with &Tab;":      "[a](java&Tab;script:alert(1))",
		"javascript: with a newline":  "[a](java&#10;script:alert(1))",
		"javascript: after a control": "[a](\x01javascript:alert(1))",
		"javascript: after a space":   "[a](< javascript:alert(1)>)",
		"javascript: escaped":         `[a](javascript\:alert(1))`,
		"javascript: in pointed ones": "<javascript:alert(1)>",
		"javascript: as a picture":    "![a](javascript:alert(1))",
		"javascript: with http in it": "[a](javascript:'http://')",
		"javascript: full-width":      "[a](ｊavascript:alert(1))",
		"javascript: by reference":    "[a]\n\n[a]: javascript:alert(1)",
		"data:":                       "[a](data:text/html;base64,PHNjcmlwdD4=)",
		"data: as a picture":          "![a](data:image/svg+xml;base64,PHN2Zz4=)",
		"vbscript:":                   "[a](vbscript:msgbox)",
		"file:":                       "[a](file:///etc/passwd)",
		"another program":             "<ms-word:ofe|u|http://a.bc>",
		"the same host":               "[a](/logout)",
		"another host by slashes":     "[a](//evil.example)",
		"a relative address":          "[a](x)",
		"no address":                  "[a]()",
		"out of the attribute":        `[a](https://a.bc/"onmouseover="alert(1))`,
		"out of the attribute 2":      `<https://a.bc/"onmouseover="alert(1)>`,
		"out of the attribute 3":      `https://a.bc/"onmouseover="alert(1)`,
		"out by the title":            `[a](https://a.bc "\" onmouseover=\"alert(1)")`,
		"out by the picture's text":   `![" onerror="alert(1)](https://a.bc)`,
		"out by the code's language":  "```\" onmouseover=\"alert(1)\nx\n```",
		"out of code":                 "`</code><script>alert(1)</script>`",
		"out of fenced code":          "```\n</code></pre><script>alert(1)</script>\n```",
		"markers in each other":       "**_[*`<b>`*](javascript:x)_**",
		"an address in an address":    "https://a.bc/<https://b.cd/>",
		"links in links":              "[a [b](https://a.bc) <https://b.cd> https://c.de](https://d.ef)",
		"a link in a picture":         "![a [b](https://a.bc)](https://d.ef)",
		"attributes of Markdown":      "# a {onclick=alert(1)}\n**b**{onclick=alert(1)}",
		"NUL":                         "<scr\x00ipt>alert(1)</scr\x00ipt>",
		"invalid UTF-8":               "<\xff\xfescript>\xc0\xbcscript\xc0\xbe",
		"entities":                    "&lt;script&gt;alert(1)&lt;/script&gt;",
		"other pointed brackets":      "＜script＞‹b›",
		"turned around":               "\u202e<script>",
		"line separators":             "<a\u2028href=javascript:alert(1)>",
		"a mail with an attribute":    `<a"onclick=alert(1)@example.com>`,
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) { wantAllowed(t, body) })
	}
}

func TestWhatMayNotBeLinkedStaysReadable(t *testing.T) {
	for body, want := range map[string]string{
		"[여기](javascript:alert(1))": "<p>[여기](javascript:alert(1))</p>\n",
		"<app:open>":                "<p>&lt;app:open&gt;</p>\n",
		"[a](/logout)":              "<p>[a](/logout)</p>\n",
	} {
		if got := string(Markdown(body)); got != want {
			t.Errorf("%.80q: got %q, want %q", body, got, want)
		}
	}
}

func TestHostileSizesStayBounded(t *testing.T) {
	const characters = 10_000
	for _, unit := range []string{
		"> ", ">", "- ", "* ", "1. ", "- > ", "> - ", "- \t", "\t- ", "*", "_", "**a ", "*a_ ", "_a*", "a**b", "**x*", "[", "]", "[a](", "![", "`", "`a",
		"<", "<a", "<a:", "&", "&amp;", "\\*", "http://a.bc/(", " http://a.bc", "a@b.c ", "www.", "```\n", "\n> a", "\n- a\n  ", "- a\n", "* a\n  * b\n",
		"가", "😀", "\n", "\r\n", " ", "\t",
	} {
		body := strings.Repeat(unit, characters/len([]rune(unit)))
		got := string(Markdown(body))
		if len(got) > 40*characters {
			t.Errorf("%q: %d bytes of HTML", unit, len(got))
		}
		if depth := deepest(parseHTML(t, got)); depth > 48 {
			t.Errorf("%.80q: elements %d deep", unit, depth)
		}
		wantAllowed(t, body)
		if n := len([]rune(Summary(body))); n > maxSummary {
			t.Errorf("%.80q: a summary of %d characters", unit, n)
		}
	}
}

func TestMoreThanAMessageIsShownAsItStands(t *testing.T) {
	body := "**a**\n<b>" + strings.Repeat("가", maxMarkup)
	if got := string(Markdown(body)); !strings.HasPrefix(got, "<p>**a**<br>\n&lt;b&gt;가") {
		t.Errorf("got %.40q", got)
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{
		"안녕 **하세요** <b>", "[a](javascript:x)", "> - 1. `x`", "https://a.bc/\"x", "```\n<\n```", "![a](data:x)", "<a@b.cd>", "&#106;", "\x00\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		wantAllowed(t, body)
		if utf8.ValidString(body) && !strings.ContainsAny(body, "[`~<") {
			wantEveryLetter(t, body)
		}
		Summary(body)
		db.MentionedNames(body)
		emojiOnly(body)
	})
}

func BenchmarkMarkdown(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Markdown("준비 끝! 조금 긴 문장을 **하나** 써 보면, https://example.com/ 에서 `코드`도 봅니다.")
	}
}
