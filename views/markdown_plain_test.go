package views

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestPlainLinesReadTheSame makes lines at random of characters that plain accepts, and of similar
// ones.
func TestPlainLinesReadTheSame(t *testing.T) {
	parts := []string{
		"a", "Z", "안녕", "ㅋㅋ", "é", "漢字", "👍", "©", " ", " ", ".", ",", "?", "!", "1", "23", "1.", "1. ", "www", "ww.w", "http", "https", "mailto",
		"example.com", "e.mail", "  ", "...", "ftp", "\u2028", "\u00a0", "e\u0301", "\ufffd", "x.kr", "+", "-", "_", "*", "\n", "\t", "#", "@", ":", "/",
	}
	random := rand.New(rand.NewPCG(1, 2))
	plainOnes := 0
	for range 50_000 {
		var b strings.Builder
		n := len(parts)
		if random.IntN(3) > 0 {
			n = 26 // without what plain refuses
		}
		for range 1 + random.IntN(8) {
			b.WriteString(parts[random.IntN(n)])
		}
		body := b.String()
		if !plain(body) {
			continue
		}
		plainOnes++
		if got, want := Markdown(body), parseMarkdown(body, mentionWriter{}); got != want {
			t.Fatalf("%q: as a plain line %q, read %q", body, got, want)
		}
	}
	if plainOnes < 10_000 {
		t.Errorf("only %d lines were plain", plainOnes)
	}
}

func FuzzPlainLines(f *testing.F) {
	for _, seed := range []string{"안녕하세요", "hello there. how are you?", "a 1. b", "x.com", "👍👍", "WWW.AAAA", "see wWw.a.kr"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if plain(body) && Markdown(body) != parseMarkdown(body, mentionWriter{}) {
			t.Errorf("%q: as a plain line %q, read %q", body, Markdown(body), parseMarkdown(body, mentionWriter{}))
		}
	})
}
