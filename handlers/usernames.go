package handlers

import "unicode"

// nameFrom makes the name of an account from a display name: its characters that may stand in a
// name together with those before them, without blanks. It may be shorter than a name has to be,
// even empty.
func nameFrom(displayName string) string {
	var name []rune
	for i, r := range []rune(displayName[:min(len(displayName), longestInput)]) {
		if i == maxDisplayName || len(name) == maxNameLength {
			break
		}
		first := len(name) == 0
		if isNameRune(r) && (!first || unicode.IsLetter(r) || unicode.IsDigit(r)) && !mixesScripts(string(append(name, r))) {
			name = append(name, r)
		}
	}
	return string(name)
}
