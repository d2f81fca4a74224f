package views

import (
	"strings"
	"testing"
)

func TestEmojiOnly(t *testing.T) {
	cases := map[string]struct {
		body string
		want bool
	}{
		"one":                     {"😀", true},
		"a family":                {"👨‍👩‍👧‍👦", true},
		"a skin tone":             {"👍🏽", true},
		"a colour, no selector":   {"☝🏽 ⛹🏽 ✌🏿 ✍🏻", true},
		"a colour and a joiner":   {"⛹🏽\u200d♂️", true},
		"a flag":                  {"🇰🇷", true},
		"a flag of England":       {"🏴󠁧󠁢󠁥󠁮󠁧󠁿", true},
		"a heart as a picture":    {"❤️", true},
		"a heart as text":         {"❤", false},
		"a key":                   {"1️⃣", true},
		"a digit":                 {"1", false},
		"copyright":               {"©", false},
		"copyright as a picture":  {"©️", true},
		"eight":                   {"😀😀😀😀😀😀😀😀", true},
		"nine":                    {"😀😀😀😀😀😀😀😀😀", false},
		"with spaces and a line":  {"😀 🚲\n🍞", true},
		"with a word":             {"😀 hi", false},
		"Hangul":                  {"ㅋㅋ", false},
		"nothing":                 {"", false},
		"spaces":                  {"  ", false},
		"a selector and no more":  {"\uFE0F", false},
		"a letter with selector":  {"a\uFE0F", false},
		"a joiner without family": {"\u200d", false},
		"invalid UTF-8":           {"\xff\xfe", false},
		"a heap of joined ones":   {strings.Repeat("👨‍", 4000), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := emojiOnly(c.body); got != c.want {
				t.Errorf("%q: got %v, want %v", c.body, got, c.want)
			}
		})
	}
	if li := parsed(t, newRenderer(t).Message(Locale{"ko", seoul}, said("😀"))); !li.HasClass("emoji") {
		t.Error("the message is not marked")
	}
}
