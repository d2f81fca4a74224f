package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sarangbang/handlers/webtest"
)

// inOrder is true when the log holds the messages from first to last, each once, one after the
// other.
func (t *tab) inOrder(first, last int) {
	t.tb.Helper()
	t.wants(fmt.Sprintf(`[...document.querySelectorAll('#log .message[id]')].map(li => li.id).join() ===
		Array.from({ length: %d }, (_, i) => 'm' + (%d + i)).join()`, last-first+1, first))
}

func hearBurst(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	p := b.of(n.jimin).open(n.yard).hasStreams(1)
	converse(n.boram, n.yard, 150)
	p.inOrder(1, 151)
	p.wants(`document.querySelector('#log').scrollTop === 0`)
	n.hasRead(t)
}

func changeUnloaded(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	converse(n.boram, n.yard, 99)
	p := b.of(n.jimin).open(n.yard + "?at=newest").hasStreams(1)
	p.inOrder(51, 100)
	n.boram.Post(n.yard+"/messages/3", webtest.Form{"body": "고친 옛말"}).Wants(http.StatusSeeOther)
	n.boram.Post(n.yard+"/messages/60/delete", nil).Wants(http.StatusSeeOther)
	p.shows("#m60", "This message was deleted.")
	p.inOrder(51, 100)
	p.does(`document.querySelector('#log').scrollTop = -1e6`)
	p.inOrder(1, 100)
	p.shows("#m3 .body", "고친 옛말")
}

func followPermalink(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	converse(n.boram, n.yard, 200)
	p := b.of(n.jimin).open(n.yard+"/messages/50").shows("main", "옛날 이야기 50")
	p.wants(`(() => {
		const at = document.querySelector('#m50').getBoundingClientRect(), log = document.querySelector('#log').getBoundingClientRect();
		return at.top >= log.top && at.bottom <= log.bottom;
	})()`)
	if n.unread() == 0 {
		t.Error("looking at an old message marked the newest as read")
	}
	p.says("옛 페이지에서 쓴 말")
	p.wants(`location.search === '?at=newest'`).shows("#messages > li:last-child", "옛 페이지에서 쓴 말")
	p.open(n.yard+"?around=50").clicks("#newest").wants(`location.search === '?at=newest'`).shows("#messages > li:last-child", "옛 페이지에서 쓴 말")
}

func editWhatIsDeleted(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	boram := b.of(n.boram).open(n.yard)
	boram.says("고치는 중에 지워질 말")
	mine := boram.hears("고치는 중에 지워질 말")
	boram.acts(mine, "edit")
	boram.writes(mine+" form.edit textarea", "아직 쓰는 중")
	n.jimin.Post(n.yard+"/messages/"+strings.TrimPrefix(mine, "#m")+"/delete", nil).Wants(http.StatusSeeOther)
	n.jimin.Post(n.yard+"/messages", webtest.Form{"body": "지웠어요"}).Wants(http.StatusSeeOther)
	boram.hears("지웠어요")
	boram.wants(fmt.Sprintf(`document.querySelector('%s form.edit textarea').value === "아직 쓰는 중"`, mine))
	boram.expects("status of 409").clicks(mine+" form.edit button.primary").shows(mine+" form.edit > .error", "can’t be done")
	boram.wants(fmt.Sprintf(`document.querySelector('%s form.edit textarea').value === "아직 쓰는 중"`, mine))
	boram.clicks(mine+" form.edit .cancel").shows(mine, "This message was deleted").count("form.edit", 0)
}

// focusOn waits until the keyboard is at the element a selector finds.
func (t *tab) focusOn(selector string) *tab {
	t.tb.Helper()
	return t.wants(fmt.Sprintf(`document.activeElement?.matches(%s)`, js(selector)))
}

func useKeyboardAlone(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	n.post("처음 들은 말")
	p := b.of(n.jimin).open(n.yard).focusOn("#composer textarea")
	p.does(`document.querySelector('a.skip').focus()`)
	p.press("Enter", 0).focusOn("main").press("ㅊ", 0).focusOn("#composer textarea")
	p.types("처음 쓴 말").press("Enter", 0)
	mine := p.hears("처음 쓴 말")
	p.does(fmt.Sprintf(`document.querySelector('%s .time').focus()`, mine))
	p.press("Tab", 0).focusOn(mine+" .tools > [data-do=react]").press("Tab", 0).focusOn(mine+" .tools > [data-do=reply]").press("Tab", 0).focusOn(mine+" .tools [data-do=copy]").press("Tab", 0).press("Tab", 0).focusOn(mine + " .tools [aria-haspopup]")
	p.wants(`document.activeElement.getAttribute('aria-label').includes('jimin')`)
	p.press("Enter", 0).focusOn("#message-menu .quick > :first-child").press("ArrowUp", 0).press("ArrowUp", 0).focusOn("#message-menu [data-do=unread]")
	p.press("Escape", 0).focusOn(mine+" .tools [aria-expanded=false]").press("Escape", 0).focusOn(mine)
	p.does(fmt.Sprintf(`document.querySelector('%s .tools [data-do=edit]').focus()`, mine))
	p.press("Enter", 0).focusOn(mine+" form.edit textarea").types(" 고쳤다").press("Enter", 0)
	p.shows(mine+" .edited", "edited").focusOn(mine)
}

func settleIn(t *testing.T, b *browser) {
	server := startServer(t)
	p := b.visitor(t, server.url)
	p.zone("America/New_York").open("/signup").clicks(`footer button[lang="ko"]`).wants(`document.documentElement.lang === 'ko'`)
	p.signsUp("/signup", "지민", "/rooms/[-0-9a-f]{36}")
	p.shows("h1", "모두의 방").clicks("button[data-copy]").wants(`document.querySelector('button[data-copy]').innerText === '복사됨'`)
	p.open("/profile").wants(`document.querySelector('#time_zone').value === 'America/New_York'`)
	generated := look[string](p, `document.querySelector('.menu .photo').src`)
	p.shows(".file .button", "파일 선택").shows(".file .chosen", "선택한 파일 없음")
	p.chooses("#photo", "../internal/photo/phototest/testdata/lossy.webp").shows(".file .chosen", "lossy.webp").does(`document.querySelector('#language').value = 'en'`)
	p.clicks(`main form.stack button.primary`).shows(".flash", "Saved.")
	p.wants(fmt.Sprintf(`(() => { const photo = document.querySelector('.menu .photo'); return photo.complete && photo.naturalWidth > 0 && photo.src !== %s })()`, js(generated)))
}
