package handlers

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestCleanLine(t *testing.T) {
	for name, c := range map[string]struct {
		in, want string
		ok       bool
	}{
		"plain":                       {"사랑방", "사랑방", true},
		"empty":                       {"", "", true},
		"white space at the ends":     {" \t\u3000사랑방\r\n", "사랑방", true},
		"white space inside":          {"the  old\u00a0house", "the  old\u00a0house", true},
		"decomposed":                  {"\u1109\u1161\u1105\u1161\u11bc", "사랑", true},
		"nothing to see":              {"\u200b\u3164\u2800\ufeff", "", true},
		"emoji of several characters": {"👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦", true},
		"joiner inside":               {"می\u200cخواهم", "می\u200cخواهم", true},
		"mark of direction":           {"a\u200eb", "a\u200eb", true},
		"invalid utf-8":               {"a\xffb", "", false},
		"surrogate":                   {"a\xed\xa0\x80b", "", false},
		"nul":                         {"a\x00b", "", false},
		"line break inside":           {"a\nb", "", false},
		"tab inside":                  {"a\tb", "", false},
		"escape":                      {"a\x1b[31mb", "", false},
		"delete":                      {"a\x7fb", "", false},
		"c1 control":                  {"a\u009bb", "", false},
		"line separator":              {"a\u2028b", "", false},
		"paragraph separator":         {"a\u2029b", "", false},
		"override":                    {"a\u202eb", "", false},
		"isolate":                     {"a\u2067b", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := cleanLine(c.in); got != c.want || ok != c.ok {
				t.Errorf("got %q, %v, want %q, %v", got, ok, c.want, c.ok)
			}
		})
	}
}

func TestCleanText(t *testing.T) {
	for name, c := range map[string]struct {
		in, want string
		ok       bool
	}{
		"plain":                     {"안녕", "안녕", true},
		"empty":                     {" \r\n\t ", "", true},
		"line breaks of all kinds":  {"a\r\nb\rc\nd\u2028e\u2029f", "a\nb\nc\nd\ne\nf", true},
		"tabs inside":               {"a\n\tb", "a\n\tb", true},
		"indented second line":      {"\n\na\n  b\n\n", "a\n  b", true},
		"number of an address book": {"\u202a+82 10 1234\u202c", "+82 10 1234", true},
		"override":                  {"a\u202eb", "ab", true},
		"isolates":                  {"a\u2066b\u2069", "ab", true},
		"decomposed":                {"\u1109\u1161\u1105\u1161\u11bc", "사랑", true},
		"invalid utf-8":             {"\xc3", "", false},
		"nul":                       {"a\x00", "a", true},
		"escape":                    {"\x1b[2J", "[2J", true},
		"nothing but controls":      {"\x00\b\x1b\u009b", "", true},
		"backspace and c1 control":  {"가\b나\u009b다", "가나다", true},
		"breaks of word processors": {"가\v나\f다\u0085라", "가\n나\n다\n라", true},
		"an emoji at the end":       {" ❤\ufe0f\u200b", "❤\ufe0f", true},
		"what is invisible inside":  {"a\u200bb\u00adc", "a\u200bb\u00adc", true},
		"nothing to see":            {"\u200d\u115f\ufe0f\U000e0041", "", true},
		"piled-up marks":            {"z" + strings.Repeat("\u0301", 60), "ź" + strings.Repeat("\u0301", 8), true},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := cleanText(c.in); got != c.want || ok != c.ok {
				t.Errorf("got %q, %v, want %q, %v", got, ok, c.want, c.ok)
			}
		})
	}
}

// wantClean fails unless a cleaned text has the properties that all of them have.
func wantClean(t *testing.T, clean func(string) (string, bool), in string, allowed string) {
	got, ok := clean(in)
	if !ok {
		if got != "" {
			t.Errorf("%q is refused, but %q is returned", in, got)
		}
		return
	}
	if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) || strings.TrimSpace(got) != got {
		t.Errorf("%q became %q: not valid, not NFC or not trimmed", in, got)
	}
	for _, r := range got {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) && r != '\u200e' && r != '\u200f' && r != '\u061c' &&
			!strings.ContainsRune(allowed, r) {
			t.Errorf("%q became %q, which has %U", in, got, r)
		}
	}
	if again, ok := clean(got); again != got || !ok {
		t.Errorf("%q became %q, which becomes %q, %v", in, got, again, ok)
	}
}

