package views

import (
	"unicode"

	"github.com/rivo/uniseg"
)

// maxLargeEmoji is the largest number of emoji that a message is shown large with.
const maxLargeEmoji = 8

const (
	emojiStyle = '\uFE0F' // variation selector 16: shows as a picture what could be text as well
	keycap     = '\u20E3'

	lightest, darkest = '\U0001F3FB', '\U0001F3FF' // colours of skin, which make a picture as the selector does
)

// pictures holds the characters that are shown as pictures by themselves: the property
// Emoji_Presentation of Unicode 15.0 (UTS #51), the version of package unicode, and U+1F237. From
// U+1F300 on it has whole blocks, with other pictures and most emoji of later versions.
var pictures = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x231A, 0x231B, 1}, {0x23E9, 0x23EC, 1}, {0x23F0, 0x23F0, 1}, {0x23F3, 0x23F3, 1}, {0x25FD, 0x25FE, 1}, {0x2614, 0x2615, 1},
		{0x2648, 0x2653, 1}, {0x267F, 0x267F, 1}, {0x2693, 0x2693, 1}, {0x26A1, 0x26A1, 1}, {0x26AA, 0x26AB, 1}, {0x26BD, 0x26BE, 1},
		{0x26C4, 0x26C5, 1}, {0x26CE, 0x26CE, 1}, {0x26D4, 0x26D4, 1}, {0x26EA, 0x26EA, 1}, {0x26F2, 0x26F3, 1}, {0x26F5, 0x26F5, 1},
		{0x26FA, 0x26FA, 1}, {0x26FD, 0x26FD, 1}, {0x2705, 0x2705, 1}, {0x270A, 0x270B, 1}, {0x2728, 0x2728, 1}, {0x274C, 0x274C, 1},
		{0x274E, 0x274E, 1}, {0x2753, 0x2755, 1}, {0x2757, 0x2757, 1}, {0x2795, 0x2797, 1}, {0x27B0, 0x27B0, 1}, {0x27BF, 0x27BF, 1},
		{0x2B1B, 0x2B1C, 1}, {0x2B50, 0x2B50, 1}, {0x2B55, 0x2B55, 1},
	},
	R32: []unicode.Range32{
		{0x1F004, 0x1F004, 1}, {0x1F0CF, 0x1F0CF, 1}, {0x1F18E, 0x1F18E, 1}, {0x1F191, 0x1F19A, 1}, {0x1F1E6, 0x1F1FF, 1},
		{0x1F201, 0x1F201, 1}, {0x1F21A, 0x1F21A, 1}, {0x1F22F, 0x1F22F, 1}, {0x1F232, 0x1F23A, 1}, {0x1F250, 0x1F251, 1},
		{0x1F300, 0x1F64F, 1}, {0x1F680, 0x1F6FF, 1}, {0x1F7E0, 0x1F7EB, 1}, {0x1F7F0, 0x1F7F0, 1}, {0x1F900, 0x1F9FF, 1},
		{0x1FA70, 0x1FAFF, 1},
	},
}

// emojiOnly reports whether a message is one to maxLargeEmoji emoji and nothing else.
func emojiOnly(body string) bool {
	const longest = maxLargeEmoji * 40 // bytes; a family with skin tones takes 41
	if body == "" || len(body) > longest {
		return false
	}
	n, state, cluster := 0, -1, ""
	for rest := body; rest != ""; {
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		switch {
		case cluster == " " || cluster == "\n":
		case isEmoji([]rune(cluster)):
			n++
		default:
			return false
		}
	}
	return n >= 1 && n <= maxLargeEmoji
}

// isEmoji reports whether one grapheme cluster is an emoji: a picture, a character with the
// variation selector for pictures or a colour of skin, or a keycap.
func isEmoji(cluster []rune) bool {
	first, last := cluster[0], cluster[len(cluster)-1]
	switch {
	case unicode.Is(pictures, first):
		return true
	case last == keycap:
		return first == '#' || first == '*' || first >= '0' && first <= '9'
	}
	colour := len(cluster) > 1 && cluster[1] >= lightest && cluster[1] <= darkest
	return len(cluster) > 1 && (cluster[1] == emojiStyle || colour) && unicode.In(first, unicode.So, unicode.Sm, unicode.Po, unicode.Pd)
}
