package views

import "slices"

// Languages are the codes of all languages that there are texts in; the first is the default.
var Languages = []string{"ko", "en"}

// HasLanguage reports whether code is one of Languages.
func HasLanguage(code string) bool { return slices.Contains(Languages, code) }

// LanguageName returns the name of a language in that language, or the code of an unknown one.
func LanguageName(code string) string {
	switch code {
	case "ko":
		return "한국어"
	case "en":
		return "English"
	}
	return code
}
