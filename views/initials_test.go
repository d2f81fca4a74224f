package views

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

func TestInitialsAreTheGivenNameOrFirstLetters(t *testing.T) {
	for name, want := range map[string]string{
		"지민":                                 "지민",
		"김지민":                                "지민",
		"남궁지민":                               "지민",
		"김 지민":                               "지민",
		"남궁 지민":                              "지민",
		"지민 엄마":                              "지민",
		"민":                                  "민",
		"사랑방지기":                              "사랑",
		"김지민 (Jimin)":                        "지민",
		"김지민2":                               "지민",
		"지민kim":                              "지민",
		"\u1100\u1161\u11a8지민":               "지민", // 각지민, the first syllable in three parts
		"Alice":                              "A",
		"alice":                              "A",
		"Alice Liddell":                      "AL",
		"alice von liddell":                  "AL",
		"alice.liddell":                      "AL",
		"Alice 김":                            "A",
		"Жанна Агузарова":                    "ЖА",
		"Élodie":                             "É",
		"e\u0301lodie":                       "É",
		"ßeta":                               "ß",
		"हिन्दी":                             "हि",
		"王小明":                                "小明",
		"田中":                                 "田中",
		"山田 太郎":                              "太郎",
		"さくら":                                "さく",
		"さくら もも":                             "さく",
		"2pac":                               "P",
		"42":                                 "4",
		"🦊 fox":                              "F",
		"🦊🐢":                                 "🦊",
		"👩‍👩‍👧‍👦":                            "👩‍👩‍👧‍👦",
		"🇰🇷":                                 "🇰🇷",
		"<script>":                           "S",
		"!":                                  "!",
		"":                                   "?",
		"   ":                                "?",
		"\u3164\u3164":                       "?",
		"\u200b\u202e":                       "?",
		"\u202ealice":                        "A",
		"\x00\xff":                           "?",
		"a" + strings.Repeat("\u0301", 1000): "Á" + strings.Repeat("\u0301", 11),
	} {
		t.Run(fmt.Sprintf("%.30s", name), func(t *testing.T) {
			if got := initialsOf(name); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// svgText parses a photo as XML and returns its text. Elements that no photo has fail the test.
func svgText(t testing.TB, svg []byte) string {
	t.Helper()
	var text strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if token == nil {
			if err.Error() != "EOF" {
				t.Fatalf("the drawing is no XML: %v in %s", err, svg)
			}
			return text.String()
		}
		switch v := token.(type) {
		case xml.StartElement:
			if n := v.Name.Local; n != "svg" && n != "rect" && n != "text" {
				t.Errorf("the drawing has an element %s", n)
			}
		case xml.CharData:
			text.Write(v)
		case xml.ProcInst, xml.Directive, xml.Comment:
			t.Errorf("the drawing has %T", token)
		}
	}
}

func TestInitialsAreDrawn(t *testing.T) {
	svg := Initials(7, "김지민")
	if got := svgText(t, svg); got != "지민" {
		t.Errorf("the drawing says %q, want 지민", got)
	}
	for _, want := range []string{`viewBox="0 0 128 128"`, `text-anchor="middle"`, `dominant-baseline="central"`, "Noto Sans KR", photoColour(7)} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("%s is missing in %s", want, svg)
		}
	}
	if again := Initials(7, "김지민"); !bytes.Equal(again, svg) {
		t.Errorf("drawn again it is %s, not %s", again, svg)
	}
}

func TestInitialsEscapeMarkup(t *testing.T) {
	for _, name := range []string{"<", "&", `"`, "'", ">", "]]>"} {
		if got := svgText(t, Initials(1, name)); got != name[:1] {
			t.Errorf("%s is drawn as %q, want %q", name, got, name[:1])
		}
	}
}

func TestPhotoColoursStandOutFromWhite(t *testing.T) {
	for _, colour := range photoColours {
		if got := 1.05 / (luminance(t, colour) + 0.05); got < 4.5 {
			t.Errorf("white on %s has a contrast of %.2f, want 4.5 or more", colour, got)
		}
	}
}

// luminance follows WCAG 2.2.
func luminance(t testing.TB, colour string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(colour[1:], 16, 24)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(c uint64) float64 {
		if v := float64(c&0xff) / 255; v > 0.04045 {
			return math.Pow((v+0.055)/1.055, 2.4)
		} else {
			return v / 12.92
		}
	}
	return 0.2126*linear(rgb>>16) + 0.7152*linear(rgb>>8) + 0.0722*linear(rgb)
}

func TestNeighboursHaveDifferentColours(t *testing.T) {
	seen := map[string]bool{}
	for id := range int64(len(photoColours)) {
		seen[photoColour(id)] = true
	}
	if len(seen) != len(photoColours) {
		t.Errorf("%d people in a row share %d colours, want %d", len(photoColours), len(seen), len(photoColours))
	}
	for _, id := range []int64{-1, math.MinInt64, math.MaxInt64} {
		photoColour(id)
	}
}

func FuzzInitials(f *testing.F) {
	for _, name := range []string{"김지민", "Alice Liddell", "<script>", "👩‍👩‍👧‍👦", "\xff\x00", "a\u0301\u0301", "\u1100\u1161\u11a8", "ǆ ŉ"} {
		f.Add(int64(1), name)
	}
	f.Fuzz(func(t *testing.T, id int64, name string) {
		got := svgText(t, Initials(id, name))
		if n := uniseg.GraphemeClusterCount(got); n < 1 || n > 3 || len(got) > 3*maxLetterRunes*4 {
			t.Errorf("%q is drawn as %q, %d letters", name, got, n)
		}
	})
}

func BenchmarkInitials(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Initials(7, "김지민")
	}
}
