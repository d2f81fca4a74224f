package views

import (
	"strings"
	"unicode"

	"sarangbang/db"
)

// Line returns a message as one line of text for a terminal, without control characters:
// "10:02 지민 안녕하세요\n".
//
//   - Line breaks in the message are shown as ⏎, files follow behind a clip, reactions in brackets.
//   - What it answers goes before it: "10:02 지민 ↪ 민수: 장소는…  강남역이요\n".
//   - So does who wrote what was forwarded: "10:02 지민 » 민수  강남역이요\n".
//   - An event is a line with a star: "10:02 * 지민님이 들어왔습니다\n".
func (r *Renderer) Line(l Locale, m *db.Message) string {
	at := m.PostedAt.In(l.zone()).Format("15:04")
	if m.Kind == db.MessageEvent {
		return at + " * " + strings.ReplaceAll(printable(happenedLine(l.Language, m)), "\n", " ") + "\n"
	}
	text := strings.ReplaceAll(printable(m.Body), "\n", " ⏎ ")
	switch {
	case m.DeletedAt != nil:
		text = "(" + printable(tombstone(l.Language, m)) + ")"
	case m.EditedAt != nil:
		text += " (" + Text(l.Language, "message.edited") + ")"
	}
	if all := m.Files.All(); len(all) > 0 {
		text = strings.TrimLeft(text+" "+filesLine(all), " ")
	}
	if reactions := reactionsOf(m); len(reactions) > 0 {
		text += " [" + reactionsLine(reactions) + "]"
	}
	name := strings.ReplaceAll(printable(m.Author.DisplayName), "\n", " ")
	if a := AnsweredOf(l.Language, m); a != nil {
		name += " ↪ " + strings.ReplaceAll(printable(a.AuthorName), "\n", " ") + ": " + oneLine(a.Summary)
	}
	if m.ForwardedFrom != "" {
		name += " » " + strings.ReplaceAll(printable(m.ForwardedFrom), "\n", " ")
	}
	return at + " " + name + "  " + text + "\n"
}

// printable returns s without what a terminal obeys instead of showing: control characters but line
// feeds, and characters that change the direction of the text around them (Unicode Standard Annex
// #9). Tabs, line and paragraph separators become spaces.
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
