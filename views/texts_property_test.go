package views

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// wantNothingLost fails unless the visible text of a body's HTML is what was typed less the marks
// that took effect: what is left out, in the order of the text, is as many signs of each sort as
// the elements stand for. Links, whose address is a mark, are no part of it.
func wantNothingLost(t *testing.T, body string) {
	t.Helper()
	marks, code := map[rune]int{}, false
	var shown strings.Builder
	for _, node := range parseHTML(t, string(Markdown(body))) {
		count := func(n *html.Node) {
			switch {
			case n.Type == html.TextNode:
				shown.WriteString(n.Data)
			case n.Data == "strong":
				marks['*'] += 4
			case n.Data == "em":
				marks['e'] += 2
			case n.Data == "del":
				marks['~'] += 4
			case n.Data == "span":
				marks['|'] += 4
			case n.Data == "li" && len(n.Attr) > 0 && n.Attr[0].Key == "class":
				marks['['] += 2
			case n.Data == "code" || n.Data == "pre":
				code = true
			}
		}
		count(node)
		for n := range node.Descendants() {
			count(n)
		}
	}
	left := []rune(strings.Join(strings.Fields(shown.String()), ""))
	lost := map[rune]int{}
	for _, r := range strings.Join(strings.Fields(body), "") {
		if len(left) > 0 && left[0] == r {
			left = left[1:]
		} else {
			lost[r]++
		}
	}
	if len(left) > 0 {
		t.Fatalf("%q: %q is shown and was not typed there", body, string(left))
	}
	for r, n := range lost {
		if !code && !strings.ContainsRune("*_~`>-.0123456789|[]xX", r) { // the language of code is none of these
			t.Fatalf("%q: lost %q %d times", body, r, n)
		}
	}
	items := strings.Contains(body, "* ") || strings.Contains(body, "*\t")
	language := strings.Contains(body, "```") || strings.Contains(body, "~~~") // may hold lines
	if !items && !language {
		if got, want := lost['*']+lost['_'], marks['*']+marks['e']; got != want {
			t.Fatalf("%q: lost %d stars and lines for %d", body, got, want)
		}
	}
	if lost['~'] != marks['~'] && !code {
		t.Fatalf("%q: lost %d waves for %d", body, lost['~'], marks['~'])
	}
	if lost['|'] != marks['|'] && !code {
		t.Fatalf("%q: lost %d bars for %d", body, lost['|'], marks['|'])
	}
	if lost['[']+lost[']'] != marks['['] && !language {
		t.Fatalf("%q: lost %d brackets for %d", body, lost['[']+lost[']'], marks['['])
	}
	if lost['`'] > 0 && !code {
		t.Fatalf("%q: lost %d backticks and has no code", body, lost['`'])
	}
}

// parts are what random texts are made of: signs with a meaning, and what stands around them.
var parts = []string{
	"*", "**", "***", "****", "_", "__", "~", "~~", "~~~", "`", "``", "```", "> ", ">", ">> ", "- ", "* ", "+ ", "1. ", "2. ", "12. ", "1) ", "\n", "\n", "\n\n", " ", "  ", "    ", "\t",
	"가", "나다", "a", "bc", "ㅋ", "ㅠㅠ", "3", "10", "은", "는", "!", ".", ",", "?", "(", ")", "“", "”", "\"", "'", "\\", "/", "-", "@", "&amp;", "&", "<", "<b>", "#", "|", "||", "[ ] ", "[x] ", "- [x] ", "=", "👍", "´", "‿", "漢", "を", "é", "e\u0301", ":", "http", "www.", "a@b",
}

func randomText(random *rand.Rand) string {
	var b strings.Builder
	for range 1 + random.IntN(24) {
		b.WriteString(parts[random.IntN(len(parts))])
	}
	return b.String()
}

func TestRandomTexts_LoseNothingButMarks(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 5_000 {
		body := randomText(random)
		wantNothingLost(t, body)
		wantAllowed(t, body)
	}
}

func TestTextsWithoutLetters_AreShownAsTyped(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	signs := []rune("**__~~``>-+#|!?.,:;()[]<>&\\/\"'= \n")
	for range 5_000 {
		runes := make([]rune, 1+random.IntN(16))
		for i := range runes {
			runes[i] = signs[random.IntN(len(signs))]
		}
		body := strings.Trim(string(runes), "\n ")
		if got := strings.Join(strings.Fields(shownText(t, string(Markdown(body)))), " "); got != strings.Join(strings.Fields(body), " ") {
			t.Fatalf("%q is shown as %q", body, got)
		}
	}
}

func FuzzNothingLost(f *testing.F) {
	for _, body := range typed {
		f.Add(body)
	}
	for body := range meant {
		f.Add(body)
	}
	for body := range blocksMeant {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if strings.ContainsAny(body, "[<\x00\r") || strings.Contains(body, "```") || strings.Contains(body, "~~~") || strings.ToValidUTF8(body, "") != body {
			wantAllowed(t, body)
			return
		}
		wantNothingLost(t, body)
		wantAllowed(t, body)
	})
}
