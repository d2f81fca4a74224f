package views

import (
	"strings"
	"unicode/utf8"

	"sarangbang/internal/markup"
)

const (
	// maxSummary is the length of a summary in characters.
	maxSummary = 120
	// summarised is how many characters of a message a summary is made from.
	summarised = 500
)

// covered stands in a summary for what a message hides.
const covered = "▒▒▒"

// boxes are what stands in a summary before tasks.
var boxes = map[string]string{markup.Todo: "☐ ", markup.Done: "☑ "}

// Summary returns a message as one line of plain text, without marks, of at most maxSummary
// characters.
func Summary(body string) string {
	body = strings.ToValidUTF8(cut(body, summarised), "")
	if !marked(body) {
		return oneLine(body)
	}
	var b strings.Builder
	hidden := false
	for _, token := range markup.Parse(body).Tokens {
		switch token.Kind {
		case markup.SpoilerOpen:
			hidden = true
			b.WriteString(covered)
		case markup.SpoilerClose:
			hidden = false
		}
		if hidden {
			continue
		}
		switch token.Kind {
		case markup.ItemOpen:
			b.WriteString(boxes[token.Info])
		case markup.Text, markup.Code, markup.Address, markup.CodeBlock:
			b.WriteString(token.Text)
		case markup.Break, markup.ParagraphClose, markup.ItemClose, markup.BulletsOpen, markup.NumbersOpen:
			b.WriteByte(' ')
		}
	}
	return oneLine(b.String())
}

// marked reports whether there may be marks in a text.
func marked(s string) bool {
	return strings.ContainsAny(s, "*_`[<>~|") || strings.Contains(s, "- ") || strings.Contains(s, "-\t") ||
		strings.Contains(s, "1. ") || strings.Contains(s, "1.\t")
}

// oneLine returns a text in one line without control characters, shortened to maxSummary
// characters.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(printable(s)), " ")
	if utf8.RuneCountInString(s) <= maxSummary {
		return s
	}
	return strings.TrimSpace(cut(s, maxSummary-1)) + "…"
}

// cut returns the first n characters of a text.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
