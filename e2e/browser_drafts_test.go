package e2e

import "testing"

// shareDrafts types in two tabs of one browser.
func shareDrafts(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	const field = "#composer textarea"
	holds := func(p *tab, text string) {
		t.Helper()
		p.wants(`document.querySelector('` + field + `').value === '` + text + `'`)
	}
	one := b.of(n.jimin).open(n.yard).writes(field, "글")
	two := one.another().open(n.yard)
	holds(two, "글")
	one.press("Enter", 0).shows("#messages", "글")
	holds(two, "")

	two.writes(field, "둘째 탭의 긴 글")
	holds(one, "둘째 탭의 긴 글")
	one.writes(field, "첫 탭").writes(field, "")
	holds(two, "둘째 탭의 긴 글")
	two.reload()
	holds(two, "둘째 탭의 긴 글")

	one.writes(field, "비밀").open("/profile").clicks(`form[action="/logout"] button`).at("/login")
	for _, p := range []*tab{one, two} {
		p.wants(`![...Object.values(localStorage), ...Object.values(sessionStorage)].some(text => /글|비밀/.test(text))`)
	}
	two.expects("401")
}
