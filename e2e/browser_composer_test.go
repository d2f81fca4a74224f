package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/google/go-cmp/cmp"

	"sarangbang/handlers/webtest"
)

// roomAlone is somebody alone in a room, with its page open.
type roomAlone struct {
	*tab
	server *process
	jimin  *webtest.Person
	room   string
}

func openRoomAlone(t *testing.T, b *browser) *roomAlone {
	t.Helper()
	server := startServer(t)
	jimin := webtest.SignUp(t, server.url, "jimin", "")
	room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
	return &roomAlone{tab: b.of(jimin).open(room), server: server, jimin: jimin, room: room}
}

// holds fails the test unless the room's messages are exactly these, in the database and on the
// page.
func (r *roomAlone) holds(bodies ...string) {
	r.tb.Helper()
	all := history(r.jimin, r.room)
	var got []string
	for _, position := range slices.Sorted(maps.Keys(all)) {
		if all[position].Kind != "event" {
			got = append(got, all[position].Body)
		}
	}
	if diff := cmp.Diff(got, bodies); diff != "" {
		r.tb.Errorf("messages in the room (-got +want):\n%s", diff)
	}
	r.count("#messages > .message:not(.event)", len(bodies)).count("#pending > li", 0)
}

// holdPosts keeps back every message the page posts, before it leaves or when its answer comes.
func (t *tab) holdPosts(stage fetch.RequestStage) {
	t.tb.Helper()
	patterns := []*fetch.RequestPattern{{URLPattern: "*/messages", RequestStage: stage}}
	set(t, fetch.Enable, fetch.EnableParams{Patterns: patterns})
}

// heldPost waits for a post that is kept back.
func (t *tab) heldPost() *fetch.EventRequestPaused {
	t.tb.Helper()
	select {
	case e := <-t.held:
		return e
	case <-time.After(patience):
		t.tb.Fatal("the page posts nothing")
		return nil
	}
}

func (t *tab) failPost(e *fetch.EventRequestPaused) {
	t.tb.Helper()
	set(t, fetch.FailRequest, fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonConnectionReset})
}

// letPostsGo lets go on what is kept back, and keeps back nothing any more.
func (t *tab) letPostsGo() {
	t.tb.Helper()
	set(t, fetch.Disable, cdp.Empty{})
}

const composerField = `document.querySelector('#composer textarea').value`

func sendOnce(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	r.holdPosts(fetch.RequestStageRequest)
	r.says("안녕하세요")
	r.shows("#pending > li.sending .body", "안녕하세요").wants(composerField + ` === ''`)
	r.count("#messages > .message", 0)
	r.heldPost()
	r.letPostsGo()
	r.hears("안녕하세요")
	r.holds("안녕하세요")
}

func keepUnsent(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	r.expects("ERR_CONNECTION_RESET")
	r.holdPosts(fetch.RequestStageRequest)
	r.says("꼭 전할 말")
	first := r.heldPost()
	r.failPost(first)
	r.shows("#pending > li.failed .body", "꼭 전할 말").shows("#pending .state", "Not sent yet")
	r.writes("#composer textarea", "다음 말")
	r.clicks("#pending .retry")
	again := r.heldPost()
	if got, want := postedKey(again), postedKey(first); got != want || got == "" {
		t.Errorf("tried again with key %q, want %q", got, want)
	}
	r.letPostsGo()
	r.hears("꼭 전할 말")
	r.wants(composerField + ` === "다음 말"`)
	r.holds("꼭 전할 말")
}

// postedKey is the idempotency key of a post.
func postedKey(e *fetch.EventRequestPaused) string {
	var body strings.Builder
	for _, part := range e.Request.PostDataEntries {
		body.Write(part.Bytes)
	}
	_, key, _ := strings.Cut(body.String(), "key=")
	key, _, _ = strings.Cut(key, "&")
	return key
}

func loseTheAnswer(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	r.expects("ERR_CONNECTION_RESET")
	r.holdPosts(fetch.RequestStageResponse)
	r.says("한 번만")
	answer := r.heldPost()
	r.hears("한 번만") // the stream brings it before the answer is there
	r.failPost(answer)
	r.letPostsGo()
	r.says("그다음")
	r.hears("그다음")
	r.holds("한 번만", "그다음")
}

