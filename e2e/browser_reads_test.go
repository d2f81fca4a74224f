package e2e

import "testing"

// seeWhoHasRead sees the number beside one's message go when the other has read it.
func seeWhoHasRead(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	jimin := b.of(n.jimin).open(n.yard).hasStreams(1)
	jimin.says("여기요")
	mine := jimin.hears("여기요")
	jimin.wants(`document.querySelector('` + mine + `').dataset.unreadBy === '1'`)
	jimin.wants(`getComputedStyle(document.querySelector('` + mine + `'), '::after').content === '"1"'`)
	jimin.open(n.yard+"/messages/"+mine[2:]+"/edit").shows("main", "Not read yet").shows("main section li", "boram")
	jimin.open(n.yard).wants(`document.querySelector('` + mine + `').dataset.unreadBy === '1'`)

	b.of(n.boram).open(n.yard)
	jimin.wants(`!document.querySelector('` + mine + `').dataset.unreadBy`)

	// Whoever hides it is not counted.
	boram := b.of(n.boram).withoutScripts().open("/profile")
	boram.does(`document.querySelector('#reads').value = 'hidden'`)
	boram.clicks("form.stack .primary").shows("main", "Saved")
	jimin.says("또")
	next := jimin.hears("또")
	jimin.wants(`!document.querySelector('` + next + `').dataset.unreadBy`)
}
