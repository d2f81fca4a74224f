package views

import "slices"

// Languages of the house.
var Languages = []string{"ko", "en"}

// HasLanguage tells whether the house speaks a language.
func HasLanguage(code string) bool { return slices.Contains(Languages, code) }

// LanguageName is what a language calls itself.
func LanguageName(code string) string {
	switch code {
	case "ko":
		return "한국어"
	case "en":
		return "English"
	}
	return code
}
