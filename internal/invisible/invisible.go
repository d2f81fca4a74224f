// Package invisible knows which characters show nothing, so that no name, title or message is
// empty to the eye, and no two names look the same because of what cannot be seen in one of them.
package invisible

import (
	"strings"
	"unicode"
)

const (
	joinedGraphemes = '\u034f'

	nonJoiner  = '\u200c'
	joiner     = '\u200d'
	textStyle  = '\ufe0e'
	emojiStyle = '\ufe0f'
	keycap     = '\u20e3'
	flag       = '\U0001f3f4'
	tagEnd     = '\U000e007f'
)

// blank holds characters that are drawn as nothing though no property of Unicode says so: the empty
// Braille cell, the object replacement, interlinear annotations, a note without a head, and blanks
// of hieroglyphs.
var blank = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x2800, Hi: 0x2800, Stride: 1}, {Lo: 0xFFF9, Hi: 0xFFFC, Stride: 1}},
	R32: []unicode.Range32{
		{Lo: 0x13430, Hi: 0x1343F, Stride: 1}, {Lo: 0x13441, Hi: 0x13442, Stride: 1}, {Lo: 0x1D159, Hi: 0x1D159, Stride: 1},
	},
}

// Ignorable reports whether a rune has the property Default_Ignorable_Code_Point: alone it is drawn
// as nothing (derived as in DerivedCoreProperties.txt of Unicode).
func Ignorable(r rune) bool {
	switch {
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return true
	case !unicode.Is(unicode.Cf, r):
		return false
	}
	return !unicode.In(r, unicode.Prepended_Concatenation_Mark, blank)
}

// Rune reports whether a rune alone shows nothing: blanks, controls, ignorable characters, and
// marks, which need a letter to stand on.
func Rune(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsMark(r) || Ignorable(r) ||
		unicode.In(r, unicode.Cc, unicode.Z, unicode.Noncharacter_Code_Point, blank)
}

// Only reports whether a text shows nothing at all. The empty text does not.
func Only(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !Rune(r) })
}

// Trim returns a text without what shows nothing at its ends. Marks, joiners, variation selectors
// and tags at its end stay, since they may belong to what is before them. A text that shows nothing
// at all becomes empty.
func Trim(text string) string {
	if Only(text) {
		return ""
	}
	text = strings.TrimLeftFunc(text, func(r rune) bool { return Rune(r) && !unicode.IsMark(r) })
	return strings.TrimRightFunc(text, func(r rune) bool {
		return Rune(r) && !unicode.IsMark(r) && !isTag(r) && r != joiner && r != nonJoiner
	})
}

func isTag(r rune) bool { return r >= '\U000e0020' && r <= tagEnd }

// Strip returns a text without the characters in it that change nothing of what is seen. What stays
// of the ignorable ones: joiners inside of emoji and between letters of scripts that join, the
// variation selectors of emoji, ideographs and Mongolian letters, and the tags of a flag.
func Strip(text string) string {
	if !strings.ContainsFunc(text, strippable) {
		return text
	}
	var kept []rune
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if r == flag {
			n := flagTags(runes[i+1:])
			kept = append(kept, runes[i:i+1+n]...)
			i += n
		} else if !strippable(r) || needed(r, kept, runes[i+1:]) {
			kept = append(kept, r)
		}
	}
	return string(kept)
}

// strippable reports whether a rune stays in a text only where it is needed.
func strippable(r rune) bool { return Ignorable(r) || r >= '\ufff9' && r <= '\ufffc' }

// needed reports whether an ignorable rune changes what is seen, between the runes before and after
// it.
func needed(r rune, before, after []rune) bool {
	if len(before) == 0 {
		return false
	}
	last, next := before[len(before)-1], ' '
	if len(after) > 0 {
		next = after[0]
	}
	switch {
	case r == joiner && pictured(before) && isPicture(next):
		return true
	case r == joiner || r == nonJoiner:
		return joins(last) && joins(next)
	case r == textStyle || r == emojiStyle:
		return isPicture(last) || next == keycap && strings.ContainsRune("0123456789#*", last)
	case r >= '\ufe00' && r <= '\ufe0d' || r >= '\U000e0100' && r <= '\U000e01ef':
		return unicode.Is(unicode.Ideographic, last)
	case unicode.Is(unicode.Variation_Selector, r):
		return unicode.Is(unicode.Mongolian, last) && unicode.IsLetter(last)
	}
	return false
}

// pictured reports whether a text ends in an emoji, with or without its style or skin tone.
func pictured(text []rune) bool {
	last := text[len(text)-1]
	if last == emojiStyle || last == tagEnd {
		return true // of an emoji: others were stripped
	}
	return isPicture(last)
}

// isPicture reports whether a rune may be part of an emoji: symbols, skin tones, and characters
// that this version of package unicode does not know among the blocks of emoji.
func isPicture(r rune) bool {
	return unicode.In(r, unicode.So, unicode.Sm) || strings.ContainsRune("‼⁉〰〽", r) || r >= '\U0001f000' && r <= '\U0001faff'
}

// joins reports whether a rune belongs to a script in which a joiner changes the shape of letters.
func joins(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsMark(r)) && !Ignorable(r) &&
		!unicode.In(r, unicode.Common, unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian,
			unicode.Georgian, unicode.Hebrew, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
			unicode.Thai, unicode.Lao, unicode.Ethiopic, unicode.Cherokee)
}

// flagTags returns how many tag characters after a black flag make it that of a region, as of
// Scotland (UTS #51, ED-14a): 3 to 6 letters and digits, and the end.
func flagTags(after []rune) int {
	for i, r := range after {
		switch {
		case r == tagEnd && i >= 3 && i <= 6:
			return i + 1
		case r < '\U000e0030' || r > '\U000e0039' && r < '\U000e0061' || r > '\U000e007a':
			return 0
		}
	}
	return 0
}

// LimitMarks returns a text with at most n marks on a letter. More of them are piled up over the
// lines above and below, and mean nothing.
func LimitMarks(text string, n int) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		switch {
		case r == joinedGraphemes && marks >= n: // package norm puts it into long piles
			return -1
		case Ignorable(r): // stands between marks without ending the pile
			return r
		case !unicode.In(r, unicode.Mn, unicode.Me):
			marks = 0
			return r
		}
		if marks++; marks > n {
			return -1
		}
		return r
	}, text)
}
