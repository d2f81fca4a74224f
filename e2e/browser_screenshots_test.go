//go:build screenshots

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"

	"sarangbang/handlers/webtest"
)

// screens are those that pages are looked at on.
var screens = []appearance{
	{width: 1440, height: 900}, {width: 1024, height: 768}, {width: 768, height: 1024},
	{width: 390, height: 844, mobile: true}, {width: 320, height: 640, mobile: true}, {width: 844, height: 390, mobile: true},
	{width: 1280, height: 800, forced: true}, {width: 794, height: 1123, media: "print"}, // A4
	{width: 1280, height: 800, large: true}, {width: 390, height: 844, mobile: true, large: true},
	{width: 320, height: 200}, // 1280 × 800 at 400 %
}

// TestScreenshots saves pictures of all pages into the folder that SCREENSHOTS names, for people to
// look at. ONLY is a pattern for the names of the pictures:
//
//	SCREENSHOTS=pictures ONLY='room-.*light' go test -tags screenshots -run TestScreenshots ./e2e
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		t.Fatal("SCREENSHOTS names no folder to save pictures into")
	}
	only := regexp.MustCompile(os.Getenv("ONLY"))
	b := startBrowser(t)
	f := b.fixture()
	for _, screen := range screens {
		for _, scheme := range []string{"light", "dark"} {
			for language, viewer := range map[string]*webtest.Person{"ko": f.jimin, "en": f.alice} {
				screen.scheme, screen.language = scheme, language
				member, guest := b.of(viewer).appear(screen), b.visitor(t, f.server.url).appear(screen)
				for _, p := range f.memberPages() {
					if only.MatchString(screen.picture(p)) {
						member.picture(folder, screen, p)
					}
				}
				for _, p := range f.guestPages() {
					if only.MatchString(screen.picture(p)) {
						guest.picture(folder, screen, p)
					}
				}
			}
		}
	}
}

// picture is the name of the file with the picture of a page.
func (a appearance) picture(p fixturePage) string {
	return strings.ReplaceAll(p.name, " ", "-") + "-" + a.String() + ".png"
}

// picture saves what a page looks like; the live log is still loading then.
func (t *tab) picture(folder string, a appearance, p fixturePage) {
	t.tb.Helper()
	t.expects(`Failed to load resource: .* 404`)
	if a.large {
		set(t, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: 32, Fixed: 26}})
	}
	t.opens(p)
	shot := set(t, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	if err := os.WriteFile(filepath.Join(folder, a.picture(p)), shot.Data, 0o644); err != nil {
		t.tb.Fatal(err)
	}
}
