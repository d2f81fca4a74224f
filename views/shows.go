package views

import (
	"html"
	"strings"
	"unicode"

	"sarangbang/internal/invisible"
)

// ShowsSomething reports whether a message with this body shows anything once its marks have taken
// effect. An empty block of code, a list without text or a link without a name shows nothing.
func ShowsSomething(body string) bool {
	if invisible.Only(body) {
		return false
	}
	// Rendering costs, and no mark can take all of a text that has letters, but for two: the
	// language after a fence and the address of a link.
	if !strings.ContainsAny(body, "`~[]") && strings.ContainsFunc(body, func(r rune) bool { return unicode.IsLetter(r) && !invisible.Rune(r) }) {
		return true
	}
	rendered := string(Markdown(body))
	return strings.Contains(rendered, "<hr") || !invisible.Only(html.UnescapeString(withoutTags(rendered)))
}

// withoutTags returns the text of HTML that this package has made: no attribute of it holds a ">"
// that is not escaped.
func withoutTags(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, text, _ = strings.Cut(rest, ">")
	}
}
