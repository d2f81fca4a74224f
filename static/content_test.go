package static

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// styles is a folder of style sheets: all that have to be there, each a comment with its name.
func styles() fstest.MapFS {
	folder := fstest.MapFS{}
	for _, sheet := range sheets {
		folder["css/"+sheet+".css"] = &fstest.MapFile{Data: []byte("/* " + sheet + " */\n")}
	}
	return folder
}

func TestSheets_AreServedAsOneInTheirOrder(t *testing.T) {
	a, err := load(styles())
	if err != nil {
		t.Fatal(err)
	}
	want := "/* " + strings.Join(sheets, " */\n/* ") + " */\n"
	if got := string(a.byAddress[a.addresses["app.css"]].plain); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if len(a.byAddress) != 1 {
		t.Errorf("%d files are served, want the one", len(a.byAddress))
	}
}

func TestSheets_AreThoseOfTheList(t *testing.T) {
	more, fewer := styles(), styles()
	more["css/more.css"] = &fstest.MapFile{}
	delete(fewer, "css/base.css")
	for want, folder := range map[string]fs.FS{
		`style sheet "more" is not in the list of sheets`: more,
		`no style sheet "base"`:                           fewer,
	} {
		if _, err := load(folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

func TestSheets_StaySmallAndFetchNothing(t *testing.T) {
	sheet := embeddedAssets().byAddress[Path("app.css")]
	if n := len(sheet.gzipped); n > 15_000 {
		t.Errorf("app.css has %d bytes compressed, want at most 15,000", n)
	}
	for _, outside := range []string{"http:", "https:", "//fonts", "@import"} {
		if bytes.Contains(sheet.plain, []byte(outside)) {
			t.Errorf("app.css names %q: nothing may be fetched from elsewhere", outside)
		}
	}
}

func TestSheets_AreReadable(t *testing.T) {
	for _, sheet := range sheets {
		content, err := embedded.ReadFile("css/" + sheet + ".css")
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(content), "\n") {
			if n := utf8.RuneCountInString(line); n > 120 {
				t.Errorf("%s.css:%d has %d columns, want at most 120", sheet, i+1, n)
			}
		}
	}
}

// The one of two rules with the same selector that counts is found by nobody.
func TestSheets_HaveOneRuleForASelector(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range rulesOf(string(embeddedAssets().byAddress[Path("app.css")].plain)) {
		if seen[rule] && !strings.HasSuffix(rule, ":root") && !strings.HasPrefix(rule[strings.LastIndex(rule, "{")+1:], "@") {
			t.Errorf("%s: two rules", rule)
		}
		seen[rule] = true
	}
	if len(seen) < 200 {
		t.Errorf("%d rules found: this test sees nothing", len(seen))
	}
}

// rulesOf returns the selector of each rule of a style sheet, behind what it stands in: "@layer
// parts{.card".
func rulesOf(sheet string) []string {
	var rules, open []string
	for {
		at := strings.IndexAny(sheet, "{};/")
		if at < 0 {
			return rules
		}
		text, mark := strings.Join(strings.Fields(sheet[:at]), " "), sheet[at]
		sheet = sheet[at+1:]
		switch mark {
		case '/': // a comment, or a division within a value
			if _, after, ok := strings.Cut(sheet, "*/"); ok && strings.HasPrefix(sheet, "*") {
				sheet = after
			}
		case '{':
			open = append(open, text)
			rules = append(rules, strings.Join(open, "{"))
		case '}':
			open = slices.Delete(open, len(open)-1, len(open))
		}
	}
}
