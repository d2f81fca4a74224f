package db

import (
	"slices"
	"strings"
	"unicode"
)

// nameQuery is what people type to find a person or a room: a part of the name, in which a Hangul
// consonant stands for any syllable that begins with it (초성): "ㅈㅁ" and "지ㅁ" find 지민. Blanks
// and punctuation count neither here nor in names, unless nothing else is typed. What is being
// typed counts both as it stands and as it may go on: "짐" is on its way to 지민, "지" to 짐, "갑"
// to 값. Scripts find names by the same rule (static/js/hangul.js).
type nameQuery struct {
	text string // as names are compared; empty: every name holds the query
	// ways are the letters that the query stands for; none where text is punctuation alone, which
	// is looked for as it is.
	ways [][]nameLetter
}

// nameLetter is a letter of a query: it stands for itself and for the syllables from first to last.
type nameLetter struct{ itself, first, last rune }

// newNameQuery reads a query as it was typed.
func newNameQuery(text string) nameQuery {
	folded := foldName(consonantPairs.Replace(text))
	q := nameQuery{text: nameLetters(folded)}
	if q.text == "" {
		q.text = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(folded), "@#"))
		return q
	}
	letters := []rune(q.text)
	typed, last := lettersOf(letters), letters[len(letters)-1]
	q.ways = [][]nameLetter{typed}
	if last < firstSyllable || last > lastSyllable {
		return q
	}
	before, open := letters[:len(letters)-1], last-(last-firstSyllable)%syllablesPerVowel
	if open == last {
		typed[len(typed)-1].last = last + syllablesPerVowel - 1
		return q
	}
	for final := last - open + 1; final < syllablesPerVowel; final++ {
		if strings.HasPrefix(syllableFinals[final], syllableFinals[last-open]) { // 갑 is on its way to 값
			typed[len(typed)-1].last = open + final
		}
	}
	consonants := []rune(syllableFinals[last-open])
	q.ways = append(q.ways, lettersOf(append(append(slices.Clone(before), open), consonants...)))
	if len(consonants) == 2 { // 값 is on its way to 갑시 as well
		kept := open + rune(slices.Index(syllableFinals[:], string(consonants[0])))
		q.ways = append(q.ways, lettersOf(append(slices.Clone(before), kept, consonants[1])))
	}
	return q
}

// consonantPairs takes pairs of consonants apart, which input methods make of two in a row.
var consonantPairs = strings.NewReplacer("ㄳ", "ㄱㅅ", "ㄵ", "ㄴㅈ", "ㄶ", "ㄴㅎ", "ㄺ", "ㄹㄱ", "ㄻ", "ㄹㅁ", "ㄼ", "ㄹㅂ",
	"ㄽ", "ㄹㅅ", "ㄾ", "ㄹㅌ", "ㄿ", "ㄹㅍ", "ㅀ", "ㄹㅎ", "ㅄ", "ㅂㅅ")

// Hangul syllables stand in the order of their initials, of which there are 19, then of their
// vowels, then of their finals (Unicode, section 3.12). Folding a name makes initials of single
// consonants.
const (
	firstSyllable, lastSyllable = '가', '힣'
	firstInitial, lastInitial   = '\u1100', '\u1112'
	syllablesPerInitial         = 588
	syllablesPerVowel           = 28
)

// syllableFinals are the finals of syllables, as the initials that are typed for them.
var syllableFinals = [syllablesPerVowel]string{
	"", "\u1100", "\u1101", "\u1100\u1109", "\u1102", "\u1102\u110c", "\u1102\u1112", "\u1103", "\u1105", "\u1105\u1100",
	"\u1105\u1106", "\u1105\u1107", "\u1105\u1109", "\u1105\u1110", "\u1105\u1111", "\u1105\u1112", "\u1106", "\u1107",
	"\u1107\u1109", "\u1109", "\u110a", "\u110b", "\u110c", "\u110e", "\u110f", "\u1110", "\u1111", "\u1112",
}

// lettersOf returns what letters stand for: a consonant for the syllables that begin with it.
func lettersOf(text []rune) []nameLetter {
	letters := make([]nameLetter, len(text))
	for i, r := range text {
		letters[i] = nameLetter{itself: r, first: r, last: r}
		if firstInitial <= r && r <= lastInitial {
			first := firstSyllable + (r-firstInitial)*syllablesPerInitial
			letters[i] = nameLetter{itself: r, first: first, last: first + syllablesPerInitial - 1}
		}
	}
	return letters
}

// nameLetters returns a folded name without what does not count when names are searched: blanks,
// punctuation and invisible characters.
func nameLetters(folded string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || !unicode.In(r, unicode.Z, unicode.P, unicode.Cc, unicode.Cf) {
			return r
		}
		return -1
	}, folded)
}

// matches reports whether a folded name holds the query.
func (q nameQuery) matches(folded string) bool {
	if len(q.ways) == 0 {
		return strings.Contains(folded, q.text)
	}
	letters := nameLetters(folded)
	for i := range letters { // at the beginning of each character
		if slices.ContainsFunc(q.ways, func(way []nameLetter) bool { return begins(letters[i:], way) }) {
			return true
		}
	}
	return false
}

// begins reports whether a text begins with the letters of a query.
func begins(text string, query []nameLetter) bool {
	n := 0
	for _, r := range text {
		if n == len(query) {
			return true
		}
		if l := query[n]; r != l.itself && (r < l.first || r > l.last) {
			return false
		}
		n++
	}
	return n == len(query)
}
