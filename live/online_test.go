package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
	"sarangbang/live/presence"
)

func (s *fakeStore) Memberships(ctx context.Context, rooms []uuid.UUID, users []int64) ([]*db.UsersOnRoom, error) {
	s.mu.Lock() // what tests have happen when the store is asked is about readers
	defer s.mu.Unlock()
	if s.failing != nil {
		return nil, s.failing
	}
	var members []*db.UsersOnRoom
	for id, r := range s.rooms {
		for _, user := range r.members {
			if (len(users) == 0 || slices.Contains(users, user)) && (len(rooms) == 0 || slices.Contains(rooms, id)) {
				members = append(members, &db.UsersOnRoom{RoomID: id, UserID: user})
			}
		}
	}
	return members, nil
}

func (s *fakeStore) People(ctx context.Context, ids []int64) ([]*db.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var people []*db.User
	for _, id := range ids {
		people = append(people, person(id))
	}
	return people, s.failing
}

func (s *fakeStore) MemberCounts(context.Context, []uuid.UUID) (map[uuid.UUID]int, error) {
	return nil, nil
}

func (s *fakeStore) MemberMarks(_ context.Context, room uuid.UUID) (marks []db.MemberMark, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls["MemberMarks"]++
	if s.failing != nil || s.rooms[room] == nil {
		return nil, s.failing
	}
	for _, id := range slices.Sorted(maps.Keys(s.rooms[room].read)) {
		marks = append(marks, db.MemberMark{UserID: id, Position: s.rooms[room].read[id]})
	}
	return marks, nil
}

func (s *fakeStore) MarkSeen(context.Context, []int64, time.Time) error { return nil }

// plainPresenter says nothing of people; tests of presence use peoplePresenter.
func (plainPresenter) Online(Audience, presence.Online) Event { return Event{} }
func (plainPresenter) Typing(Audience, []*db.User) Event      { return Event{} }
func (peoplePresenter) Online(_ Audience, o presence.Online) Event {
	return people(EventOnline, o.Count, o.People)
}
func (peoplePresenter) Typing(_ Audience, who []*db.User) Event {
	return people(EventTyping, len(who), who)
}

// peoplePresenter renders who is there as "3: 1 2 3".
type peoplePresenter struct{ plainPresenter }

func people(name string, count int, who []*db.User) Event {
	text := fmt.Sprint(count, ":")
	for _, u := range who {
		text += fmt.Sprint(" ", u.ID)
	}
	return Event{Name: name, Data: []byte(text)}
}

// inPresenceCluster runs a test in a cluster of two hubs that tell of people.
func inPresenceCluster(t *testing.T, test func(t *testing.T, f *cluster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &cluster{exchange: new(bus.Exchange), store: newFakeStore()}
		for range 2 {
			f.join(t, peoplePresenter{})
		}
		test(t, f)
		f.close()
	})
}

// told are the data of the events of a name that came since the last time.
func (st *stream) told(name string) (told []string) {
	for _, e := range parse(st.next()) {
		if e.name == name {
			told = append(told, e.data)
		}
	}
	return told
}

func (st *stream) wantsTold(what, name string, want ...string) {
	st.t.Helper()
	if got := st.told(name); !slices.Equal(got, want) {
		st.t.Errorf("%s: %s %q, want %q", what, name, got, want)
	}
}

// departGrace is how long somebody who left stays online.
const departGrace = presence.AnnounceEvery / 3

// aRound is longer than a round of presence and shorter than departGrace.
const aRound = 1100 * time.Millisecond

func TestOnline_IsToldToTheReaders(t *testing.T) {
	inPresenceCluster(t, func(t *testing.T, f *cluster) {
		a, here := f.store.room("a", 1, 2, 3), f.nodes[0]
		reader := here.open(reads(1, a, 1))
		time.Sleep(aRound)
		reader.wantsTold("alone", EventOnline, "1: 1")
		second := here.open(reads(2, uuid.Nil, 0))
		stranger := here.open(reads(9, uuid.Nil, 0))
		time.Sleep(aRound)
		reader.wantsTold("another and a stranger came", EventOnline, "2: 1 2")
		late := here.open(reads(3, a, 1))
		time.Sleep(aRound)
		late.wantsTold("on coming, and a moment later", EventOnline, "2: 1 2", "3: 1 2 3")
		reader.wantsTold("a third came", EventOnline, "3: 1 2 3")
		second.cancel()
		time.Sleep(2 * aRound)
		second = here.open(reads(2, uuid.Nil, 0))
		time.Sleep(10 * time.Second)
		reader.wantsTold("one reloaded a page", EventOnline)
		second.cancel()
		time.Sleep(departGrace + aRound)
		reader.wantsTold("one left", EventOnline, "2: 1 3")
		stranger.cancel()
	})
}

