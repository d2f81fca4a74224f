package views

import (
	"strings"
	"unicode/utf8"
)

// From here on a message is long.
const (
	longCharacters = 1500
	longLines      = 30
)

// isLong reports whether a text takes so much of the log that it is folded.
func isLong(body string) bool {
	return len(body) > longCharacters && utf8.RuneCountInString(body) > longCharacters || strings.Count(body, "\n") >= longLines
}
