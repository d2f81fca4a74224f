// Command generate writes emoji.tsv from the npm package emojibase-data, unpacked into the folder
// that its argument names. It ends with status 1 where the package is not as expected.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	pictureByDefault = 1 // the property Emoji_Presentation
	emojiStyle       = "\uFE0F"
	modifiers        = 2 // the group of colours of skin and hair alone
)

// entry is an emoji in data.json of the package.
type entry struct {
	Label   string   `json:"label"`
	Hexcode string   `json:"hexcode"`
	Tags    []string `json:"tags"`
	Emoji   string   `json:"emoji"`
	Type    int      `json:"type"`
	Group   *int     `json:"group"` // nil: a component
	Skins   []entry  `json:"skins"`
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string) error {
	var english, korean []entry
	var codes map[string]any
	for file, into := range map[string]any{"en/data.json": &english, "ko/data.json": &korean, "en/shortcodes/github.json": &codes} {
		b, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			return err
		}
		if err := json.Unmarshal(b, into); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	other := map[string]entry{}
	for _, e := range korean {
		other[e.Hexcode] = e
	}
	out, err := os.Create("emoji.tsv")
	if err != nil {
		return err
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	for _, e := range english {
		if e.Group == nil || *e.Group == modifiers {
			continue
		}
		skins := make([]string, len(e.Skins))
		for i, s := range e.Skins {
			skins[i] = qualified(s)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", *e.Group, qualified(e), strings.Join(skins, " "), codesOf(codes[e.Hexcode]), names(e), names(other[e.Hexcode]))
	}
	return w.Flush()
}

// qualified returns an emoji without a variation selector that it does not need: the package gives
// one to all that could be shown as text.
func qualified(e entry) string {
	if bare := strings.TrimSuffix(e.Emoji, emojiStyle); e.Type == pictureByDefault && len([]rune(bare)) == 1 {
		return bare
	}
	return e.Emoji
}

// names returns the name of an emoji and the words under which it is found, with bars between.
func names(e entry) string { return strings.Join(append([]string{e.Label}, e.Tags...), "|") }

// codesOf returns short codes, which are a text or a list of texts.
func codesOf(codes any) string {
	switch codes := codes.(type) {
	case string:
		return codes
	case []any:
		words := make([]string, len(codes))
		for i, code := range codes {
			words[i] = fmt.Sprint(code)
		}
		return strings.Join(words, " ")
	}
	return ""
}
