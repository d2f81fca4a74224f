package views

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// writing is a way of writing names, as far as it matters for the letters that stand for one.
type writing int

const (
	alphabet writing = iota
	hangul
	han
	kana
)

// writingOf tells how a letter is written. Everything that is not East Asian is an alphabet here.
func writingOf(r rune) writing {
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

// word is a run of letters and digits in one way of writing.
type word struct {
	text    string
	writing writing
}

// wordsOf splits a name where its letters end or its writing changes, and keeps the words in the writing of the first:
// "김지민 (Jimin Kim)" is about 김지민. A word begins with a letter; a name without letters but with digits is one word of digits.
func wordsOf(name string) []word {
	runs := runsOf(name, unicode.IsLetter)
	if len(runs) == 0 {
		runs = runsOf(name, unicode.IsDigit)
	}
	words := runs[:0]
	for _, w := range runs {
		if w.writing == runs[0].writing {
			words = append(words, w)
		}
	}
	return words
}

// runsOf finds the runs of graphemes that begin with a rune accepted by begins, each in one way of writing.
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
		w := writingOf(r)
		if !open || runs[len(runs)-1].writing != w {
			runs = append(runs, word{writing: w})
		}
		runs[len(runs)-1].text += bounded(cluster)
		open = true
	}
	return runs
}

// length counts the letters as people see them.
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