func addTexts(f *testing.F) {
	for _, s := range []string{"", "안녕 ", "a\r\n\u202eb", "\u200b \u0301a", "\xff", "\u1100\u1161\u11a8", "a\u2028\u2067\u0323\u0307"} {
		f.Add(s)
	}
}

func FuzzCleanLine(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, in string) { wantClean(t, cleanLine, in, "") })
}

func FuzzCleanLabel(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, in string) { wantClean(t, cleanLabel, in, "") })
}

func FuzzCleanText(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, in string) { wantClean(t, cleanText, in, "\n\t") })
}

func TestCleanLabel(t *testing.T) {
	for name, c := range map[string]struct {
		in, want string
		ok       bool
	}{
		"plain":               {" 김지민 ", "김지민", true},
		"white space inside":  {"the  old\u00a0house", "the  old\u00a0house", true},
		"soft hyphen":         {"\u00ad", "", true},
		"joiner":              {"\u200d", "", true},
		"invisible separator": {"\u2063", "", true},
		"vowel separator":     {"\u180e", "", true},
		"jamo fillers":        {"\u115f\u1160", "", true},
		"tags":                {"\U000e0041\U000e0042", "", true},
		"grapheme joiner":     {"\u034f", "", true},
		"direction marks":     {"\u200e\u200f", "", true},
		"replaced object":     {"\ufffc", "", true},
		"marks alone":         {"\u0301\u0302", "", true},
		"looks like admin1":   {"ad\u200bm\u200din1\u00ad", "admin1", true},
		"joiner in Persian":   {"می\u200cخواهم", "می\u200cخواهم", true},
		"family":              {"👩\u200d👩\u200d👧\u200d👦", "👩\u200d👩\u200d👧\u200d👦", true},
		"piled-up marks":      {"z" + strings.Repeat("\u0301", 60) + "a", "ź" + strings.Repeat("\u0301", 4) + "a", true},
		"marks held apart":    {"e\u034f\u0301", "é", true},
		"override":            {"a\u202eb", "", false},
		"tab inside":          {"a\tb", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := cleanLabel(c.in); got != c.want || ok != c.ok {
				t.Errorf("got %q, %v, want %q, %v", got, ok, c.want, c.ok)
			}
		})
	}
}

func TestValidName(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want bool
	}{
		"latin":                      {"alice", true},
		"hangul":                     {"지민", true},
		"decomposed hangul":          {"\u110c\u1175\u1106\u1175\u11ab", true},
		"jamo that are laughed":      {"ㅋㅋ", true},
		"dots, lines, digits":        {"kim.ji-min_2", true},
		"digits first":               {"2pac", true},
		"japanese":                   {"田中さくら", true},
		"accents":                    {"zoé", true},
		"devanagari with its marks":  {"हिन्दी", true},
		"32 characters":              {strings.Repeat("가", 32), true},
		"33 characters":              {strings.Repeat("가", 33), false},
		"one character":              {"a", false},
		"one syllable in three jamo": {"\u1100\u1161\u11a8", false},
		"empty":                      {"", false},
		"a dot first":                {".alice", false},
		"a mark first":               {"\u0301lice", false},
		"a space":                    {"kim jimin", false},
		"an at sign":                 {"@alice", false},
		"a slash":                    {"a/b", false},
		"markup":                     {"<script>", false},
		"emoji":                      {"fox🦊", false},
		"zero width space":           {"ali\u200bce", false},
		"zero width joiner":          {"ali\u200dce", false},
		"hangul filler":              {"\u3164\u3164", false},
		"invisible mark":             {"alice\ufe0f", false},
		"override":                   {"ali\u202ece", false},
		"nul":                        {"ali\x00ce", false},
		"invalid utf-8":              {"ali\xffce", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := validName(c.in); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func FuzzValidName(f *testing.F) {
	f.Add("지민")
	f.Fuzz(func(t *testing.T, in string) {
		if !validName(in) {
			return
		}
		if clean, ok := cleanLine(in); !ok || !validName(clean) || strings.ContainsAny(in, " <>&\"'/@\n") {
			t.Errorf("%q is a valid name, but not a clean line", in)
		}
	})
}

func TestRunes(t *testing.T) {
	for in, want := range map[string]int{"": 0, "abc": 3, "지민": 2, "👩‍👩‍👧‍👦": 7} {
		if got := runes(in); got != want {
			t.Errorf("%q has %d characters, want %d", in, got, want)
		}
	}
}
