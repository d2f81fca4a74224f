package live

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarangbang/db"
)

func TestStream_Headers(t *testing.T) {
	for format, contentType := range map[Format]string{
		HTML: "text/event-stream", JSON: "text/event-stream", Text: "text/plain; charset=utf-8", Page: "text/html; charset=utf-8",
	} {
		t.Run(string(format), func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				st := f.open(reads(1, f.store.room("a", 1), FromNow).as(format))
				synctest.Wait()
				got := maps.Clone(st.header)
				want := map[string][]string{"Content-Type": {contentType}, "Cache-Control": {"no-store"}, "X-Accel-Buffering": {"no"}}
				if diff := cmp.Diff(map[string][]string(got), want); diff != "" {
					t.Errorf("headers, got and want:\n%s", diff)
				}
				if st.status != 200 {
					t.Errorf("status %d, want 200", st.status)
				}
			})
		})
	}
}

func TestStream_FirstBytes(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		f.post(room, 2, "hello")
		text := f.open(reads(1, room, FromNow)).text()
		match := regexp.MustCompile(`^retry: (\d+)\nid: 2\ndata: {"revision":2}\nevent: ready\n\n$`).FindStringSubmatch(text)
		if match == nil {
			t.Fatalf("first bytes %q", text)
		}
		if ms, _ := strconv.Atoi(match[1]); ms < 1000 || ms > 3000 {
			t.Errorf("retry after %d ms, want 1000 to 3000", ms)
		}
	})
}

func TestHandshake_SendsWhatWasMissed(t *testing.T) {
	ready := func(n int) string { return fmt.Sprintf("id: %d\ndata: {\"revision\":%[1]d}\nevent: ready\n\n", n) }
	change := func(id int, name, data string) string {
		if name != "" {
			name = "event: " + name + "\n"
		}
		return fmt.Sprintf("id: %d\ndata: %s\n%s\n", id, data, name)
	}
	html := "data: user1's rooms: new 2 (here)\n\n"
	for name, c := range map[string]struct {
		format Format
		after  int64
		want   string
	}{
		"from now: ready alone":              {JSON, FromNow, ready(7)},
		"nothing missed":                     {JSON, 7, ready(7)},
		"the title in its place":             {JSON, 3, change(5, "room", "title new") + change(6, "message", "m1 edited") + change(7, "message", "m3 deleted") + ready(7)},
		"all from the start, each once":      {JSON, 0, change(3, "message", "m2 two") + change(5, "room", "title new") + change(6, "message", "m1 edited") + change(7, "message", "m3 deleted") + ready(7)},
		"a cursor from the future":           {JSON, 8, "id: 7\ndata: {\"revision\":7}\nevent: reset\n\n" + ready(7)},
		"HTML is unnamed, with a list":       {HTML, 6, change(7, "", "m3 deleted") + ready(7) + html},
		"HTML, a cursor from the future":     {HTML, 99, "id: 7\ndata: {\"revision\":7}\nevent: reset\n\n" + ready(7) + html},
		"text is lines":                      {Text, 5, "m1 edited\nm3 deleted\n"},
		"text, a cursor from the future":     {Text, 99, ""},
		"a page is what the presenter gives": {Page, 6, "m3 deleted\n"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				room := f.store.room("old", 1)
				for _, body := range []string{"one", "two", "three"} {
					f.store.post(room, 2, body)
				}
				f.store.rename(room, "new")
				f.store.edit(room, 1, "edited")
				f.store.remove(room, 3)
				f.open(reads(1, room, c.after).as(c.format)).wants(c.want)
			})
		})
	}
}

func TestHandshake_GoesLive(t *testing.T) {
	for _, format := range []Format{HTML, JSON, Text, Page} {
		t.Run(string(format), func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				room := f.store.room("a", 1)
				for _, after := range []int64{FromNow, 0, 1, 99} {
					st := f.open(reads(1, room, after).as(format))
					st.next()
					f.post(room, 2, "more")
					time.Sleep(pace)
					if got := strings.Count(st.next(), "more"); got != 1 {
						t.Errorf("after %d: the message came %d times, want once", after, got)
					}
				}
			})
		})
	}
}

