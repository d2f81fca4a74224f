package db

import "strings"

// nameQuery is what people type to find a person or a room: a part of the name, in which a Hangul
// consonant stands for any syllable that begins with it (초성): "ㅈㅁ" and "지ㅁ" find 지민.
type nameQuery []rune

// newNameQuery reads a query as it was typed. A leading @ or # does not count.
func newNameQuery(text string) nameQuery {
	folded := strings.TrimSpace(foldName(consonantPairs.Replace(strings.TrimSpace(text))))
	return nameQuery(strings.TrimSpace(strings.TrimLeft(folded, "@#")))
}

// consonantPairs takes pairs of consonants apart, which input methods make of two in a row.
var consonantPairs = strings.NewReplacer("ㄳ", "ㄱㅅ", "ㄵ", "ㄴㅈ", "ㄶ", "ㄴㅎ", "ㄺ", "ㄹㄱ", "ㄻ", "ㄹㅁ", "ㄼ", "ㄹㅂ",
	"ㄽ", "ㄹㅅ", "ㄾ", "ㄹㅌ", "ㄿ", "ㄹㅍ", "ㅀ", "ㄹㅎ", "ㅄ", "ㅂㅅ")

// matches reports whether a folded name holds the query. Every name holds an empty one.
func (q nameQuery) matches(folded string) bool {
	if len(q) == 0 {
		return true
	}
	for i := range folded { // at the beginning of each character
		if q.begins(folded[i:]) {
			return true
		}
	}
	return false
}

// begins reports whether a text begins with the query.
func (q nameQuery) begins(text string) bool {
	n := 0
	for _, r := range text {
		if n == len(q) {
			return true
		}
		if r != q[n] && initialOf(r) != q[n] {
			return false
		}
		n++
	}
	return n == len(q)
}

// Hangul syllables stand in the order of their initials, 588 with each of the 19
// (Unicode, section 3.12). Folding a name makes initials of single consonants.
const (
	firstSyllable, lastSyllable = '가', '힣'
	firstInitial                = '\u1100'
	syllablesPerInitial         = 588
)

// initialOf returns the consonant that a Hangul syllable begins with; 0 for other characters.
func initialOf(r rune) rune {
	if r < firstSyllable || r > lastSyllable {
		return 0
	}
	return firstInitial + (r-firstSyllable)/syllablesPerInitial
}
