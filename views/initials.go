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

	"sarangbang/internal/invisible"
)

// photoColours are twelve hues, 30° apart, of one lightness: oklch(52% 0.1 h), with less chroma
// where sRGB ends. White text on any of them has a contrast of at least 5.2:1 (WCAG AA requires
// 4.5:1), and they stand out from a white page and from a black one.
var photoColours = [...]string{
	"#9a4f56", "#985535", "#8a5f18", "#726c19", "#4f7638", "#1c7b5a",
	"#1e7777", "#1b7390", "#3f6aa1", "#6360a0", "#7e5690", "#915076",
}

const (
	// unknownInitial is drawn for a name without anything visible in it.
	unknownInitial = "?"
	// maxLetterRunes is how many code points of one letter are drawn: a family of four emoji has
	// 11, a hostile stack of accents thousands.
	maxLetterRunes = 12
)

// Initials returns the photo of a user without one: an SVG with one or two letters of the display
// name on a colour chosen by id. The same arguments always give the same bytes.
//
// In Korea, China and Japan people are called by their given name, so 김지민 becomes 지민. In
// alphabets it is the first letter of the first and of the last word: Alice Liddell becomes AL.
func Initials(id int64, displayName string) []byte {
	text := initialsOf(displayName)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="128" height="128">`+
		`<rect width="128" height="128" fill="%s"/>`+
		`<text x="64" y="64" text-anchor="middle" dominant-baseline="central" font-size="%d" font-weight="600" fill="#fff" `+
		`font-family="%s">`, photoColour(id), letterSize(text),
		`system-ui, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', sans-serif`)
	// A bytes.Buffer accepts everything, so there is no error.
	_ = xml.EscapeText(&b, []byte(text))
	b.WriteString(`</text></svg>`)
	return b.Bytes()
}

// photoColour returns the colour of a user. Consecutive ids are 150° apart, so that people who
// signed up one after the other look different.
func photoColour(id int64) string {
	return photoColours[uint64(id)*5%uint64(len(photoColours))]
}

// letterSize returns the size of the font at which the widest letters (지민, WM) fit into the
// circle that a photo is cut to.
func letterSize(text string) int {
	if uniseg.GraphemeClusterCount(text) == 1 {
		return 64
	}
	return 46
}

// initialsOf returns the letters for a display name.
func initialsOf(name string) string {
	words := wordsOf(norm.NFC.String(strings.ToValidUTF8(name, "")))
	if len(words) == 0 {
		return firstSymbol(name)
	}
	first, last := words[0], words[len(words)-1]
	switch first.script {
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

// givenName returns a name in Hangul or Han without the family name: 지민 of 김지민, 남궁지민 and
// 김 지민.
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

// familyName reports whether a word can be a family name: one syllable, Han characters, or one of
// the Korean names of two syllables.
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

// firstSymbol returns the first visible character of a name without letters, an emoji for example.
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

// visible reports whether a rune is drawn as something by itself.
func visible(r rune) bool { return unicode.IsGraphic(r) && !invisible.Rune(r) }

// bounded returns a letter cut to maxLetterRunes code points, more than any real letter has.
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
