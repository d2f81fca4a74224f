package handlers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of an account's name, in characters.
const (
	minNameLength = 2
	maxNameLength = 32
)

// newlines are the ways to end a line that clients send, all stored as one. U+2028 and U+2029 come with text pasted out of layout programs.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// cleanLine prepares a name, a title or any other single line for storing: NFC, without white space at the ends; white space inside
// stays as it is. The result is false, and the text has to be refused, when it is not UTF-8 or holds a control character (NUL, tab
// and line breaks included), a line or paragraph separator, or a control of direction, with which one name can be made to look
// like another (UTS 39).
func cleanLine(s string) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.TrimFunc(norm.NFC.String(s), blank)
	refused := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || directs(r) }
	if strings.ContainsFunc(s, refused) {
		return "", false
	}
	return s, true
}

// cleanText does the same for text of several lines. Tabs and line breaks are allowed, all line breaks become \n, and controls of
// direction are dropped instead of refused: they come, unseen, with telephone numbers copied from an address book, and nobody could
// find them to take them out.
func cleanText(s string) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.Map(func(r rune) rune {
		if directs(r) {
			return -1
		}
		return r
	}, newlines.Replace(s))
	s = strings.TrimFunc(norm.NFC.String(s), blank)
	refused := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if strings.ContainsFunc(s, refused) {
		return "", false
	}
	return s, true
}

// blank tells whether a rune is nothing to the eye, so that a text of only such runes is empty: white space, zero-width spaces, and the
// Hangul fillers and the empty Braille cell that people use to have a name nobody can see. Joiners are not among them.
func blank(r rune) bool {
	switch r {
	case '\u200b', '\u2060', '\ufeff', '\u3164', '\uffa0', '\u2800':
		return true
	}
	return unicode.IsSpace(r)
}

// directs tells whether a rune is an embedding, an override or an isolate of the bidirectional algorithm (UAX 9, 2.1 to 2.5). The
// marks, which have no reach beyond themselves, are not.
func directs(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// validName tells whether s can be the name of an account: 2 to 32 letters, marks, digits, dots, underscores and hyphens of any
// script, a letter or a digit first. Marks and letters that cannot be seen are not allowed: two names that look the same would be two.
// It wants what cleanLine returned.
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
	return !strings.ContainsFunc(s, func(r rune) bool { return !inName(r) })
}

// inName tells whether a rune may stand in a name.
func inName(r rune) bool {
	if unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
		return false
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '.' || r == '_' || r == '-'
}

// runes counts the characters of a text in the sense of all limits of this program: code points after NFC. A Hangul syllable is one,
// as everybody expects; an emoji may be several, which nobody minds in limits of hundreds, and which scripts in any language can count.
func runes(s string) int { return utf8.RuneCountInString(s) }
