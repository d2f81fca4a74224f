package emoji

import (
	"slices"
	"testing"

	"github.com/rivo/uniseg"
)

func TestQualified_KnowsAllColoursAndForms(t *testing.T) {
	for text, want := range map[string]string{
		"👍": "👍", "👍🏽": "👍🏽", "❤️": "❤️", "❤": "❤️", "🇰🇷": "🇰🇷", "👨‍👩‍👧": "👨‍👩‍👧", "#️⃣": "#️⃣", "#⃣": "#️⃣", "🏳‍🌈": "🏳️‍🌈", "☝🏽": "☝🏽",
	} {
		if got, ok := Qualified(text); !ok || got != want {
			t.Errorf("%q is %q, %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "a", "👍👍", "👍 ", "1", "\uFE0F", "<b>", "🏽", "가", "👍\u200d"} {
		if got, ok := Qualified(text); ok {
			t.Errorf("%q passes as %q", text, got)
		}
	}
}

func TestTable_IsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range all().list {
		for _, text := range append(e.skins, e.Text) {
			if seen[text] || uniseg.GraphemeClusterCount(text) != 1 {
				t.Errorf("%q is there twice, or is not one character", text)
			}
			seen[text] = true
		}
		if e.Name["en"] == "" || e.Name["ko"] == "" || !slices.Contains(Groups, e.Group) {
			t.Errorf("%q has names %v and the group %q", e.Text, e.Name, e.Group)
		}
	}
	for _, group := range Groups {
		if len(In(group)) < 50 {
			t.Errorf("%s has %d emoji", group, len(In(group)))
		}
	}
	if len(seen) < 3_700 || In("nothing") != nil {
		t.Errorf("%d emoji", len(seen))
	}
}

func TestFind_TakesBothLanguagesAndParts(t *testing.T) {
	for query, want := range map[string]string{
		"thumbs up": "👍", "좋아요": "👍", "따봉": "👍", "Heart": "❤️", "하트": "❤️", "대한민국": "🇰🇷", ":+1:": "👍", "south kor": "🇰🇷", "👍": "👍", "웃는 활짝": "😀", "party": "🎉",
	} {
		if !slices.ContainsFunc(Find(query, 60), func(e *Emoji) bool { return e.Text == want }) {
			t.Errorf("%q does not find %s", query, want)
		}
	}
	if got := Find("face", 3); len(got) != 3 {
		t.Errorf("%d emoji, want at most 3", len(got))
	}
	for _, query := range []string{"", "  ", ":", "zxqj"} {
		if got := Find(query, 10); len(got) != 0 {
			t.Errorf("%q finds %d emoji", query, len(got))
		}
	}
}
