package handlers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of the length of account names, in characters.
const (
	minNameLength = 2
	maxNameLength = 32
)

// newlines replaces all line endings that clients send by \n. U+2028 and U+2029 come with text
// pasted from layout programs.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// cleanLine returns a single line, such as a name or title, as it is stored: in NFC and without
// blank characters at its ends. ok is false for a text that has to be refused: it is not UTF-8 or
// has a control character (NUL, tab and line breaks included), a line or paragraph separator, or a
// direction control, with which one name can be made to look like another (UTS 39).
func cleanLine(s string) (line string, ok bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.TrimFunc(norm.NFC.String(s), isBlank)
	refused := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || isDirectionControl(r) }
	if strings.ContainsFunc(s, refused) {
		return "", false
	}
	return s, true
}

// cleanText returns a text of several lines as it is stored: as cleanLine does, but tabs and line
// breaks are allowed, all line breaks become \n, and direction controls are removed instead of
// refused. They come invisibly with telephone numbers copied from address books, and nobody could
// find them to take them out.
func cleanText(s string) (text string, ok bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.Map(func(r rune) rune {
		if isDirectionControl(r) {
			return -1
		}
		return r
	}, newlines.Replace(s))
	s = strings.TrimFunc(norm.NFC.String(s), isBlank)
	refused := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if strings.ContainsFunc(s, refused) {
		return "", false
	}
	return s, true
}

// isBlank reports whether a rune is invisible, so that a text of such runes is empty: white space,
// zero-width spaces, and the Hangul fillers and the empty Braille cell, which people use for names
// that nobody can see. Joiners are not blank.
func isBlank(r rune) bool {
	switch r {
	case '\u200b', '\u2060', '\ufeff', '\u3164', '\uffa0', '\u2800':
		return true
	}
	return unicode.IsSpace(r)
}

// isDirectionControl reports whether a rune is an embedding, override or isolate of the
// bidirectional algorithm (UAX 9, sections 2.1 to 2.5). Directional marks, which affect no other
// characters, are not.
func isDirectionControl(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// validName reports whether s, a result of cleanLine, can be the name of an account: 2 to 32
// letters, marks, digits, dots, underscores and hyphens of any script, with a letter or digit
// first. Invisible marks and letters are not allowed, because two different names would look the
// same.
func validName(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	s = norm.NFC.String(s)
	if n := runes(s); n < minNameLength || n > maxNameLength {
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
	if unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
		return false
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '.' || r == '_' || r == '-'
}

// runes returns the length of a text in the unit of all limits of this program: code points. In NFC
// a Hangul syllable is one, as people expect. An emoji may be several, which does not matter for
// limits of hundreds, and programs in any language count it the same way.
func runes(s string) int { return utf8.RuneCountInString(s) }
