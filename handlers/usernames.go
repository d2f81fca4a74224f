package handlers

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameFrom makes the name of an account from a display name: its characters that may stand in a
// name, without blanks. It may be shorter than a name has to be, even empty.
func nameFrom(displayName string) string {
	name := strings.Map(func(r rune) rune {
		if !isNameRune(r) {
			return -1
		}
		return r
	}, displayName)
	name = strings.TrimLeftFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for utf8.RuneCountInString(name) > maxNameLength {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}
