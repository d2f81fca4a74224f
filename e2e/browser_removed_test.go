package e2e

import (
	"net/http"
	"testing"

	"sarangbang/handlers/webtest"
)

// removeFromRoom puts somebody out of an open room: who is told so, cannot come back, and can when
// somebody lets them in again. The other person does it by the page of the members.
func removeFromRoom(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	boram := b.of(n.boram).open(n.yard).hasStreams(1).expects("status of 40[34]")
	jimin := b.of(n.jimin).open(n.yard + "/members")
	row := `.members-list > li:has(form[action$="/members/2/delete"])`
	jimin.clicks(row+" .row-menu > summary").clicks(row+" .confirm > summary").clicks(row+` form[action$="/members/2/delete"] button`).lacks(".members-list", "boram")

	boram.at("/")
	boram.shows("main", "You were removed from “마당”").lacks("#my-rooms", "마당")
	boram.open(n.yard).shows("main", "You were removed from this room").count("#composer", 0)
	boram.open(n.yard+"/preview").count(`form[action$="/join"] button`, 0)
	n.boram.Post(n.yard+"/messages", webtest.Form{"body": "안에서"}).Wants(http.StatusNotFound)
	n.boram.Post(n.yard+"/join", nil).Wants(http.StatusForbidden)

	jimin.open(n.yard+"/members?q=boram").clicks(`form[action$="/members"] button`).shows(".members-list", "boram")
	boram.shows("#my-rooms", "마당")
	boram.clicks(`#my-rooms a[href="` + n.yard + `"]`).at(n.yard)
	boram.says("다시 왔어요")
	jimin.open(n.yard).hears("다시 왔어요")
}

// seeHomeChange looks at home while somebody signs up, makes a room and says something.
func seeHomeChange(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	home := b.of(n.jimin).open("/").hasStreams(1)
	home.does(`window.notReloaded = true`)
	chorong := webtest.SignUp(t, n.server.url, "chorong", invitation(n.jimin))
	home.shows("#home-people", "chorong")
	open := chorong.Post("/rooms", webtest.Form{"title": "새 방", "kind": "open"}).Wants(http.StatusSeeOther).Location()
	chorong.Get(n.yard).Wants(http.StatusOK)
	home.shows("#home-open", "새 방").count(`#home-open a[href="`+open+`/preview"]`, 1).wants(`window.notReloaded`)
}
