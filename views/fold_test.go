package views

import (
	"strings"
	"testing"
)

func TestMessage_LongOnesAreFolded(t *testing.T) {
	for body, want := range map[string]bool{
		strings.Repeat("가", longCharacters): false, strings.Repeat("가", longCharacters+1): true,
		strings.Repeat("가\n", longLines-1): false, strings.Repeat("가\n", longLines): true,
	} {
		html := string(newRenderer(t).Message(Locale{"ko", seoul}, said(body)))
		if got := strings.Contains(html, `class="message long"`); got != want || strings.Contains(html, "더 보기") != want {
			t.Errorf("%d bytes: folded %v, want %v", len(body), got, want)
		}
	}
}
