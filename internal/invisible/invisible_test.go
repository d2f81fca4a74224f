package invisible

import (
	"strings"
	"testing"
)

func TestStrip_KeepsOnlyWhatChangesWhatIsSeen(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"지민 A":                   "지민 A",
		"ad\u200bmin1":           "admin1",
		"ad\u200dmin1":           "admin1",
		"ad\u00admin":            "admin",
		"a\u034fb":               "ab",
		"a\u200eb\u200f":         "ab",
		"\u115f\u1160가":          "가",
		"가\u3164나":               "가나",
		"a\ufe0f":                "a",
		"1\ufe0f":                "1",
		"1\ufe0f\u20e3":          "1\ufe0f\u20e3",
		"❤\ufe0f":                "❤\ufe0f",
		"\u200d❤\ufe0f\u200d":    "❤\ufe0f",
		"👩\u200d👩\u200d👧\u200d👦": "👩\u200d👩\u200d👧\u200d👦",
		"🏳\ufe0f\u200d🌈":         "🏳\ufe0f\u200d🌈",
		"👩🏽\u200d🔬":              "👩🏽\u200d🔬",
		"👩\u200da":               "👩a",
		"می\u200cخواهم":          "می\u200cخواهم",
		"क्\u200dष":              "क्\u200dष",
		"葛\U000e0100城":           "葛\U000e0100城",
		"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
		"🏴\U000e0067\U000e0062": "🏴",
		"a\U000e0041\U000e0042": "a",
		"\ufffc\ufff9x":         "x",
		"\u17b4x\u2063\u180e":   "x",
	} {
		if got := Strip(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
		if again := Strip(Strip(in)); again != Strip(in) {
			t.Errorf("%q: a second time it became %q", in, again)
		}
	}
}

func TestOnly_KnowsWhatShowsNothing(t *testing.T) {
	for _, text := range []string{
		"", " \t\n\u3000", "\u00ad", "\u200d", "\u2063", "\u180e", "\u115f\u1160", "\U000e0041\U000e0042", "\u034f", "\u200e\u200f",
		"\ufffc", "\ufe0f", "\u17b4", "\u3164", "\uffa0", "\u2800", "\ufeff", "\u200b", "\u061c", "\u0301\u0302", "\u2065",
		"\U0001d159", "\U0001d173", "\U000e0100", "\U000e0fff", "\u0000", "\u202e", "\u206f", "\ufff0", "\U00013441", "\u180b", "\U0001bca0",
	} {
		if !Only(text) {
			t.Errorf("%+q is taken for something to see", text)
		}
	}
	for _, text := range []string{"a", "가", "ㅋ", ".", "❤\ufe0f", "🫩", "\uf8ff", "🏴", "ᄀ", "\u0600", " _ ", "\u200d.", "１"} {
		if Only(text) {
			t.Errorf("%+q is taken for nothing", text)
		}
	}
}

func TestLimitMarks_CountsPilesAlsoAcrossWhatIsInvisible(t *testing.T) {
	for in, want := range map[string]string{
		"é":                                      "é",
		"z" + strings.Repeat("\u0301", 60) + "a": "z" + strings.Repeat("\u0301", 4) + "a",
		strings.Repeat("\u0301\u200d", 6) + "가":  strings.Repeat("\u0301\u200d", 4) + "\u200d\u200d가",
		"हिन्दी नमस्ते ภาษาที่ được בְּרֵאשִׁית": "हिन्दी नमस्ते ภาษาที่ được בְּרֵאשִׁית",
	} {
		if got := LimitMarks(in, 4); got != want {
			t.Errorf("%+q became %+q, want %+q", in, got, want)
		}
	}
}
