package views

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

// photoColours are twelve hues, 30° apart, of one calm lightness: oklch(52% 0.1 h), less chroma where sRGB ends. White text on any
// of them has a contrast of at least 5.2:1 (WCAG AA asks for 4.5:1), and they stand out from a white page as from a black one.
var photoColours = [...]string{
	"#9a4f56", "#985535", "#8a5f18", "#726c19", "#4f7638", "#1c7b5a",
	"#1e7777", "#1b7390", "#3f6aa1", "#6360a0", "#7e5690", "#915076",
}

const (
	// unknownInitial is drawn for a name without anything visible in it.
	unknownInitial = "?"
	// maxLetterRunes bounds what counts as one letter: a family of four emoji has 11 code points, a hostile stack of accents thousands.
	maxLetterRunes = 12
)

// Initials draws the photo of somebody who has none: an SVG with one to three letters, Hangul included, on a colour chosen by id.
//
// People are called by their given name in Korea, China and Japan, so 김지민 becomes 지민; in scripts with words of letters it is the
// first letter of the first and of the last word, Alice Liddell becomes AL. The same arguments always give the same bytes.
func Initials(id int64, displayName string) []byte {
	text := initialsOf(displayName)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="128" height="128">`+
		`<rect width="128" height="128" fill="%s"/>`+
		`<text x="64" y="64" text-anchor="middle" dominant-baseline="central" font-size="%d" font-weight="600" fill="#fff" `+
		`font-family="%s">`, photoColour(id), letterSize(text),
		`system-ui, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', sans-serif`)
	// A bytes.Buffer accepts everything, so there is no error to look at.
	_ = xml.EscapeText(&b, []byte(text))
	b.WriteString(`</text></svg>`)
	return b.Bytes()
}

// photoColour walks the circle of hues in steps of 150°, so that people who came one after the other look different.
func photoColour(id int64) string {
	return photoColours[uint64(id)*5%uint64(len(photoColours))]
}

// letterSize fits the widest letters, 지민 as WM, into the circle that a photo is usually cut to.
func letterSize(text string) int {
	if uniseg.GraphemeClusterCount(text) == 1 {
		return 64
	}
	return 46
}

// initialsOf chooses the letters.
func initialsOf(name string) string {
	words := wordsOf(norm.NFC.String(strings.ToValidUTF8(name, "")))
	if len(words) == 0 {
		return firstSymbol(name)
	}
	first, last := words[0], words[len(words)-1]
	switch first.writing {
	case hangul, han:
		return givenName(words)
	case kana:
		return first.letters(2)
	default:
		if len(words) == 1 {
			return strings.ToUpper(first.letters(1))
		}
		return strings.ToUpper(first.letters(1) + last.letters(1))
	}
}

// givenName leaves the family name out of names whose words are of syllables: 김지민 and 남궁지민 are 지민, as is 김 지민.
func givenName(words []word) string {
	if len(words) == 2 && words[0].length() <= 2 && words[1].length() == 2 && familyName(words[0].text) {
		return words[1].text
	}
	w := words[0]
	if n := w.length(); n == 3 || n == 4 {
		return w.from(n - 2)
	}
	return w.letters(2)
}

// familyName tells whether a word can be one: one syllable, one or two Han characters, or one of the usual Korean ones of two syllables.
func familyName(text string) bool {
	if utf8.RuneCountInString(text) == 1 {
		return true
	}
	switch text {
	case "남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방", "어금", "망절":
		return true
	}
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.Is(unicode.Han, r)
}

// firstSymbol is for names without a letter: the first thing that can be seen, an emoji for example.
func firstSymbol(name string) string {
	for rest, state := strings.ToValidUTF8(name, ""), -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if strings.ContainsFunc(cluster, visible) {
			return bounded(cluster)
		}
	}
	return unknownInitial
}

// visible tells whether a rune leaves a mark of its own. Hangul fillers are letters for Unicode and nothing for the eye.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && r != '\u2800'
}

// bounded cuts a letter that is made of more code points than any real one.
func bounded(letter string) string {
	n := 0
	for i := range letter {
		if n == maxLetterRunes {
			return letter[:i]
		}
		n++
	}
	return letter
}
