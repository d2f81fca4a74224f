package views

import (
	"strings"
	"testing"

	"sarangbang/db"
)

func TestMarkdown_LinksThoseWhoAreMentioned(t *testing.T) {
	r, err := New("nonce", "/chat")
	if err != nil {
		t.Fatal(err)
	}
	const link = `<a class="mention" data-user="3" href="/chat/users/3" target="_blank">`
	for body, want := range map[string]string{
		"@지민님 안녕":           "<p>" + link + "@지민</a>님 안녕</p>\n",
		"안녕＠지민":             "<p>안녕" + link + "＠지민</a></p>\n",
		"**@지민**":           "<p><strong>" + link + "@지민</a></strong></p>\n",
		"> @지민":             "<blockquote>\n<p>" + link + "@지민</a></p>\n</blockquote>\n",
		"<b> & @지민 \"<i>\"": "<p>&lt;b&gt; &amp; " + link + "@지민</a> &quot;&lt;i&gt;&quot;</p>\n",
	} {
		at := strings.IndexAny(body, "@＠")
		length := len("@지민")
		if strings.Contains(body, "＠") {
			length = len("＠지민")
		}
		if got := string(r.markdown(body, []db.MentionSpan{{At: at, Length: length, User: 3}})); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
	// Spans that do not fit the text link nothing, and lose none of it.
	for _, spans := range [][]db.MentionSpan{
		{{At: 100, Length: 3, User: 3}}, {{At: 0, Length: 1000, User: 3}}, {{At: -1, Length: 3, User: 3}}, {{At: 5, Length: -3, User: 3}},
	} {
		if got := string(r.markdown("안녕 `@지민`!", spans)); got != "<p>안녕 <code>@지민</code>!</p>\n" {
			t.Errorf("%v: %q", spans, got)
		}
	}
	if got := string(r.markdown("[@지민](https://a.kr)", []db.MentionSpan{{At: 1, Length: 7, User: 3}})); strings.Count(got, "<a ") != 1 {
		t.Errorf("a link in a link: %q", got)
	}
}
