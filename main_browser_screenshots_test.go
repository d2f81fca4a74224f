package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"

	"sarangbang/handlers/webtest"
)

// look of a page: screen, colours and language.
type appearance struct {
	width, height    int64
	mobile           bool
	scheme, language string
}

func (a appearance) String() string { return fmt.Sprintf("%d-%s-%s", a.width, a.scheme, a.language) }

// appear emulates a screen, a colour scheme, and for guests a language.
func (t *tab) appear(a appearance) *tab {
	t.tb.Helper()
	set(t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: a.width, Height: a.height, DeviceScaleFactor: 1, Mobile: a.mobile,
	})
	set(t, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: a.mobile})
	set(t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: a.scheme}},
	})
	set(t, network.SetCookie, network.SetCookieParams{Name: "language", Value: a.language, URL: t.base})
	return t
}

// TestScreenshots saves pictures of all pages into the folder that SCREENSHOTS names, for people to look at.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		t.Skip("SCREENSHOTS names no folder to save pictures into")
	}
	b := startBrowser(t)
	v := b.village()
	for _, screen := range []appearance{{width: 1280, height: 800}, {width: 390, height: 844, mobile: true}} {
		for _, scheme := range []string{"light", "dark"} {
			for language, viewer := range map[string]*webtest.Person{"ko": v.jimin, "en": v.alice} {
				screen.scheme, screen.language = scheme, language
				member, guest := b.of(viewer).appear(screen), b.visitor(t, v.house.url).appear(screen)
				for _, p := range v.memberPages() {
					member.picture(folder, screen, p)
				}
				for _, p := range v.guestPages() {
					guest.picture(folder, screen, p)
				}
			}
		}
	}
}

// picture saves what a page looks like; the live log is still loading then.
func (t *tab) picture(folder string, a appearance, p villagePage) {
	t.tb.Helper()
	t.expects(`Failed to load resource: .* 404`)
	t.opens(p)
	shot := set(t, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	name := strings.ReplaceAll(p.name, " ", "-") + "-" + a.String() + ".png"
	if err := os.WriteFile(filepath.Join(folder, name), shot.Data, 0o644); err != nil {
		t.tb.Fatal(err)
	}
}

// opens goes to a page of the village. The live log never ends, so it never is complete.
func (t *tab) opens(p villagePage) *tab {
	t.tb.Helper()
	if p.name != "live log" {
		return t.open(p.path)
	}
	set(t, page.Navigate, page.NavigateParams{URL: t.base + p.path})
	return t.wants(`document.querySelectorAll('li.message').length > 10`)
}
