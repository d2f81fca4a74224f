package handlers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sarangbang/internal/invisible"
)

// Bounds of the length of account names, in characters.
const (
	minNameLength = 2
	maxNameLength = 32
)

// How many marks may stand on one letter: what comes after them is dropped when a text is stored.
// No language needs more than four in a name; eight leave room in texts for stacks of Tibetan and
// for Hebrew with vowels and accents.
const (
	labelMarks = 4
	textMarks  = 8
)

// newlines replaces all line endings that clients send by \n. U+2028 and U+2029 come with text
// pasted from layout programs, U+000B and U+000C with text of word processors.
var newlines = strings.NewReplacer(
	"\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n",
)

// cleanLine returns a single line as it is stored: in NFC and without what shows nothing at its
// ends. ok is false for a text that has to be refused: it is not UTF-8 or has a control character
// (NUL, tab and line breaks included), a line or paragraph separator, or a direction control, with
// which one name can be made to look like another (UTS 39).
func cleanLine(s string) (line string, ok bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.TrimFunc(norm.NFC.String(s), unicode.IsSpace)
	refused := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || isDirectionControl(r) }
	if strings.ContainsFunc(s, refused) {
		return "", false
	}
	return invisible.Trim(s), true
}

// cleanLabel returns a line by which people know somebody or something, a display name or a title,
// as it is stored: as cleanLine does, and without invisible characters, so that what differs looks
// different, and with at most labelMarks marks on a letter.
func cleanLabel(s string) (label string, ok bool) {
	if s, ok = cleanLine(s); !ok {
		return "", false
	}
	s = norm.NFC.String(invisible.Strip(s))
	return invisible.Trim(invisible.LimitMarks(s, labelMarks)), true
}

// cleanText returns a text of several lines as it is stored: in NFC, with \n for all line breaks,
// without what shows nothing at its ends, and with at most textMarks marks on a letter. Control
// characters but tabs and line breaks are removed, and so are direction controls: they come
// invisibly with text copied from elsewhere, and nobody could find them to take them out. ok is
// false for a text that is not UTF-8.
func cleanText(s string) (text string, ok bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.Map(func(r rune) rune {
		if isDirectionControl(r) || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, newlines.Replace(s))
	return invisible.Trim(invisible.LimitMarks(norm.NFC.String(s), textMarks)), true
}

// isDirectionControl reports whether a rune is an embedding, override or isolate of the
// bidirectional algorithm (UAX 9, sections 2.1 to 2.5). Directional marks, which affect no other
// characters, are not.
func isDirectionControl(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// validName reports whether s, a result of cleanLine, can be the name of an account: 2 to 32
// letters, marks, digits, dots, underscores and hyphens of any script, with a letter or digit
// first, and with at most labelMarks marks on a letter. Invisible marks and letters are not
// allowed, because two different names would look the same.
func validName(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	s = norm.NFC.String(s)
	if n := runes(s); n < minNameLength || n > maxNameLength || invisible.LimitMarks(s, labelMarks) != s {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) && !unicode.IsDigit(first) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !isNameRune(r) })
}

// isNameRune reports whether a rune may stand in the name of an account.
func isNameRune(r rune) bool {
	return !invisible.Ignorable(r) && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '.' || r == '_' || r == '-')
}

// runes returns the length of a text in the unit of all limits of this program: code points. In NFC
// a Hangul syllable is one, as people expect. An emoji may be several, which does not matter for
// limits of hundreds, and programs in any language count it the same way.
func runes(s string) int { return utf8.RuneCountInString(s) }
