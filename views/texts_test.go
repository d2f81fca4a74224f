package views

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestEveryTextIsUsed(t *testing.T) {
	used := map[string]bool{}
	set, err := parseFiles("ko")
	if err != nil {
		t.Fatal(err)
	}
	for _, tmpl := range set.Templates() {
		if tmpl.Tree != nil {
			for _, key := range textKeys(tmpl.Tree.Root) {
				used[key] = true
			}
		}
	}
	sources := goSources(t)
	all, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	for key := range all["ko"] {
		if !used[key] && !strings.Contains(sources, `"`+key+`"`) {
			t.Errorf("text %q: no template and no Go file uses it", key)
		}
	}
}

// goSources is all Go code of the module without its tests.
func goSources(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	module := os.DirFS("..")
	err := fs.WalkDir(module, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(module, path)
		b.Write(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextsTakeTheSameArgumentsInEveryLanguage(t *testing.T) {
	all, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range all["ko"] {
		if got, want := verbs(all["en"][key]), verbs(text); !slices.Equal(got, want) {
			t.Errorf("text %q: en takes %v, ko %v", key, got, want)
		}
	}
}

// verbs lists what follows each % of a text.
func verbs(text string) []string {
	var out []string
	for _, part := range strings.Split(text, "%")[1:] {
		out = append(out, part[:min(1, len(part))])
	}
	return out
}

func TestTextOfAnUnknownKeyIsTheKey(t *testing.T) {
	if got := Text("ko", "no.such"); got != "no.such" {
		t.Errorf("got %q", got)
	}
	if got, want := Text("en", "error.too_long", 80), "Too long: up to 80 characters are possible."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
