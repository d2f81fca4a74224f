package db

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMentionedNames_AreWhatMayBeNames(t *testing.T) {
	cases := map[string]struct {
		body string
		want []string
	}{
		"nobody":                {"안녕하세요", nil},
		"one":                   {"@alice hi", []string{"alice"}},
		"in capitals":           {"@Alice, @ALICE", []string{"alice"}},
		"two":                   {"@alice @bob_2", []string{"alice", "bob_2"}},
		"Hangul":                {"@지민 안녕", []string{"지민"}},
		"an honorific":          {"@지민님 안녕", []string{"지민님", "지민"}},
		"honorific, particle":   {"@지민님께서", []string{"지민님께서", "지민님", "지민"}},
		"a particle":            {"@민수에게 @alice는", []string{"민수에게", "민수", "alice는", "alice"}},
		"the end of a sentence": {"ask @alice.", []string{"alice.", "alice"}},
		"a name with a dot":     {"@a.b-c", []string{"a.b-c"}},
		"in parentheses":        {"(@alice)", []string{"alice"}},
		"e-mail":                {"alice@example.com", nil},
		"after Hangul":          {"안녕@jimin 네.@alice", []string{"jimin", "alice"}},
		"the full-width sign":   {"＠jimin 안녕＠지민", []string{"jimin", "지민"}},
		"e-mail after Hangul":   {"메일:a@jimin.kr a.@jimin é@jimin", nil},
		"in code":               {"`@alice` @bob", []string{"bob"}},
		"in a block of code":    {"```\n@alice a\n```\n@bob", []string{"bob"}},
		"in an address":         {"https://a.bc/@alice [글](https://a.bc/@alice)", nil},
		"in marks":              {"**@alice**님 _@bob_ [@carol](https://a.bc)", []string{"alice", "bob_", "bob", "carol"}},
		"two signs":             {"@@alice", []string{"alice"}},
		"a sign alone":          {"@ alice @", nil},
		"too short":             {"@a", nil},
		"too long":              {"@" + strings.Repeat("a", 33), nil},
		"in quotes":             {`"@alice"`, []string{"alice"}},
		"a break-out":           {`@alice"><script>`, []string{"alice"}},
		"combining marks":       {"@नमस्ते", []string{"नमस्ते"}},
		"invalid UTF-8":         {"@\xffalice", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := MentionedNames(c.body); !slices.Equal(got, c.want) {
				t.Errorf("%q: got %q, want %q", c.body, got, c.want)
			}
		})
	}
}

func TestMentionedNames_AreBounded(t *testing.T) {
	var body strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&body, "@user%d ", i)
	}
	if n := len(MentionedNames(body.String())); n != maxMentions {
		t.Errorf("got %d, want %d", n, maxMentions)
	}
}
