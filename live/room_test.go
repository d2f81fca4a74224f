package live

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// TestNotices_InStrangeWays gives notices of four changes in strange ways; the last always arrives.
// Every reader gets each change once, in order.
func TestNotices_InStrangeWays(t *testing.T) {
	for name, order := range map[string][]int{
		"in order":               {0, 1, 2, 3},
		"the first ones lost":    {3},
		"one lost":               {0, 2, 3},
		"doubled":                {0, 0, 1, 1, 0, 2, 3, 3},
		"backwards":              {3, 2, 1, 0},
		"late":                   {1, 3, 0, 2},
		"without their changes":  {-1, -2, -3, -4},
		"the last one only rung": {-4},
	} {
		for _, pause := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", with a pause: ", pause), func(t *testing.T) {
				bubble(t, func(t *testing.T, f *fixture) {
					room := f.store.room("a", 1)
					st, text := f.open(reads(1, room, FromNow)), f.open(reads(1, room, FromNow).as(Text))
					st.next()
					notices := []db.Notice{f.store.post(room, 2, "1"), f.store.post(room, 2, "2"), f.store.rename(room, "b"), f.store.post(room, 2, "3")}
					for _, i := range order {
						if i < 0 {
							f.hub.Notify(db.Notice{Room: room, Revision: notices[-i-1].Revision})
						} else {
							f.hub.Notify(notices[i])
						}
						if pause {
							synctest.Wait()
						}
					}
					time.Sleep(pace)
					text.wants("m1 1\nm2 2\ntitle b\nm3 3\n")
					st.wants("id: 2\ndata: m1 1\nevent: message\n\nid: 3\ndata: m2 2\nevent: message\n\n" +
						"id: 4\ndata: title b\nevent: room\n\nid: 5\ndata: m3 3\nevent: message\n\n")
				})
			})
		}
	}
}

// TestNotice_OfAnUnknownRevision is of a revision the store does not have: it must not be waited
// for, and the truth comes later all the same.
func TestNotice_OfAnUnknownRevision(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		st := f.open(reads(1, room, FromNow).as(Text))
		st.next()
		f.hub.Notify(db.Notice{Room: room, Revision: 1000})
		f.hub.Notify(db.Notice{Room: uuid.New(), Revision: 1})
		st.wants("")
		f.post(room, 2, "x")
		st.wants("m1 x\n")
	})
}

func TestRoom_WaitsForAStoreThatFails(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		st := f.open(reads(1, room, FromNow).as(Text))
		st.next()
		f.store.fail(errStore)
		f.store.post(room, 2, "lost notice")
		f.post(room, 2, "x")
		synctest.Wait() // the worker is at it, and the rest waits
		for range pendingBound + 100 {
			f.post(room, 2, "x")
		}
		st.wants("")
		time.Sleep(time.Minute)
		st.next()
		if n := f.store.count("Changes"); n > 30 {
			t.Errorf("asked %d times in a minute", n)
		}
		f.hub.mu.Lock()
		if n := len(f.hub.rooms[room].inbox.pending); n > pendingBound {
			t.Errorf("%d notices wait", n)
		}
		f.hub.mu.Unlock()
		f.store.fail(nil)
		time.Sleep(lastRetry)
		lines := strings.Split(st.next(), "\n")
		if got, want := len(lines)-1, pendingBound+102; st.ended() || got != want {
			t.Errorf("%d lines, want %d; ended: %v", got, want, st.ended())
		}
		if lines[0] != "m1 lost notice" {
			t.Errorf("first line %q", lines[0])
		}
	})
}

// TestRoom_WorkerEndsWithItsReaders lets the readers leave while the store fails.
func TestRoom_WorkerEndsWithItsReaders(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 1)
		st := f.open(reads(1, room, FromNow))
		st.next()
		f.store.fail(errStore)
		f.store.post(room, 2, "lost notice")
		f.post(room, 2, "x")
		synctest.Wait()
		st.cancel()
		<-st.done
		synctest.Wait()
		f.wantsNothingLeft()
	})
}

// TestRoom_RendersOnceForEachAudience counts renderings.
func TestRoom_RendersOnceForEachAudience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rendered sync.Map
		f := newFixture(t, func(o *Options) { o.Presenter = plainPresenter{&rendered} })
		defer f.hub.Close()
		room := f.store.room("a", 1)
		for i := range 30 {
			s := reads(1, room, FromNow)
			s.Audience = []Audience{{JSON, "en", "UTC"}, {HTML, "en", "UTC"}, {HTML, "ko", "Asia/Seoul"}}[i%3]
			f.open(s)
		}
		synctest.Wait()
		f.post(room, 2, "x")
		synctest.Wait()
		audiences := 0
		for a, n := range rendered.Range {
			if audiences++; *n.(*int) != 1 {
				t.Errorf("%v was rendered %d times", a, *n.(*int))
			}
		}
		if audiences != 3 {
			t.Errorf("%d audiences", audiences)
		}
	})
}
