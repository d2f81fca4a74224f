package password

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Latin keys of the Korean standard keyboard (KS X 5002), in the order of Unicode's initial, medial
// and final jamo.
var (
	initialKeys = strings.Fields("r R s e E f a q Q t T d w W c z x v g")
	medialKeys  = strings.Fields("k o i O j p u P h hk ho hl y n nj np nl b m ml l")
	finalKeys   = strings.Fields("r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g")
)

// Hangul syllables are 19 initials × 21 medials × 28 finals in order (Unicode, section 3.12). The
// first of the finals is none.
const (
	firstSyllable = '가'
	lastSyllable  = '힣'
	finals        = 28
	medials       = 21
)

// keystrokes returns s with each Hangul syllable replaced by the Latin keys that type it, which is
// how lists of known passwords contain them.
func keystrokes(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		if r < firstSyllable || r > lastSyllable {
			b.WriteRune(r)
			continue
		}
		n := int(r - firstSyllable)
		b.WriteString(initialKeys[n/finals/medials])
		b.WriteString(medialKeys[n/finals%medials])
		if final := n % finals; final > 0 {
			b.WriteString(finalKeys[final-1])
		}
	}
	return b.String()
}

// keystrokesOf returns the keystrokes of each word. It reuses the slice.
func keystrokesOf(words ...string) []string {
	for i, w := range words {
		words[i] = keystrokes(w)
	}
	return words
}
