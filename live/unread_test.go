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

func TestUnread_TellsStreamsThatDoNotShowTheRoom(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		a, b := f.store.room("a", 1, 2), f.store.room("b", 1, 2)
		own, inA, inB := f.open(reads(1, uuid.Nil, 0)), f.open(reads(1, a, FromNow)), f.open(reads(1, b, FromNow))
		text := f.open(reads(1, b, FromNow).as(Text))
		stranger := f.open(reads(3, uuid.Nil, 0))
		for _, st := range []*stream{own, inA, inB, stranger} {
			st.next()
		}
		f.post(a, 2, "hello")
		own.wants(unread("a 1"))
		inB.wants(unread("a 1"))
		inA.wants("id: 2\ndata: m1 hello\nevent: message\n\n")
		text.wants("")
		stranger.wants("")
	})
}

func TestUnread_OwnMessageReachesOwnOtherPages(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		a := f.store.room("a", 1)
		own, inA := f.open(reads(1, uuid.Nil, 0)), f.open(reads(1, a, FromNow))
		own.next()
		inA.next()
		f.post(a, 1, "mine")
		own.wants(unread("a 0"))
		inA.wants("id: 2\ndata: m1 mine\nevent: message\n\n")
	})
}

// TestUnread_FirstMessageOfANewcomer is posted before the hub knows that its author is in the room.
func TestUnread_FirstMessageOfANewcomer(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		a := f.store.room("a", 2)
		own := f.open(reads(1, uuid.Nil, 0))
		own.next()
		f.store.setMembers(a, 1, 2)
		f.post(a, 1, "mine")
		own.wants(unread("a 0"))
	})
}

// TestUnread_UserLeavesWhileRoomsAreRead must not enter somebody under rooms who is not here any
// more.
func TestUnread_UserLeavesWhileRoomsAreRead(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.store.room("a", 1)
		own := f.open(reads(1, uuid.Nil, 0))
		own.next()
		f.store.after = func(call string) {
			own.cancel()
			<-own.done
		}
		f.hub.Notify(db.Notice{Users: []int64{1}})
		time.Sleep(time.Second)
		f.wantsNothingLeft()
	})
}

// TestUnread_ComesInRounds posts much in a short time: a round tells the newest state, and the next
// comes 200 ms later.
func TestUnread_ComesInRounds(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		a := f.store.room("a", 1)
		own, home := f.open(reads(1, uuid.Nil, 0)), f.open(reads(1, uuid.Nil, 0))
		own.next()
		home.next()
		f.post(a, 2, "x")
		own.wants(unread("a 1"))
		for range 10 {
			f.post(a, 2, "x")
		}
		own.wants("")
		time.Sleep(entriesPace - 1)
		own.wants("")
		time.Sleep(time.Nanosecond)
		own.wants(unread("a 11"))
		home.wants(unread("a 1") + unread("a 11"))
		if got := f.store.count("RoomsOf") + f.store.count("RoomOfMembers"); got != 1 {
			t.Errorf("rooms were read %d times, want once: what comes later is counted", got)
		}
	})
}

func TestUnread_FollowsMembership(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		a := f.store.room("a", 2)
		f.store.room("b", 1, 2) // which never changes, and is never told
		own := f.open(reads(1, uuid.Nil, 0))
		own.next()
		f.post(a, 2, "not mine yet")
		own.wants("")
		f.store.setMembers(a, 1, 2)
		f.hub.Notify(db.Notice{Users: []int64{1, 77}})
		own.wants(unread("a 1"))
		time.Sleep(2 * entriesPace)
		f.post(a, 2, "hello")
		own.wants(unread("a 2"))
		f.store.setMembers(a, 2)
		time.Sleep(2 * entriesPace)
		f.hub.Notify(db.Notice{Users: []int64{1}})
		own.wants(unread("and 1 left"))
		time.Sleep(2 * entriesPace)
		f.post(a, 2, "not mine any more")
		own.wants("")
	})
}

