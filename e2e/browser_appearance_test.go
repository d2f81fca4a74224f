package e2e

import (
	"fmt"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

// look of a page: screen, colours and language.
type appearance struct {
	width, height    int64
	mobile           bool
	scheme, language string
	media            string // "print": on paper
	forced           bool   // the system's own few colours
	large            bool   // letters of double size
}

func (a appearance) String() string {
	name := fmt.Sprintf("%dx%d-%s-%s", a.width, a.height, a.scheme, a.language)
	if a.media != "" {
		name += "-" + a.media
	}
	if a.forced {
		name += "-forced"
	}
	if a.large {
		name += "-large"
	}
	return name
}

// onOtherScreen returns the appearance on a phone instead of a desktop, or the other way round.
func (a appearance) onOtherScreen() appearance {
	if a.mobile = !a.mobile; a.mobile {
		a.width, a.height = 320, 640
	} else {
		a.width, a.height = 1280, 800
	}
	return a
}

// inOtherColours returns the appearance in dark colours instead of light ones, or the other way
// round.
func (a appearance) inOtherColours() appearance {
	a.scheme = map[string]string{"light": "dark", "dark": "light"}[a.scheme]
	return a
}

// appear emulates a screen, a colour scheme, and for guests a language.
func (t *tab) appear(a appearance) *tab {
	t.tb.Helper()
	set(t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: a.width, Height: a.height, DeviceScaleFactor: 1, Mobile: a.mobile,
	})
	set(t, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: a.mobile})
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: a.scheme}}
	if a.forced {
		features = append(features, &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
	}
	set(t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: a.media, Features: features})
	set(t, network.SetCookie, network.SetCookieParams{Name: "language", Value: a.language, URL: t.base})
	return t
}

// opens goes to a page of the fixture. The live log never ends, so it never is complete.
func (t *tab) opens(p fixturePage) *tab {
	t.tb.Helper()
	if p.name != "live log" {
		return t.open(p.path)
	}
	set(t, page.Navigate, page.NavigateParams{URL: t.base + p.path})
	return t.wants(`document.querySelectorAll('li.message').length > 10`)
}