func TestHandshake_ResetsHTMLFarBehind(t *testing.T) {
	for name, c := range map[string]struct {
		messages int
		reset    bool
	}{"200 messages are sent": {200, false}, "201 are too many": {201, true}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				room := f.store.room("a", 1)
				for range c.messages {
					f.store.post(room, 2, "x")
				}
				st := f.open(reads(1, room, 1).as(HTML))
				events := parse(st.text())
				if got := events[0].name == EventReset; got != c.reset {
					t.Errorf("reset is %v, want %v", got, c.reset)
				}
				if c.reset && *events[0].id != strconv.Itoa(c.messages+1) {
					t.Errorf("reset has id %s", *events[0].id)
				}
				st.next()
				f.post(room, 2, "and live again")
				st.wants(fmt.Sprintf("id: %d\ndata: m%d and live again\n\n", c.messages+2, c.messages+1))
			})
		})
	}
}

// TestHandshake_LeavesNoGap posts at each moment of the handshake, with everything at rest before
// it goes on.
func TestHandshake_LeavesNoGap(t *testing.T) {
	for name, hook := range map[string]func(s *fakeStore, f func(string)){
		"before": func(s *fakeStore, f func(string)) { s.before = f },
		"after":  func(s *fakeStore, f func(string)) { s.after = f },
	} {
		for _, call := range []string{"Head", "Changes"} {
			t.Run(fmt.Sprint("a message ", name, " ", call), func(t *testing.T) {
				bubble(t, func(t *testing.T, f *fixture) {
					room := f.store.room("a", 1)
					for range 450 {
						f.store.post(room, 2, "x")
					}
					posts := int64(0)
					hook(f.store, func(c string) {
						if c == call {
							posts++
							f.post(room, 2, "meanwhile")
							synctest.Wait()
						}
					})
					st := f.open(reads(1, room, 1))
					time.Sleep(time.Second) // fake: over when all is at rest
					wantsRevisions(t, parse(st.text()), 2, 451+posts)
				})
			})
		}
	}
}

// TestHandshake_CatchesUpInChunks reads in chunks; what is posted meanwhile, more than a queue
// holds, comes once, after the rest.
func TestHandshake_CatchesUpInChunks(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		for range 950 {
			f.store.post(room, 2, "x")
		}
		pages := 0
		f.store.meanwhile(func(call string) {
			if call != "Changes" || pages == 8 {
				return
			}
			pages++
			for range 200 {
				f.post(room, 2, "meanwhile")
			}
			synctest.Wait()
		})
		st := f.open(reads(1, room, 1))
		time.Sleep(time.Second)
		wantsRevisions(t, parse(st.text()), 2, 951+8*200)
	})
}

// wantsRevisions wants messages with each id from first to last, in order, and nothing else but
// ready.
func wantsRevisions(t testing.TB, events []event, first, last int64) {
	t.Helper()
	want := first
	for _, e := range events {
		if e.name != EventMessage {
			continue
		}
		if *e.id != strconv.FormatInt(want, 10) {
			t.Fatalf("%s %s has id %s, want %d", e.name, e.data, *e.id, want)
		}
		want++
	}
	if want != last+1 {
		t.Errorf("the last message has id %d, want %d", want-1, last)
	}
}

// TestHandshake_EndsWhileCatchingUp ends a stream between two chunks: what waits in its queue must
// not be sent, or its cursor would step over the rest.
func TestHandshake_EndsWhileCatchingUp(t *testing.T) {
	for name, end := range map[string]func(f *fixture){
		"the store fails": func(f *fixture) { f.store.fail(errStore) },
		"a right ends":    func(f *fixture) { f.hub.Notify(db.Notice{Ended: []db.Right{{UserID: 1}}}) },
		"the hub closes":  func(f *fixture) { go f.hub.Close(); synctest.Wait() },
	} {
		for page := range 2 {
			t.Run(fmt.Sprint(name, " after page ", page+1), func(t *testing.T) {
				bubble(t, func(t *testing.T, f *fixture) {
					room := f.store.room("a", 1)
					for range 450 {
						f.store.post(room, 2, "x")
					}
					calls := 0
					f.store.after = func(call string) {
						if call != "Changes" {
							return
						}
						if calls++; calls == page+1 {
							f.post(room, 2, "heard by nobody")
							synctest.Wait()
						}
					}
					f.store.before = func(string) {
						if calls == page+1 {
							f.post(room, 2, "live")
							synctest.Wait()
							end(f)
						}
					}
					st := f.open(reads(1, room, 1))
					<-st.done
					wantsRevisions(t, parse(st.written.String()), 2, int64(min(451, 1+200*(page+1))))
				})
			})
		}
	}
}
