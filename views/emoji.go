package views

import (
	"unicode"

	"github.com/rivo/uniseg"
)

// maxLargeEmoji is how many emoji a message may have and still be shown large.
const maxLargeEmoji = 8

const (
	emojiStyle = '\uFE0F' // variation selector 16: show as a picture what could be text as well
	keycap     = '\u20E3'
)

// pictures are the characters that begin an emoji and are shown as pictures by themselves (UTS #51, Emoji_Presentation), in whole blocks.
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

// emojiOnly tells messages of one to eight emoji and nothing else, which are shown large.
func emojiOnly(body string) bool {
	const longest = maxLargeEmoji * 40 // a family with skin tones takes 41 bytes; longer is no message for this
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

// isEmoji tells whether one grapheme cluster is an emoji: a picture, a character with the variation selector for pictures, or a key.
func isEmoji(cluster []rune) bool {
	first, last := cluster[0], cluster[len(cluster)-1]
	switch {
	case unicode.Is(pictures, first):
		return true
	case last == keycap:
		return first == '#' || first == '*' || first >= '0' && first <= '9'
	}
	return len(cluster) > 1 && cluster[1] == emojiStyle && unicode.In(first, unicode.So, unicode.Sm, unicode.Po, unicode.Pd)
}
