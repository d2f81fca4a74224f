package db

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sarangbang/internal/markup"
)

const (
	// maxMentions is how many names one message can mention.
	maxMentions = 20
	// minName and maxName are the length of a name in characters.
	minName, maxName = 2, 32
)

// particles follow a Korean name without a space: "@지민님이" mentions 지민. Longer ones stand
// before their own endings.
var particles = []string{
	"님들", "에게서", "한테서", "이랑", "에게", "한테", "께서", "이가", "으로", "부터", "까지", "처럼", "보다", "이나", "이는", "이야", "이의",
	"님", "씨", "은", "는", "이", "가", "을", "를", "의", "와", "과", "랑", "도", "만", "께", "아", "야", "나", "로",
}

// MentionedNames returns the names that a message may mention with @, in lower case, each once:
// what may be a name with particles counts with and without them.
func MentionedNames(body string) []string {
	var found []string
	for _, word := range mentionedWords(body) {
		for _, name := range word.names {
			if len(found) < maxMentions && !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
	}
	return found
}

// mentionedWord is a word after @.
type mentionedWord struct {
	at, name int      // where the @ and the name begin, in bytes of the body
	names    []string // that it may stand for, in lower case, the longest first
}

// span returns the part of a body that is the @ and one of the names, in bytes.
func (w mentionedWord) span(body, name string) (at, length int) {
	end := w.name
	for range utf8.RuneCountInString(name) {
		_, size := utf8.DecodeRuneInString(body[end:])
		end += size
	}
	return w.at, end - w.at
}

// mentionedWords returns the words after @ of a message, at most maxMentions. What stands in code
// and in addresses mentions nobody.
func mentionedWords(body string) []mentionedWord {
	if !strings.ContainsAny(body, "@＠") {
		return nil
	}
	var words []mentionedWord
	doc := markup.Parse(body)
	for _, token := range doc.Tokens {
		if token.Kind == markup.Text {
			words = appendWords(words, doc.Source, token.At, token.At+len(token.Text))
		}
	}
	return words
}

// appendWords appends the words after @ in a part of a text.
func appendWords(words []mentionedWord, text string, from, to int) []mentionedWord {
	for len(words) < maxMentions {
		at := strings.IndexAny(text[from:to], "@＠")
		if at < 0 {
			return words
		}
		at += from
		_, size := utf8.DecodeRuneInString(text[at:])
		name := nameAt(text[at+size:])
		from = min(at+size+len(name), to)
		if isMail(text[:at]) {
			continue
		}
		if names := candidates(strings.ToLower(name)); len(names) > 0 {
			words = append(words, mentionedWord{at: at, name: at + size, names: names})
		}
	}
	return words
}

// isMail reports whether an @ behind a text is that of a mail address: behind letters and digits,
// but not of a script whose words follow each other without a space ("안녕@지민").
func isMail(before string) bool {
	before = before[max(0, len(before)-maxName):]
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(before, "._-"))
	return isNameRune(last) && !unicode.In(last, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// nameAt returns the longest prefix of s that could be a name.
func nameAt(s string) string {
	if end := strings.IndexFunc(s, func(r rune) bool { return !isNameRune(r) }); end >= 0 {
		return s[:end]
	}
	return s
}

func isNameRune(r rune) bool {
	return r == '.' || r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// candidates returns the names that a word after @ may stand for.
func candidates(word string) []string {
	var out []string
	add := func(name string) {
		if n := utf8.RuneCountInString(name); n >= minName && n <= maxName && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	add(word)
	word = strings.TrimRight(word, ".-_")
	add(word)
	for range 2 { // "지민님께서": an honorific and a particle
		for _, particle := range particles {
			if shorter, ok := strings.CutSuffix(word, particle); ok {
				word = shorter
				add(word)
				break
			}
		}
	}
	return out
}
