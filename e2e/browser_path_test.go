package e2e

import (
	"strings"
	"testing"

	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// liveUnderAPath walks through all scripts that name addresses, in a service under /chat.
func liveUnderAPath(t *testing.T, b *browser) {
	addr := webtest.FreeAddr(t)
	server := start(t, map[string]string{"DATABASE_URL": dbtest.URL(t, "sqlite"), "ADDR": addr, "BASE_URL": "http://" + addr + "/chat"})
	host := strings.TrimSuffix(server.url, "/chat")
	jimin, boram := b.visitor(t, server.url), b.visitor(t, host)
	jimin.signsUp("/", "jimin", "/chat/rooms/[-0-9a-f]{36}")
	invite := look[string](jimin, `new URL(document.querySelector('.welcome .link a').href).pathname`)
	boram.signsUp(invite, "boram", jimin.at("/chat/rooms/[-0-9a-f]{36}"))
	jimin.shows("#messages .event", "boram joined")

	jimin.says("저녁 드실 분?")
	theirs := boram.hears("저녁 드실 분?")
	boram.points(theirs + " .body").clicks(theirs + " > .tools > [data-do=menu]").clicks(`#message-menu .quick [value="👍"]`)
	mine := jimin.shows(theirs+` .reaction`, "👍 1").hears("저녁 드실 분?")
	jimin.acts(mine, "edit").writes(mine+" form.edit textarea", "점심 드실 분?").clicks(mine + " form.edit button.primary")
	boram.shows(mine+" .body", "점심 드실 분?").shows(mine+" .edited", "edited")
	jimin.acts(mine, "delete").clicks("#delete-dialog .danger")
	boram.shows(mine, "This message was deleted.")

	jimin.press("k", control).types("@boram").wants(`document.querySelector('#jump-list [data-person]')`)
	jimin.press("Enter", 0).at("/chat/rooms/[-0-9a-f]{36}")
	jimin.shows("#room-header h1", "boram").says("둘이서만")
	boram.shows("#my-rooms", "jimin").clicks(`#rooms-direct a`).at("/chat/rooms/[-0-9a-f]{36}")
	boram.hears("둘이서만")
	jimin.does(`window.notReloaded = true`)
	for _, path := range []string{"/chat/users", "/chat/profile"} {
		jimin.clicks(`a[href="` + path + `"]`).at(path)
	}
	if !look[bool](jimin, `window.notReloaded === true`) {
		t.Error("the page was loaded again")
	}
	jimin.another().open("/profile").clicks(`form[action="/chat/logout"] button`).at("/chat/login")
	jimin.expects("status of 401")
	jimin.at("/chat/login")
}
