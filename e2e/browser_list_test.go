package e2e

import (
	"net/http"
	"testing"

	"sarangbang/handlers/webtest"
)

// keepTheList looks at the list of rooms while things happen in it: a conversation that is open, a
// star, the order, and somebody who takes another name.
func keepTheList(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	direct := n.jimin.Post("/users/2/direct", nil).Wants(http.StatusSeeOther).Location()
	n.jimin.Post(direct+"/messages", webtest.Form{"body": "안녕하세요"}).Wants(http.StatusSeeOther)
	entry := "#room-" + direct[len("/rooms/"):]
	p := b.of(n.jimin).open(direct).hasStreams(1)
	p.does(`window.notReloaded = true`)

	p.shows(entry+" .newest", "jimin: 안녕하세요").wants(`getComputedStyle(document.querySelector('` + entry + ` .newest')).visibility === 'visible'`)
	n.boram.Post(direct+"/messages", webtest.Form{"body": "**네**, 안녕하세요"}).Wants(http.StatusSeeOther)
	p.shows(entry+" .newest", "boram: 네, 안녕하세요")
	n.boram.Post(direct+"/messages/2", webtest.Form{"body": "네, 반가워요"}).Wants(http.StatusSeeOther)
	p.shows(entry+" .newest", "boram: 네, 반가워요")

	boram := b.of(n.boram).open(n.yard).hasStreams(1)
	p.shows("#other", "Online").count(entry+" .presence", 1).shows(entry+" .presence .hidden", "Online")
	boram.shows("#rooms-direct .presence .hidden", "Online")
	boram.open(direct).clicks(`#my-rooms a[href="` + n.yard + `"]`).at(n.yard)
	boram.count("#rooms-direct .presence", 1)

	star := "#room-header .favourite button"
	for range 2 {
		p.does(`document.querySelector('` + star + `').focus()`)
		p.press(" ", 0).shows("#rooms-favourite .title", "boram").wants(`document.querySelector('` + star + `').ariaPressed === 'true'`).focusOn(star)
		p.press(" ", 0).shows("#rooms-direct .title", "boram").wants(`document.querySelector('` + star + `').ariaPressed === 'false'`).focusOn(star)
	}
	order := `form[action="/rooms/order"] button`
	p.clicks(order).wants(`document.querySelector('#my-rooms').dataset.order === 'unread'`).wants(`document.querySelector('` + order + `').ariaPressed === 'true'`).focusOn(order)
	n.boram.Post(n.yard+"/messages", webtest.Form{"body": "마당에서"}).Wants(http.StatusSeeOther)
	n.jimin.Post("/rooms", webtest.Form{"title": "부엌"}).Wants(http.StatusSeeOther) // brings the list again
	p.shows("#my-rooms", "부엌").wants(`document.querySelector('#my-rooms').dataset.order === 'unread'`).shows("#rooms-other .title", "마당")
	p.clicks(order).wants(`document.querySelector('#my-rooms').dataset.order === 'activity'`).shows("#rooms-other .title", "부엌")
	n.boram.Post("/profile", webtest.Form{"display_name": "보람", "language": "ko", "time_zone": "UTC"}).Wants(http.StatusSeeOther)
	p.shows(entry+" .title", "보람").shows("#room-header h1", "보람").wants(`document.title.includes('보람')`)
	n.boram.Post(n.yard+"/messages", webtest.Form{"body": "이름을 바꿨어요"}).Wants(http.StatusSeeOther)
	p.shows(entry+" .newest", "보람: 네, 반가워요").wants(`document.title.includes('보람')`)
	p.wants(`window.notReloaded`).count("#my-rooms [aria-current]", 1)
	p.clicks(`#my-rooms a[href="` + n.yard + `"]`).at(n.yard)
	p.count(entry+" .presence", 1)
	boram.open("/healthz")
	p.count(entry+" .presence", 0).isCalm()
}
