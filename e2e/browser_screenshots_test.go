//go:build screenshots

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"

	"sarangbang/handlers/webtest"
)

// TestScreenshots saves pictures of all pages into the folder that SCREENSHOTS names, for people to
// look at:
//
//	SCREENSHOTS=/tmp/pictures go test -tags screenshots -run TestScreenshots ./e2e
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		t.Fatal("SCREENSHOTS names no folder to save pictures into")
	}
	b := startBrowser(t)
	f := b.fixture()
	for _, screen := range []appearance{{width: 1280, height: 800}, {width: 390, height: 844, mobile: true}} {
		for _, scheme := range []string{"light", "dark"} {
			for language, viewer := range map[string]*webtest.Person{"ko": f.jimin, "en": f.alice} {
				screen.scheme, screen.language = scheme, language
				member, guest := b.of(viewer).appear(screen), b.visitor(t, f.server.url).appear(screen)
				for _, p := range f.memberPages() {
					member.picture(folder, screen, p)
				}
				for _, p := range f.guestPages() {
					guest.picture(folder, screen, p)
				}
			}
		}
	}
}

// picture saves what a page looks like; the live log is still loading then.
func (t *tab) picture(folder string, a appearance, p fixturePage) {
	t.tb.Helper()
	t.expects(`Failed to load resource: .* 404`)
	t.opens(p)
	shot := set(t, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	name := strings.ReplaceAll(p.name, " ", "-") + "-" + a.String() + ".png"
	if err := os.WriteFile(filepath.Join(folder, name), shot.Data, 0o644); err != nil {
		t.tb.Fatal(err)
	}
}
