package live

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

func unread(text string) string {
	return strings.TrimRight("data: user1's rooms: "+text, " ") + "\nevent: unread\n\n"
}

func TestUnread(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a, b := w.store.room("a", 1, 2), w.store.room("b", 1, 2)
		own, inA, inB := w.open(reads(1, uuid.Nil, 0)), w.open(reads(1, a, FromNow)), w.open(reads(1, b, FromNow))
		text := w.open(reads(1, b, FromNow).as(Text))
		stranger := w.open(reads(3, uuid.Nil, 0))
		for _, st := range []*stream{own, inA, inB, stranger} {
			st.next()
		}
		w.post(a, 2, "hello")
		own.wants(unread("a 1 b 0"))
		inB.wants(unread("a 1 b 0 (here)"))
		inA.wants("id: 2\ndata: m1 hello\nevent: message\n\n")
		text.wants("")
		stranger.wants("")
	})
}

func TestOwnMessageReachesOwnOtherPages(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a := w.store.room("a", 1)
		own, inA := w.open(reads(1, uuid.Nil, 0)), w.open(reads(1, a, FromNow))
		own.next()
		inA.next()
		w.post(a, 1, "mine")
		own.wants(unread("a 1"))
		inA.wants("id: 2\ndata: m1 mine\nevent: message\n\n")
	})
}

// TestFirstMessageOfANewcomer is posted before the hub knows that its author is in the room.
func TestFirstMessageOfANewcomer(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a := w.store.room("a", 2)
		own := w.open(reads(1, uuid.Nil, 0))
		own.next()
		w.store.setMembers(a, 1, 2)
		w.post(a, 1, "mine")
		own.wants(unread("a 1"))
	})
}

// TestLeavingWhileRoomsAreRead must not enter somebody under rooms who is not here any more.
func TestLeavingWhileRoomsAreRead(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.store.room("a", 1)
		own := w.open(reads(1, uuid.Nil, 0))
		own.next()
		w.store.after = func(call string) {
			own.cancel()
			<-own.done
		}
		w.hub.Notify(db.Notice{Users: []int64{1}})
		time.Sleep(time.Second)
		w.wantsNothingLeft()
	})
}

// TestUnreadRounds posts much in a short time: a round tells the newest state, and the next comes 200 ms later.
func TestUnreadRounds(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a := w.store.room("a", 1)
		own, home := w.open(reads(1, uuid.Nil, 0)), w.open(reads(1, uuid.Nil, 0))
		own.next()
		home.next()
		w.post(a, 2, "x")
		own.wants(unread("a 1"))
		for range 10 {
			w.post(a, 2, "x")
		}
		own.wants("")
		time.Sleep(unreadPause - 1)
		own.wants("")
		time.Sleep(1)
		own.wants(unread("a 11"))
		home.wants(unread("a 1") + unread("a 11"))
		if got := w.store.count("RoomsOf"); got != 2 {
			t.Errorf("the rooms were read %d times, want once a round", got)
		}
	})
}

func TestMembershipComesAndGoes(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a := w.store.room("a", 2)
		own := w.open(reads(1, uuid.Nil, 0))
		own.next()
		w.post(a, 2, "not mine yet")
		own.wants("")
		w.store.setMembers(a, 1, 2)
		w.hub.Notify(db.Notice{Users: []int64{1, 77}})
		own.wants(unread("a 1"))
		time.Sleep(time.Second)
		w.post(a, 2, "hello")
		own.wants(unread("a 2"))
		w.store.setMembers(a, 2)
		time.Sleep(time.Second)
		w.hub.Notify(db.Notice{Users: []int64{1}})
		own.wants(unread(""))
		time.Sleep(time.Second)
		w.post(a, 2, "not mine any more")
		own.wants("")
	})
}

// TestFirstMessageOfANewRoom posts into a room while the user's rooms are being read because of it.
func TestFirstMessageOfANewRoom(t *testing.T) {
	for _, call := range []string{"RoomIDsOf", "RoomsOf"} {
		t.Run("a message before "+call, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				own := w.open(reads(1, uuid.Nil, 0))
				own.next()
				room := w.store.room("new", 1, 2)
				posted := false
				w.store.meanwhile(func(c string) {
					if c == call && !posted {
						posted = true
						w.post(room, 2, "first")
					}
				})
				w.hub.Notify(db.Notice{Users: []int64{1}})
				own.text()
				time.Sleep(time.Second)
				if events := parse(own.text()); events[len(events)-1].data != "user1's rooms: new 1" {
					t.Errorf("told last: %q", events[len(events)-1].data)
				}
			})
		})
	}
}

// TestMembershipWhileOpening has a membership come when the user's rooms have just been read for its first stream:
// what a worker learns of it meanwhile is newer.
func TestMembershipWhileOpening(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		room := w.store.room("a", 2)
		calls := 0
		w.store.after = func(call string) {
			if calls++; calls == 1 {
				w.store.setMembers(room, 1, 2)
				w.hub.Notify(db.Notice{Users: []int64{1}})
				synctest.Wait()
			}
		}
		own := w.open(reads(1, uuid.Nil, 0))
		time.Sleep(time.Second)
		own.next()
		w.post(room, 2, "hello")
		own.wants(unread("a 1"))
	})
}

// TestAThousandInOneRoom posts where everybody looks: nothing may be read for each of them.
func TestAThousandInOneRoom(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		room := w.store.room("a")
		var members []int64
		for id := range int64(1000) {
			members = append(members, id+1)
		}
		w.store.setMembers(room, members...)
		var streams []*stream
		for _, id := range members {
			streams = append(streams, w.open(reads(id, room, FromNow)))
		}
		for _, st := range streams {
			st.next()
		}
		before := w.store.count("RoomsOf") + w.store.count("Changes") + w.store.count("Head")
		w.post(room, 5, "hello all")
		for _, st := range streams {
			st.wants("id: 2\ndata: m1 hello all\nevent: message\n\n")
		}
		time.Sleep(time.Second)
		streams[0].text()
		if after := w.store.count("RoomsOf") + w.store.count("Changes") + w.store.count("Head"); after != before {
			t.Errorf("%d reads of the store for one message", after-before)
		}
	})
}

func TestUnreadWhileTheStoreFails(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a := w.store.room("a", 1)
		own := w.open(reads(1, uuid.Nil, 0))
		own.next()
		w.store.fail(errStore)
		w.post(a, 2, "x")
		w.hub.Notify(db.Notice{Users: []int64{1}})
		own.wants("")
		time.Sleep(time.Minute)
		own.next()
		if n := w.store.count("RoomIDsOf") + w.store.count("RoomsOf"); n > 25 {
			t.Errorf("asked %d times in a minute", n)
		}
		w.store.fail(nil)
		time.Sleep(lastRetry)
		own.wants(unread("a 1"))
	})
}

// TestListAfterAFailure opens a page whose list of rooms cannot be read at once: it comes later.
func TestListAfterAFailure(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a := w.store.room("a", 1)
		w.store.meanwhile(func(call string) {
			if call == "RoomsOf" {
				w.store.fail(errStore)
			}
		})
		st := w.open(reads(1, a, FromNow).as(HTML))
		st.wants("id: 1\ndata: {\"revision\":1}\nevent: ready\n\n")
		w.store.meanwhile(nil)
		w.store.fail(nil)
		time.Sleep(lastRetry)
		st.wants("data: user1's rooms: a 0 (here)\n\n")
	})
}