// TestUnread_FirstMessageOfANewRoom posts into a room while the user's rooms are being read because
// of it.
func TestUnread_FirstMessageOfANewRoom(t *testing.T) {
	for _, call := range []string{"RoomIDsOf", "RoomsOf"} {
		t.Run("a message before "+call, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				own := f.open(reads(1, uuid.Nil, 0))
				own.next()
				room := f.store.room("new", 1, 2)
				posted := false
				f.store.meanwhile(func(c string) {
					if c == call && !posted {
						posted = true
						f.post(room, 2, "first")
					}
				})
				f.hub.Notify(db.Notice{Users: []int64{1}})
				own.text()
				time.Sleep(time.Second)
				if events := parse(own.text()); events[len(events)-1].data != "user1's rooms: new 1" {
					t.Errorf("told last: %q", events[len(events)-1].data)
				}
			})
		})
	}
}

// TestUnread_MembershipDuringTheHandshake is of a membership that comes when the user's rooms have
// just been read for its first stream: what a worker learns of it meanwhile is newer.
func TestUnread_MembershipDuringTheHandshake(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a", 2)
		calls := 0
		f.store.after = func(call string) {
			if calls++; calls == 1 {
				f.store.setMembers(room, 1, 2)
				f.hub.Notify(db.Notice{Users: []int64{1}})
				synctest.Wait()
			}
		}
		own := f.open(reads(1, uuid.Nil, 0))
		time.Sleep(2 * entriesPace)
		own.next()
		f.post(room, 2, "hello")
		own.wants(unread("a 1"))
	})
}

// TestUnread_CostsNothingWhereAllLook posts where everybody looks: nothing may be read for each of
// them.
func TestUnread_CostsNothingWhereAllLook(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		room := f.store.room("a")
		var members []int64
		for id := range int64(1000) {
			members = append(members, id+1)
		}
		f.store.setMembers(room, members...)
		var streams []*stream
		for _, id := range members {
			streams = append(streams, f.open(reads(id, room, FromNow)))
		}
		for _, st := range streams {
			st.next()
		}
		before := f.store.count("RoomsOf") + f.store.count("Changes") + f.store.count("Head")
		f.post(room, 5, "hello all")
		for _, st := range streams {
			st.wants("id: 2\ndata: m1 hello all\nevent: message\n\n")
		}
		time.Sleep(time.Second)
		streams[0].text()
		if after := f.store.count("RoomsOf") + f.store.count("Changes") + f.store.count("Head"); after != before {
			t.Errorf("%d reads of the store for one message", after-before)
		}
	})
}

func TestUnread_WhileTheStoreFails(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		a := f.store.room("a", 1)
		own := f.open(reads(1, uuid.Nil, 0))
		own.next()
		f.store.fail(errStore)
		f.post(a, 2, "x")
		f.hub.Notify(db.Notice{Users: []int64{1}})
		own.wants("")
		time.Sleep(time.Minute)
		own.next()
		if n := f.store.count("RoomIDsOf") + f.store.count("RoomsOf"); n > 25 {
			t.Errorf("asked %d times in a minute", n)
		}
		f.store.fail(nil)
		time.Sleep(lastRetry)
		own.wants(unread("a 1"))
	})
}

// TestUnread_ListComesAfterAFailure opens a page whose list of rooms cannot be read at once: it
// comes later.
func TestUnread_ListComesAfterAFailure(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		a := f.store.room("a", 1)
		f.store.meanwhile(func(call string) {
			if call == "RoomsOf" {
				f.store.fail(errStore)
			}
		})
		st := f.open(reads(1, a, FromNow).as(HTML))
		st.wants("id: 1\ndata: {\"revision\":1}\nevent: ready\n\n")
		f.store.meanwhile(nil)
		f.store.fail(nil)
		time.Sleep(lastRetry)
		st.wants("data: user1's rooms: a 0 (here)\n\n")
	})
}
