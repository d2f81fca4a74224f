package e2e

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"sarangbang/handlers/webtest"
)

// TestInABrowser uses the service as people do, in a real Chromium. One browser serves all stories;
// everybody in them has a profile of their own.
func TestInABrowser(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	t.Run("stories", func(t *testing.T) {
		for _, story := range browserStories {
			t.Run(story.name, func(t *testing.T) {
				t.Parallel()
				story.tell(t, b)
			})
		}
	})
}

// browserStories are told at the same time, as many as tests run at once.
var browserStories = []struct {
	name string
	tell func(t *testing.T, b *browser)
}{
	{"sign up, talk, edit and read history with JavaScript", talkWithScripts},
	{"sign up, talk, edit and read history without JavaScript", talkWithoutScripts},
	{"talk in a browser that knows no modules", talkWithoutModules},
	{"an own message shows at once, and once", sendOnce},
	{"a message that cannot be sent is kept", keepUnsent},
	{"a message is posted once though the answer was lost", loseTheAnswer},
	{"a server that is away and comes back", outliveTheServer},
	{"drafts and messages on their way survive a reload", reloadTheComposer},
	{"drafts in two tabs, and after signing out", shareDrafts},
	{"a message that is refused can be written again", refuseAndRewrite},
	{"keys of the composer", pressKeys},
	{"Enter on a touch screen", pressEnterOnTouch},
	{"Enter in input methods", compose},
	{"edit the last message with the keyboard", editWithKeys},
	{"a page that is hidden and shown again", hideAndShow},
	{"unread counts on other pages", countUnread},
	{"the first message of a direct room", openDirectRoom},
	{"signed out in another tab", signOutElsewhere},
	{"removed from a room, and let in again", removeFromRoom},
	{"home while somebody comes", seeHomeChange},
	{"what was posted while the server was away", resumeAfterRestart},
	{"two processes behind one address", shareAnAddress},
	{"who is online, and who is writing", seeEachOther},
	{"more tabs than connections", openManyTabs},
	{"more tabs than connections, without JavaScript", openManyTabsWithoutScripts},
	{"a place in the log", keepThePlace},
	{"reading moves the read mark", moveReadMark},
	{"the line above what is new", drawUnreadLine},
	{"unread leads, on a desktop", leadToUnread(appearance{width: 1280, height: 800, scheme: "light", language: "en"})},
	{"unread leads, on a telephone", leadToUnread(appearance{width: 390, height: 844, scheme: "light", language: "en"})},
	{"unread leads, without JavaScript", leadToUnreadWithoutScripts},
	{"a burst of messages", hearBurst},
	{"a change of a message that is not on the page", changeUnloaded},
	{"from a permalink into the conversation, and to the newest", followPermalink},
	{"somebody edits what somebody else deletes", editWhatIsDeleted},
	{"the keyboard alone", useKeyboardAlone},
	{"arrow keys, and what screen readers say", stepWithArrows},
	{"a server that falls silent", noticeSilence},
	{"edits out of view, and messages that cannot be sent, for ears", hearTheRoom},
	{"pages change in place", changeInPlace},
	{"a page reached in place is like one that was loaded", talkInPlace},
	{"the way to another room with 200 rooms, on a slow line", measureRoomChange},
	{"the current room is in view without JavaScript", seeCurrentRoomWithoutScripts},
	{"a list that changes while one looks", keepTheList},
	{"a room: moderating, editing, a lost connection, settings", liveInARoom},
	{"reactions", reactWithScripts},
	{"reactions without JavaScript", reactWithoutScripts},
	{"members are offered after @", mentionWhileTyping},
	{"pins", pinMessages},
	{"forwarding", forwardMessages},
	{"long messages", unfoldLongMessages},
	{"who has read", seeWhoHasRead},
	{"what concerns me", lookAtTheActivity},
	{"files", sendFilesWithScripts},
	{"files without JavaScript", sendFilesWithoutScripts},
	{"replies", replyWithScripts},
	{"replies without JavaScript", replyWithoutScripts},
	{"a service under a path", liveUnderAPath},
	{"a room on small screens", fitSmallScreens},
	{"a room on paper", printARoom},
	{"forced colours, large letters, a telephone on its side", seeByOtherMeans},
	{"a room's members and settings without JavaScript", arrangeByForms},
	{"language, time zone, photo and copying", settleIn},
	{"texts that want to be scripts", writeHostileTexts},
	{"what inspections find", plantFaults},
	{"pages that everybody can use: Korean, light, desktop", inspect(appearance{width: 1280, height: 800, scheme: "light", language: "ko"})},
	{"pages that everybody can use: English, dark, 320 pixels", inspect(appearance{width: 320, height: 640, mobile: true, scheme: "dark", language: "en"})},
}

// browser is a running Chromium.
type browser struct {
	ctx context.Context
	// fixture returns one server with a past, for every story that only looks.
	fixture func() *fixture
}

// plainHost is a name of this machine for the browser, which trusts it no more than any machine of
// the network: over plain HTTP there are no headers with Fetch Metadata.
const plainHost = "house.test"

// startBrowser starts Chromium; it ends with the test. A machine without one skips the test.
func startBrowser(tb testing.TB) *browser {
	tb.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(tb)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", false), chromedp.Flag("lang", "en-US"),
		chromedp.Flag("host-resolver-rules", "MAP "+plainHost+" 127.0.0.1"),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	tb.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	tb.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		tb.Fatalf("start Chromium: %v", err)
	}
	return &browser{ctx: ctx, fixture: sync.OnceValue(func() *fixture { return newFixture(tb) })}
}

// chromium returns the path of a browser: of the headless shell where there is one, which renders
// and scripts pages as the whole Chromium does and takes a third of its processor time, because it
// has no windows around them. Without a browser the test is skipped, and fails where everything has
// to be there.
func chromium(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"chromium-headless-shell", "headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const why = "there is no Chromium on this machine (Debian: apt install chromium-headless-shell)"
	if os.Getenv("CI") == "true" {
		tb.Fatal(why)
	}
	tb.Skip(why)
	return ""
}

// visitor is somebody with a fresh browser profile, who has not opened a page yet.
func (b *browser) visitor(tb testing.TB, base string) *tab {
	tb.Helper()
	return openTab(tb, b.ctx, base, chromedp.WithNewBrowserContext())
}

// of is the browser of somebody who has signed in already, through HTTP.
func (b *browser) of(p *webtest.Person) *tab {
	p.TB.Helper()
	return b.in(p.TB, p)
}

// in is of for another test than the one the person belongs to.
func (b *browser) in(tb testing.TB, p *webtest.Person) *tab {
	tb.Helper()
	t := b.visitor(tb, p.Base)
	base, err := url.Parse(p.Base)
	if err != nil {
		tb.Fatal(err)
	}
	for _, cookie := range p.Client.Jar.Cookies(base) {
		set(t, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: p.Base})
	}
	return t
}

// set sends a command to the page's browser; the test fails when it is refused.
func set[P, R any](t *tab, command cdp.Command[P, R], params P) R {
	t.tb.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	result, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) (R, error) {
		return cdp.Call(ctx, target, command, params)
	})
	if err != nil {
		t.tb.Fatalf("%s: %v", command.Method, err)
	}
	return result
}