// serverAway is what a browser notes while the server is away.
var serverAway = []string{"ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "Failed to fetch", "status of 503"}

func outliveTheServer(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	r.expects(serverAway...)
	r.server.stop()
	r.says("서버가 없을 때 쓴 말")
	r.shows("#pending > li.failed .body", "서버가 없을 때 쓴 말")
	r.server.start()
	r.hears("서버가 없을 때 쓴 말")
	r.holds("서버가 없을 때 쓴 말")
}

func reloadTheComposer(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	r.holdPosts(fetch.RequestStageRequest)
	r.says("가는 중")
	r.heldPost()
	r.writes("#composer textarea", "쓰다 만 글\n둘째 줄")
	r.reload()
	r.shows("#pending > li .body", "가는 중").wants(composerField + ` === "쓰다 만 글\n둘째 줄"`)
	r.heldPost()
	r.letPostsGo()
	r.hears("가는 중")
	r.clicks("#composer button.primary")
	r.hears("둘째 줄")
	r.reload()
	r.wants(composerField + ` === ''`)
	r.holds("가는 중", "쓰다 만 글\n둘째 줄")
}

func refuseAndRewrite(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	long := strings.Repeat("가", 9_990)
	r.writes("#composer textarea", long).shows("#composer .note", "9,990 / 10,000")
	r.types(strings.Repeat("나", 11)).clicks("#composer button.primary").shows("#composer .note.error", "10,001 / 10,000")
	r.count("#pending > li", 0).wants(fmt.Sprintf(composerField+`.length === %d`, 10_001))
	r.expects("status of 422")
	r.does(`document.querySelector('#composer').dataset.limit = 20000`)
	r.clicks("#composer button.primary").shows("#pending > li.failed .state", "10,000").clicks("#pending .rewrite")
	r.count("#pending > li", 0).wants(fmt.Sprintf(composerField+`.length === %d`, 10_001))
	r.says("짧게")
	r.hears("짧게")
	r.holds("짧게")
}

func pressKeys(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	r.writes("#composer textarea", "첫 줄").press("Enter", shift).types("둘째 줄").press("Enter", 0)
	r.hears("둘째 줄")
	r.press("Enter", 0).types("   ").press("Enter", 0).writes("#composer textarea", "끝").press("Enter", 0)
	r.hears("끝")
	r.holds("첫 줄\n둘째 줄", "끝")
}

func pressEnterOnTouch(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	r.appear(appearance{width: 390, height: 844, mobile: true, scheme: "light", language: "ko"})
	r.reload().wants(`matchMedia('(pointer: coarse)').matches`)
	r.writes("#composer textarea", "첫 줄").press("Enter", 0).types("둘째 줄").wants(composerField + ` === "첫 줄\n둘째 줄"`)
	r.clicks("#composer button.primary")
	r.hears("둘째 줄")
	r.holds("첫 줄\n둘째 줄")
}

func editWithKeys(t *testing.T, b *browser) {
	r := openRoomAlone(t, b)
	boram := webtest.SignUp(t, r.server.url, "boram", invitation(r.jimin))
	r.says("처음 쓴 말")
	mine := r.hears("처음 쓴 말")
	boram.Get(r.room).Wants(http.StatusOK)
	boram.Post(r.room+"/messages", webtest.Form{"body": "남의 말"})
	r.hears("남의 말")

	r.writes("#composer textarea", "").press("ArrowUp", 0)
	r.wants(fmt.Sprintf(`document.activeElement.matches('%s form.edit textarea')`, mine))
	r.press("Escape", 0).count("form.edit", 0).shows(mine, "처음 쓴 말")
	r.wants(`document.activeElement.matches('#composer textarea')`)
	r.press("ArrowUp", 0).wants(fmt.Sprintf(`document.activeElement.matches('%s form.edit textarea')`, mine))
	r.types(", 고쳤다").press("Enter", 0)
	r.count("form.edit", 0).shows(mine+" .body", "처음 쓴 말, 고쳤다")
	r.holds("처음 쓴 말, 고쳤다", "남의 말")
}
