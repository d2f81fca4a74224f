package views

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// script is a way of writing, as far as it matters for initials.
type script int

const (
	alphabet script = iota
	hangul
	han
	kana
)

// scriptOf returns the script of a letter; alphabet for everything that is not East Asian.
func scriptOf(r rune) script {
	switch {
	case unicode.Is(unicode.Hangul, r):
		return hangul
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return kana
	default:
		return alphabet
	}
}

// word is a run of letters and digits in one script.
type word struct {
	text   string
	script script
}

// wordsOf splits a name where its letters end or the script changes, and returns the words in the
// script of the first: of "김지민 (Jimin Kim)" only 김지민. A word begins with a letter; a name
// without letters is split into runs of digits.
func wordsOf(name string) []word {
	runs := runsOf(name, unicode.IsLetter)
	if len(runs) == 0 {
		runs = runsOf(name, unicode.IsDigit)
	}
	words := runs[:0]
	for _, w := range runs {
		if w.script == runs[0].script {
			words = append(words, w)
		}
	}
	return words
}

// runsOf returns the runs of graphemes whose first rune is visible and accepted by begins, each run
// in one script.
func runsOf(name string, begins func(rune) bool) []word {
	var runs []word
	open := false
	for rest, state := name, -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		r := []rune(cluster)[0]
		if !begins(r) || !visible(r) {
			open = false
			continue
		}
		s := scriptOf(r)
		if !open || runs[len(runs)-1].script != s {
			runs = append(runs, word{script: s})
		}
		runs[len(runs)-1].text += bounded(cluster)
		open = true
	}
	return runs
}

// length returns the number of letters as people see them: graphemes.
func (w word) length() int { return uniseg.GraphemeClusterCount(w.text) }

// letters returns the first n letters.
func (w word) letters(n int) string {
	return strings.TrimSuffix(w.text, w.from(n))
}

// from returns what follows the first n letters.
func (w word) from(n int) string {
	rest := w.text
	for state := -1; n > 0 && rest != ""; n-- {
		_, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
	}
	return rest
}
