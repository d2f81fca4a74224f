package e2e

import (
	"bytes"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/fetch"

	"sarangbang/handlers/webtest"
	"sarangbang/internal/photo/phototest"
)

const (
	fileField = "#composer .attach input"
	loaded    = `(i => i?.complete && i.naturalWidth > 0)(document.querySelector('%s'))`
)

// writeFile writes a file for a field for files, and returns its path.
func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func isLoaded(selector string) string { return strings.ReplaceAll(loaded, "%s", selector) }

// sendFilesWithScripts sends pictures and a text; the other sees them at once, and looks at the
// pictures with the keyboard.
func sendFilesWithScripts(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	sea := writeFile(t, "바다.jpg", phototest.JPEG(t, phototest.Quarters(2400, 1600, phototest.Blue, phototest.Blue, phototest.Yellow, phototest.Yellow)))
	hill := writeFile(t, "언덕.png", phototest.PNG(t, phototest.Quarters(300, 600, phototest.Green)))
	plan := writeFile(t, "계획.txt", []byte("토요일 두 시"))
	jimin, boram := b.of(n.jimin).open(n.yard+"?at=newest").hasStreams(1), b.of(n.boram).open(n.yard+"?at=newest").hasStreams(1)

	jimin.chooses(fileField, sea).shows(".tray .name", "바다.jpg").wants(`document.querySelector('.tray progress').hidden`)
	jimin.reload().shows(".tray .name", "바다.jpg").wants(isLoaded(".tray img")) // it outlives a reload
	jimin.chooses(fileField, hill).chooses(fileField, plan).count(".tray > li", 3)
	jimin.clicks(".tray > li:nth-child(3) .take").count(".tray > li", 2).chooses(fileField, plan).count(".tray > li", 3)
	jimin.writes("#composer textarea", "사진이에요").press("Enter", 0).count(".tray > li", 0)
	mine, theirs := jimin.hears("사진이에요"), boram.hears("사진이에요")
	jimin.count(mine+" .picture", 2).shows(mine+" .download", "계획.txt").count("#pending > li", 0)
	boram.count(theirs+" .picture", 2).wants(isLoaded(theirs+" .picture img")).shows(theirs+" .download .size", "17 B")

	// A message of files alone, sent before they have arrived.
	jimin.chooses(fileField, plan).count(".tray > li", 1).press("Enter", 0).count(".tray > li", 0)
	boram.wants(`document.querySelectorAll('#messages .download').length === 2`)

	// The viewer.
	boram.clicks(theirs+" .picture").wants(`document.querySelector('#picture').open`).shows("#picture .name", "바다.jpg")
	boram.wants(`(i => i.src.includes('size=large') && i.complete && i.naturalWidth === 1600)(document.querySelector('#picture > img'))`)
	boram.wants(`(r => r.right <= innerWidth && r.bottom <= innerHeight && r.width > 300)(document.querySelector('#picture > img').getBoundingClientRect())`)
	boram.press("ArrowRight", 0).shows("#picture .name", "언덕.png").wants(`document.querySelector('#picture .next').disabled`)
	boram.press("ArrowLeft", 0).shows("#picture .name", "바다.jpg").press("Escape", 0).wants(`!document.querySelector('#picture').open`)

	// A text that is too long becomes a file, and a text can be copied.
	jimin.does(`document.querySelector('#composer textarea').value = '가'.repeat(10001)`)
	jimin.does(`document.querySelector('#composer textarea').dispatchEvent(new Event('input', { bubbles: true }))`)
	jimin.clicks("#composer .as-file").shows(".tray .name", "message.txt").wants(composerField+` === ''`).press("Enter", 0).count(".tray > li", 0)
	boram.wants(`[...document.querySelectorAll('#messages .download')].at(-1).innerText.includes('30 KB')`)
	jimin.points(mine + " .body").clicks(mine + " [data-do=menu]")
	jimin.wants(`document.querySelector('[data-do=copy-text]').dataset.copy === '사진이에요'`).press("Escape", 0)

	// Deleted, they are gone for everybody.
	path := look[string](boram, `document.querySelector('`+theirs+` .picture').getAttribute('href')`)
	n.jimin.Post(n.yard+"/messages/"+theirs[2:]+"/delete", nil)
	boram.count(theirs+" .picture", 0)
	n.boram.Get(path).Wants(404)

	// Lost on the way, tried again, and refused.
	jimin.expects("net::ERR_FAILED", "/files")
	set(jimin, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/files", RequestStage: fetch.RequestStageRequest}}})
	jimin.chooses(fileField, plan)
	jimin.failPost(jimin.heldPost())
	jimin.shows(".tray .state", "The connection was lost.").press("Enter", 0).count(".tray > li", 1)
	jimin.letPostsGo()
	jimin.clicks(".tray .again").count(".tray .again:not([hidden])", 0).wants(`document.querySelector('.tray progress').hidden`)
	jimin.clicks(".tray .take").count(".tray > li", 0)
	jimin.does(`Object.defineProperty(document.querySelector('#composer').dataset, 'maxFile', { value: '10' })`)
	jimin.does(`document.querySelector('#composer').setAttribute('data-max-file', '10')`)
	jimin.chooses(fileField, plan).shows("#composer .note", "계획.txt: Too large").count(".tray > li", 0)
}

func sendFilesWithoutScripts(t *testing.T, b *browser) {
	n := newNeighbours(t, b)
	picture := writeFile(t, "바다.png", phototest.PNG(t, phototest.Quarters(300, 200, phototest.Blue)))
	p := b.of(n.jimin).withoutScripts().open(n.yard)
	p.chooses(fileField, picture).clicks("#composer .send").at(n.yard)
	p.wants(isLoaded("#log .picture img")).chooses(fileField, picture).writes("#composer textarea", "또 바다").clicks("#composer .send").at(n.yard)
	p.count("#log .picture", 2).writes("#composer textarea", "글만").clicks("#composer .send").at(n.yard)
	p.shows("#log", "글만")
	p.open(look[string](p, `document.querySelector("#log .picture").getAttribute("href")`)).wants(`document.querySelector('img')?.naturalWidth === 300`)
	n.boram.Get(n.yard).Shows("#log .message .body", "또 바다")
	n.boram.Post(n.yard+"/messages", webtest.Form{"body": "@jimin 예쁘네요"})
}

// sendForm posts a multipart form with files, in the order of their names.
func sendForm(p *webtest.Person, path string, fields webtest.Form, named map[string]string) *webtest.Answer {
	p.TB.Helper()
	body, contentType := formOf(fields, named)
	return p.Do(http.MethodPost, path, body, contentType).Wants(http.StatusSeeOther)
}

// formOf returns a multipart form with files, in the order of their names. A buffer refuses
// nothing.
func formOf(fields webtest.Form, named map[string]string) (body io.Reader, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range fields {
		w.WriteField(name, value)
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		part, _ := w.CreateFormFile("files", name)
		io.WriteString(part, named[name])
	}
	w.Close()
	return &b, w.FormDataContentType()
}
