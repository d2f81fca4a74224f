package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"

	"sarangbang/handlers/webtest"
)

// traffic counts what a page fetches.
type traffic struct {
	mu       sync.Mutex
	requests map[network.RequestID]string // their addresses
	bytes    map[network.RequestID]int    // received, headers included
}

// note runs for each event of the page.
func (w *traffic) note(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if w.requests != nil {
			w.requests[e.RequestID] = e.Request.Method + " " + e.Request.URL
		}
	case *network.EventLoadingFinished:
		if _, ok := w.requests[e.RequestID]; ok {
			w.bytes[e.RequestID] = int(e.EncodedDataLength)
		}
	}
}

// count forgets what was fetched, and counts from now on.
func (w *traffic) count() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests, w.bytes = map[network.RequestID]string{}, map[network.RequestID]int{}
}

// sum returns the requests since count, and the bytes of those that have ended, without photos,
// streams and read marks.
func (w *traffic) sum() (requests []string, bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, request := range w.requests {
		if strings.Contains(request, "/photo?") || strings.Contains(request, "/stream") || strings.HasSuffix(request, "/read") {
			continue
		}
		requests, bytes = append(requests, request), bytes+w.bytes[id]
	}
	return requests, bytes
}

// crowd are neighbours of whom jimin is in very many rooms.
type crowd struct {
	*neighbours
	rooms []string // paths, the newest first
}

func newCrowd(t *testing.T, b *browser, rooms int) *crowd {
	t.Helper()
	c := &crowd{neighbours: newNeighbours(t, b)}
	for i := range rooms {
		path := c.jimin.Post("/rooms", webtest.Form{"title": fmt.Sprintf("방 %d", i+1)}).Location()
		c.rooms = append([]string{path}, c.rooms...)
	}
	return c
}

// talk lets boram say something so many times, and jimin read it.
func (c *crowd) talk(messages int) {
	c.jimin.TB.Helper()
	converse(c.boram, c.yard, messages)
	c.jimin.Post(c.yard+"/read", webtest.Form{"position": "1000"}).Wants(http.StatusSeeOther)
}

// link selects the entry of a room in the list.
func link(room string) string { return fmt.Sprintf(`#my-rooms a[href="%s"]`, room) }

// inView holds when an element stands within the list of rooms as it is scrolled.
func inView(selector string) string {
	return fmt.Sprintf(`(() => {
		const row = document.querySelector(%s).getBoundingClientRect(), list = document.querySelector('#my-rooms').getBoundingClientRect();
		return row.height > 0 && row.top >= list.top - 1 && row.bottom <= Math.min(list.bottom, innerHeight) + 1;
	})()`, js(selector))
}

// line puts the browser on a network line.
func (t *tab) line(c network.Conditions) {
	t.tb.Helper()
	set(t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{&c}})
}

// inPlace holds while no page was loaded since stays.
const inPlace = `window.stays === true`

// stays marks the page that is loaded.
func (t *tab) stays() *tab {
	t.tb.Helper()
	t.does(`window.stays = true`)
	return t
}

// isIn waits until a room's page is shown, and ready to write.
func (t *tab) isIn(room string) *tab {
	t.tb.Helper()
	return t.wants(fmt.Sprintf(`location.pathname === %[1]s && document.querySelector('#composer')?.getAttribute('action') === %[1]s + '/messages'`, js(room)))
}

func changeInPlace(t *testing.T, b *browser) {
	c := newCrowd(t, b, 60)
	c.talk(45)
	far := c.rooms[50]
	p := b.of(c.jimin).open("/").stays().clicks(link(c.yard)).isIn(c.yard).wants(inPlace).hasStreams(1).focusOn("#composer textarea")
	p.wants(`document.title.includes('마당') && document.body.matches('.rooms-show.member')`).shows("#messages > li:last-child", "옛날 이야기 45")
	p.types("아직 쓰는 글")

	// The list keeps its place, and marks the row.
	p.does(fmt.Sprintf(`document.querySelector(%s).scrollIntoView({ block: 'center' })`, js(link(far))))
	place := look[float64](p, `document.querySelector('#my-rooms').scrollTop`)
	p.does(`document.querySelector('#m12').scrollIntoView()`)
	seen := look[float64](p, `document.querySelector('#m12').getBoundingClientRect().top`)
	p.clicks(link(far)).isIn(far).wants(inPlace).hasStreams(1).focusOn("#composer textarea")
	p.wants(fmt.Sprintf(`document.querySelector('#my-rooms').scrollTop === %v`, place)).count(`#my-rooms [aria-current]`, 1).wants(inView(link(far) + `[aria-current="page"]`))
	p.wants(`document.title.includes('방 10') && document.querySelector('#composer textarea').value === ''`)
	p.wants(fmt.Sprintf(`document.querySelector('footer.site [name=next]').value === %s`, js(far)))

	// Back and Forward return to the place in the log, and to the draft.
	p.does(`history.back()`)
	p.isIn(c.yard).wants(inPlace).hasStreams(1).wants(`document.querySelector('#composer textarea').value === '아직 쓰는 글'`)
	p.wants(fmt.Sprintf(`Math.abs(document.querySelector('#m12').getBoundingClientRect().top - %v) < 2`, seen)).wants(inView(link(c.yard) + `[aria-current="page"]`))
	p.does(`history.forward()`)
	p.isIn(far).wants(inPlace).hasStreams(1)

	// Other pages have a heading to begin at; what is no page of a member is loaded.
	p.clicks(`.menu a[href="/users"]`).wants(`location.pathname === '/users'`).wants(inPlace).focusOn("main h1").count(`#my-rooms [aria-current]`, 0)
	p.wants(`document.body.matches('.users-index.member') && !document.querySelector('#composer')`).hasStreams(1)
	p.writes(`main input[name=q]`, "bor").press("Enter", 0).wants(`location.search === '?q=bor'`).wants(inPlace).shows("main", "boram")
	p.expects("status of 404").does(`document.querySelector('main').insertAdjacentHTML('beforeend', '<a id="no" href="/nowhere">no</a>')`)
	p.clicks("#no").wants(`location.pathname === '/nowhere' && !window.stays && document.querySelector('main').dataset.page === 'errors-show'`)
	p.expects("status of 401")
	c.jimin.Post("/logout", nil)
	p.wants(`location.pathname === '/login'`)
}