func TestOnline_OfManyIsToldOnceASecond(t *testing.T) {
	inPresenceCluster(t, func(t *testing.T, f *cluster) {
		var members []int64
		for id := range int64(70) {
			members = append(members, id+1)
		}
		a := f.store.room("a", members...)
		reader := f.nodes[0].open(reads(1, a, 1))
		time.Sleep(3 * time.Second)
		reader.next()
		for _, id := range members[1:] {
			f.nodes[int(id)%2].open(reads(id, a, 1).as(Text))
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(2 * aRound)
		got := reader.told(EventOnline)
		if len(got) > 4 {
			t.Errorf("told %d times in less than a second", len(got))
		}
		if last := got[len(got)-1]; !strings.HasPrefix(last, "70: 1 2 3 ") || len(strings.Fields(last)) != 1+50 {
			t.Errorf("told %q at last", last)
		}
	})
}

func TestOnline_OfALargeRoomIsToldLessOften(t *testing.T) {
	inPresenceCluster(t, func(t *testing.T, f *cluster) {
		members := make([]int64, 3000)
		for i := range members {
			members[i] = int64(i + 1)
		}
		a, hub := f.store.room("a", members...), f.nodes[0].hub
		hub.peers.receive(bus.Message{From: "elsewhere", Presence: &bus.Presence{Online: members[:2000]}})
		reader := f.nodes[0].open(reads(1, a, 1))
		time.Sleep(aRound)
		reader.next()
		for i := range 20 {
			hub.peers.receive(bus.Message{From: "elsewhere", Presence: &bus.Presence{Online: members[2000+i : 2001+i]}})
			time.Sleep(time.Second)
		}
		if got := reader.told(EventOnline); len(got) < 4 || len(got) > 6 {
			t.Errorf("told %d times in 20 seconds, want every 4 seconds", len(got))
		}
		page := f.nodes[0].open(reads(2, a, 1).as(HTML))
		time.Sleep(aRound)
		if got := page.told(EventOnline); len(got) == 0 {
			t.Error("who comes in another format is not told at once")
		}
		hub.Typing(a, 3)
		time.Sleep(aRound)
		reader.wantsTold("somebody types", EventTyping, "1: 3")
	})
}

func TestOnline_FollowsMembership(t *testing.T) {
	inPresenceCluster(t, func(t *testing.T, f *cluster) {
		a := f.store.room("a", 1)
		reader := f.nodes[0].open(reads(1, a, 1))
		f.nodes[1].open(reads(2, uuid.Nil, 0))
		time.Sleep(2 * aRound)
		reader.next()
		f.store.setMembers(a, 1, 2)
		f.nodes[1].hub.Notify(f.store.rename(a, "b"))
		time.Sleep(aRound)
		reader.wantsTold("after joining", EventOnline, "2: 1 2")
	})
}

func TestOnline_CoversOtherProcesses(t *testing.T) {
	for name, c := range map[string]struct {
		part   func(f *cluster, st *stream) // how somebody there goes
		within time.Duration
	}{
		"closes the page":      {func(_ *cluster, st *stream) { st.cancel() }, departGrace + 3*time.Second},
		"the process is ended": {func(f *cluster, _ *stream) { f.nodes[1].hub.Close() }, 2 * time.Second},
		"the process is killed": {func(f *cluster, st *stream) {
			f.endpoints[1].Disconnect()
			st.cancel()
		}, time.Minute},
		"the page is closed and the message lost": {func(f *cluster, st *stream) {
			f.lose()
			st.cancel()
			time.Sleep(2 * departGrace)
			f.exchange.InjectFault(nil)
		}, presence.AnnounceEvery + 3*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inPresenceCluster(t, func(t *testing.T, f *cluster) {
				a := f.store.room("a", 1, 2)
				there := f.nodes[1].open(reads(2, a, 1).as(Text))
				time.Sleep(20 * time.Second)
				reader := f.nodes[0].open(reads(1, a, 1))
				time.Sleep(aRound)
				reader.wantsTold("at first", EventOnline, "2: 1 2")
				time.Sleep(2 * time.Minute)
				reader.wantsTold("as long as nothing happens", EventOnline)
				c.part(f, there)
				time.Sleep(c.within)
				reader.wantsTold("in the end", EventOnline, "1: 1")
			})
		})
	}
}

func TestOnline_IsKnownToANewProcess(t *testing.T) {
	inPresenceCluster(t, func(t *testing.T, f *cluster) {
		a := f.store.room("a", 1, 2)
		f.nodes[0].open(reads(1, a, 1))
		time.Sleep(3 * time.Second)
		f.join(t, peoplePresenter{})
		reader := f.nodes[2].open(reads(2, a, 1))
		time.Sleep(3 * time.Second)
		if got := reader.told(EventOnline); len(got) == 0 || got[len(got)-1] != "2: 1 2" {
			t.Errorf("told %q", got)
		}
	})
}

func TestOnline_OutlivesAStoreThatFails(t *testing.T) {
	inPresenceCluster(t, func(t *testing.T, f *cluster) {
		a := f.store.room("a", 1, 2)
		reader := f.nodes[0].open(reads(1, a, 1))
		time.Sleep(3 * time.Second)
		reader.next()
		f.nodes[0].open(reads(2, uuid.Nil, 0).as(Text))
		f.store.fail(errStore)
		time.Sleep(3 * time.Second)
		f.store.fail(nil)
		time.Sleep(2 * aRound)
		reader.wantsTold("once the store works", EventOnline, "2: 1 2")
	})
}

// TestOnline_WatchingAClosedRoomKeepsNothing lets a reader leave just before its handshake asks for
// the presence of the room.
func TestOnline_WatchingAClosedRoomKeepsNothing(t *testing.T) {
	inPresenceCluster(t, func(t *testing.T, f *cluster) {
		a, hub := f.store.room("a", 1), f.nodes[0].hub
		st := f.nodes[0].open(reads(1, a, 1))
		synctest.Wait()
		hub.mu.Lock()
		rm := hub.rooms[a]
		hub.mu.Unlock()
		st.cancel()
		time.Sleep(aRound)
		hub.presence.Watch(rm)
		f.nodes[0].wantsNothingLeft()
	})
}
