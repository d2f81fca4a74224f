// Package emoji knows all emoji of Unicode 17.0 with their names in English and Korean.
//
// The data is that of the npm package emojibase-data (VENDORED.md), which takes the names from the
// Unicode CLDR; generate writes it to emoji.tsv.
package emoji

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

//go:generate go run ./generate emojibase-data

//go:embed emoji.tsv
var table string

// Emoji is one emoji without the colours of its skin.
type Emoji struct {
	Text  string            // the characters, fully qualified
	Name  map[string]string // by language, "en" and "ko"
	Group Group
	Codes []string // short codes without colons: "thumbsup"
	skins []string
	words []string // folded, under which it is found
}

// Group is a part of all emoji, in the order of Unicode.
type Group string

// Groups are all groups in their order.
var Groups = []Group{"smileys", "people", "animals", "food", "travel", "activities", "objects", "symbols", "flags"}

// groupsByNumber are the groups as the table numbers them; 2 has nothing of its own to show.
var groupsByNumber = map[string]Group{
	"0": "smileys", "1": "people", "3": "animals", "4": "food", "5": "travel", "6": "activities", "7": "objects", "8": "symbols", "9": "flags",
}

// all is read from the table when an emoji is first asked for.
var all = sync.OnceValue(readTable)

// index is the emoji by their characters without variation selectors, in all colours.
type index struct {
	list []*Emoji
	text map[string]variant
}

// variant is an emoji in one colour.
type variant struct {
	text  string // fully qualified
	emoji *Emoji
}

func readTable() index {
	i := index{text: map[string]variant{}}
	for line := range strings.Lines(table) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		english, korean := strings.Split(fields[4], "|"), strings.Split(fields[5], "|")
		e := &Emoji{
			Text: fields[1], Group: groupsByNumber[fields[0]], skins: strings.Fields(fields[2]), Codes: strings.Fields(fields[3]),
			Name: map[string]string{"en": english[0], "ko": korean[0]},
		}
		for _, word := range slices.Concat(korean, english, e.Codes) {
			e.words = append(e.words, fold(word))
		}
		i.list = append(i.list, e)
		for _, text := range append(e.skins, e.Text) {
			i.text[bare(text)] = variant{text, e}
		}
	}
	return i
}

// Qualified returns the fully qualified form of one emoji, which may be in any colour of skin. It
// reports whether the text is one.
func Qualified(text string) (string, bool) {
	v, ok := all().text[bare(text)]
	return v.text, ok
}

// Name returns the name of an emoji in a language, "en" or "ko", without the colour of its skin;
// the text itself where it is no emoji.
func Name(text, language string) string {
	if v, ok := all().text[bare(text)]; ok {
		return v.emoji.Name[language]
	}
	return text
}

// In returns the emoji of a group in the order of Unicode; nil for a group that does not exist. The
// caller must not change them.
func In(group Group) []*Emoji {
	var found []*Emoji
	for _, e := range all().list {
		if e.Group == group {
			found = append(found, e)
		}
	}
	return found
}

// Find returns at most limit emoji that have all words of a query in their names, in either
// language: first those where a name begins with the query. An emoji itself finds itself.
func Find(query string, limit int) []*Emoji {
	query = fold(query)
	words := strings.Fields(query)
	if len(words) == 0 {
		return nil
	}
	var first, others []*Emoji
	for _, e := range all().list {
		switch {
		case e.Text == query || slices.ContainsFunc(e.words, func(w string) bool { return strings.HasPrefix(w, query) }):
			first = append(first, e)
		case e.has(words):
			others = append(others, e)
		}
	}
	found := append(first, others...)
	return found[:min(len(found), limit)]
}

// has reports whether each word is part of a name.
func (e *Emoji) has(words []string) bool {
	for _, word := range words {
		if !slices.ContainsFunc(e.words, func(w string) bool { return strings.Contains(w, word) }) {
			return false
		}
	}
	return true
}

// bare returns an emoji without variation selectors, which are left out often.
func bare(text string) string { return strings.ReplaceAll(text, "\uFE0F", "") }

// fold returns a text as names are compared: composed and in lower case, with blanks for the signs
// of short codes.
func fold(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '_' || r == ':' {
			return ' '
		}
		return r
	}, strings.ToLower(norm.NFC.String(text))))
}