// talkInPlace does in a room that was reached in place what other stories do in loaded ones.
func talkInPlace(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	porch := n.jimin.Post("/rooms", webtest.Form{"title": "마루"}).Location()
	n.boram.Get(porch)
	p := b.of(n.jimin).open(porch).hasStreams(1).stays()
	boram := b.of(n.boram).open("/").clicks(link(n.yard)).isIn(n.yard).hasStreams(1)
	for _, room := range []string{n.yard, porch, n.yard} {
		p.clicks(link(room)).isIn(room).hasStreams(1)
	}
	p.wants(inPlace).shows("#online", "2 online")
	n.post("들리나요")
	p.hears("들리나요")
	n.hasRead(t)
	boram.writes("#body", "저는")
	p.shows("#typing", "boram")
	p.says("잘 들려요")
	mine := p.hears("잘 들려요")
	p.count("#pending li", 0).count(`#messages > .message:not(.event)`, 2)
	p.press("ArrowUp", 0).focusOn(mine+" form.edit textarea").types(" 정말로").press("Enter", 0)
	boram.shows("#messages", "잘 들려요 정말로")

	// What waits is sent to the room that it was written in.
	p.line(network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	p.expects("ERR_INTERNET_DISCONNECTED", "sse:error").does(`document.querySelector('#composer textarea').focus()`)
	p.types("마당에 쓴 말").press("Enter", 0).count("#pending .failed", 1)
	p.line(network.Conditions{DownloadThroughput: -1, UploadThroughput: -1})
	p.clicks(link(porch)).isIn(porch).count("#pending li", 0).says("마루에 쓴 말")
	p.hears("마루에 쓴 말")
	boram.hears("마당에 쓴 말")
	p.count("#messages > .message:not(.event)", 1)
}

// measureRoomChange goes from a loaded room to another one among 200, at 1.6 Mbit/s and 150 ms.
func measureRoomChange(t *testing.T, b *browser) {
	c := newCrowd(t, b, 200)
	c.talk(60)
	p := b.of(c.jimin).open(c.rooms[110]).hasStreams(1).shows("#online", "1 online").stays()
	p.line(network.Conditions{Latency: 150, DownloadThroughput: 200_000, UploadThroughput: 100_000})
	p.does(`window.shift = 0; new PerformanceObserver(list => { for (const e of list.getEntries()) window.shift += e.value; }).observe({ type: 'layout-shift' })`)
	p.traffic.count()
	p.does(fmt.Sprintf(`document.querySelector(%s).click()`, js(link(c.yard))))
	p.isIn(c.yard).wants(inPlace).shows("#messages > li:last-child", "옛날 이야기 60").count("#log .message", 50)
	p.hasStreams(1).shows("#online", "1 online")
	requests, bytes := p.traffic.sum()
	shift := look[float64](p, `window.shift`)
	t.Logf("%d requests, %d bytes, layout shift %.4f", len(requests), bytes, shift)
	if len(requests) != 1 || bytes > 8000 || shift > 0.02 {
		t.Errorf("requests %q of %d bytes, layout shift %.4f: want one of at most 8,000, and 0.02", requests, bytes, shift)
	}
}

func seeCurrentRoomWithoutScripts(t *testing.T, b *browser) {
	c := newCrowd(t, b, 60)
	p := b.of(c.jimin).withoutScripts()
	for _, room := range []string{c.rooms[50], c.rooms[3], c.yard} {
		went := set(p, page.Navigate, page.NavigateParams{URL: p.base + room})
		if went.ErrorText != "" {
			t.Fatal(went.ErrorText)
		}
		p.isIn(room).wants(inView(link(room) + `[aria-current="page"]`)).wants(`document.activeElement === document.body`)
	}
}
