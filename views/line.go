package views

import (
	"strings"
	"unicode"

	"sarangbang/db"
)

// Line renders a message as one line of text for a terminal, "10:02 지민  안녕하세요\n", without control characters.
// What a message's lines were divided by is shown as ⏎.
func (r *Renderer) Line(l Locale, m *db.Message) string {
	text := strings.ReplaceAll(printable(m.Body), "\n", " ⏎ ")
	switch {
	case m.DeletedAt != nil:
		text = "(" + Text(l.Language, "message.deleted") + ")"
	case m.EditedAt != nil:
		text += " (" + Text(l.Language, "message.edited") + ")"
	}
	name := strings.ReplaceAll(printable(m.Author.DisplayName), "\n", " ")
	return m.PostedAt.In(l.zone()).Format("15:04") + " " + name + "  " + text + "\n"
}

// printable drops what a terminal would obey instead of showing: control characters all but line feeds, line and paragraph separators,
// and characters that turn the direction of the text around them (Unicode Standard Annex #9).
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
}
