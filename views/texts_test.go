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
	set, err := parseFiles("ko", "")
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
		for _, other := range []sentence{text, all["en"][key]} {
			for _, form := range []string{other.one, other.other} {
				if got, want := verbs(form), verbs(text.other); form != "" && !slices.Equal(got, want) {
					t.Errorf("text %q: %q takes %v, ko %v", key, form, got, want)
				}
			}
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
	if got := Text("ko", "no.such", 3); got != "no.such" {
		t.Errorf("got %q", got)
	}
}

func TestText_WritesNumbersAsPeopleDo(t *testing.T) {
	for want, got := range map[string]string{
		"Too long: 10,000 characters at most.": Text("en", "error.too_long", 10_000),
		"너무 깁니다. 최대 10,000자까지 입력할 수 있습니다.":     Text("ko", "error.too_long", 10_000),
		"1 member":      Text("en", "room.members_count", int64(1)),
		"62 members":    Text("en", "room.members_count", 62),
		"0 members":     Text("en", "room.members_count", 0),
		"멤버 1명":         Text("ko", "room.members_count", 1),
		"멤버 1,234,567명": Text("ko", "room.members_count", 1_234_567),
		"Please enter a whole number from 1 to 100.": Text("en", "error.number", 1, 100),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
