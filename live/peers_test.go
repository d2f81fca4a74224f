package live

import (
	"context"
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

func (s *fakeStore) Heads(ctx context.Context, rooms []uuid.UUID) (map[uuid.UUID]int64, error) {
	err := s.called(ctx, "Heads")
	defer s.mu.Unlock()
	heads := map[uuid.UUID]int64{}
	for _, id := range rooms {
		if r := s.rooms[id]; r != nil {
			heads[id] = r.room.Revision
		}
	}
	return heads, err
}

// Lapsed knows of memberships alone.
func (s *fakeStore) Lapsed(ctx context.Context, rights []db.Right) (lapsed []db.Right, err error) {
	err = s.called(ctx, "Lapsed")
	defer s.mu.Unlock()
	for _, r := range rights {
		if room := s.rooms[r.Room]; room != nil && !slices.Contains(room.members, r.UserID) {
			lapsed = append(lapsed, db.Right{UserID: r.UserID, Room: r.Room})
		}
	}
	return lapsed, err
}

func (s *fakeStore) MembershipsOf(ctx context.Context, users []int64) (memberships []*db.UsersOnRoom, err error) {
	err = s.called(ctx, "MembershipsOf")
	defer s.mu.Unlock()
	for id, r := range s.rooms {
		for _, user := range users {
			if slices.Contains(r.members, user) {
				memberships = append(memberships, &db.UsersOnRoom{RoomID: id, UserID: user, ReadPosition: r.read[user]})
			}
		}
	}
	return memberships, err
}

// cluster is some hubs on one store, as processes are.
type cluster struct {
	exchange  *bus.Exchange
	endpoints []*bus.Local
	nodes     []*fixture
	store     *fakeStore
}

// inCluster runs a test in a cluster of two hubs, with fake time, closes them and looks for what is
// left.
func inCluster(t *testing.T, test func(t *testing.T, f *cluster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newCluster(t, 2)
		test(t, f)
		f.close()
	})
}

func newCluster(t testing.TB, hubs int) *cluster {
	f := &cluster{exchange: new(bus.Exchange), store: newFakeStore()}
	for range hubs {
		f.join(t, plainPresenter{})
	}
	return f
}

// newNode makes one more hub for the cluster.
func (f *cluster) newNode(t testing.TB, p Presenter) (*bus.Local, *fixture) {
	endpoint := f.exchange.Join()
	node := newFixture(t, func(o *Options) { o.Store, o.Bus, o.Presenter = f.store, endpoint, p })
	node.store = f.store
	return endpoint, node
}

// join adds a hub.
func (f *cluster) join(t testing.TB, p Presenter) {
	endpoint, node := f.newNode(t, p)
	f.endpoints, f.nodes = append(f.endpoints, endpoint), append(f.nodes, node)
}

func (f *cluster) close() {
	for i, node := range f.nodes {
		node.hub.Close()
		f.endpoints[i].Close()
		synctest.Wait()
		node.wantsNothingLeft()
	}
}

// lose loses all messages from now on.
func (f *cluster) lose() { f.exchange.InjectFault(func(bus.Message) []time.Duration { return nil }) }

func TestReader_OfAnotherProcessIsTold(t *testing.T) {
	inCluster(t, func(t *testing.T, f *cluster) {
		a := f.store.room("a", 1, 2)
		here, there := f.nodes[0].open(reads(1, a, 1)), f.nodes[1].open(reads(2, a, 1))
		here.next()
		there.next()
		f.nodes[0].post(a, 1, "hello")
		time.Sleep(pace)
		f.nodes[1].post(a, 2, "hi")
		time.Sleep(pace)
		for _, st := range []*stream{here, there} {
			if got := st.next(); strings.Count(got, "m1 hello") != 1 || strings.Count(got, "m2 hi") != 1 {
				t.Errorf("the stream sent:\n%s", got)
			}
		}
		if n := f.store.count("Changes"); n > 0 {
			t.Errorf("the store was asked for changes %d times, want the messages to be enough", n)
		}
	})
}

func TestChange_ArrivesInTwoSecondsThoughItsMessageIsLost(t *testing.T) {
	inCluster(t, func(t *testing.T, f *cluster) {
		a := f.store.room("a", 1, 2)
		reader := f.nodes[1].open(reads(2, a, 1))
		reader.next()
		f.lose()
		for range 5 {
			f.nodes[0].post(a, 1, "hello")
			time.Sleep(2 * time.Second)
			if got := reader.next(); strings.Count(got, "hello") != 1 {
				t.Errorf("the stream sent:\n%s", got)
			}
		}
	})
}

func TestUnread_IsToldThoughTheMessageIsLost(t *testing.T) {
	inCluster(t, func(t *testing.T, f *cluster) {
		f.store.room("a", 1, 2)
		b := f.store.room("b", 1, 2)
		f.store.room("c", 2)
		for name, s := range map[string]Subscription{"an own stream": reads(2, uuid.Nil, 0), "a page": reads(2, uuid.Nil, 0).as(HTML)} {
			reader := f.nodes[1].open(s)
			time.Sleep(3 * time.Second)
			reader.next()
			time.Sleep(10 * time.Second)
			if got := reader.next(); got != "" {
				t.Errorf("%s was told without a reason:\n%s", name, got)
			}
			f.lose()
			f.nodes[0].post(b, 1, "hello")
			time.Sleep(2 * time.Second)
			if got := reader.next(); !strings.Contains(got, "b") {
				t.Errorf("%s was sent:\n%s", name, got)
			}
			f.exchange.InjectFault(nil)
			reader.cancel()
			<-reader.done
		}
	})
}

func TestReader_IsCutThoughTheMessageOfItsRightIsLost(t *testing.T) {
	inCluster(t, func(t *testing.T, f *cluster) {
		a := f.store.room("a", 1, 2)
		reader, other := f.nodes[1].open(reads(2, a, 1)), f.nodes[1].open(reads(1, a, 1))
		reader.next()
		f.store.setMembers(a, 1)
		time.Sleep(30 * time.Second)
		if got := reader.next(); !reader.ended() || !strings.Contains(got, ReasonRemoved) {
			t.Errorf("the stream has ended: %v; it sent:\n%s", reader.ended(), got)
		}
		if other.ended() {
			t.Error("somebody else's stream has ended")
		}
	})
}

func TestReconcile_ChecksEverythingAfterALostConnection(t *testing.T) {
	inCluster(t, func(t *testing.T, f *cluster) {
		a, b := f.store.room("a", 1, 2), f.store.room("b", 1)
		removed, own := f.nodes[1].open(reads(2, a, 1)), f.nodes[1].open(reads(2, uuid.Nil, 0))
		time.Sleep(3 * time.Second)
		own.next()
		reconnect := f.endpoints[1].Disconnect()
		f.store.setMembers(a, 1)
		f.nodes[0].hub.Notify(db.Notice{Ended: []db.Right{{UserID: 2, Room: a}}})
		f.store.setMembers(b, 1, 2)
		f.nodes[0].hub.Notify(db.Notice{Users: []int64{2}})
		reconnect()
		time.Sleep(time.Second)
		if !removed.ended() {
			t.Error("the stream goes on")
		}
		if got := own.next(); !strings.Contains(got, "b") {
			t.Errorf("the own stream sent:\n%s", got)
		}
	})
}

func TestListOfRooms_IsRightThoughNoMessageTells(t *testing.T) {
	for _, format := range []Format{JSON, HTML} {
		inCluster(t, func(t *testing.T, f *cluster) {
			a, b := f.store.room("a", 1, 2), f.store.room("b", 1)
			f.store.post(a, 1, "hello")
			own := f.nodes[1].open(reads(2, uuid.Nil, 0).as(format))
			wants := func(what, want string, within time.Duration) {
				t.Helper()
				own.next()
				time.Sleep(within)
				if got := own.next(); want == "" && strings.Contains(got, "rooms") || !strings.Contains(got, want) {
					t.Errorf("%s: the stream sent, after %s:\n%s", format, what, got)
				}
			}
			time.Sleep(3 * time.Second)
			wants("nothing", "", time.Minute)
			f.store.mark(a, 2, 1)
			wants("a read mark", "a 0", 30*time.Second)
			reconnect := f.endpoints[1].Disconnect()
			f.store.setMembers(b, 1, 2)
			wants("an invitation, while the bus is not connected", "b 0", 2*time.Second)
			reconnect()
		})
	}
}

func TestHub_ClosedStillTellsItsPeers(t *testing.T) {
	inCluster(t, func(t *testing.T, f *cluster) {
		a := f.store.room("a", 1, 2)
		reader := f.nodes[1].open(reads(2, a, 1))
		reader.next()
		f.nodes[0].hub.Close()
		f.nodes[0].post(a, 1, "my last request")
		if got := reader.next(); !strings.Contains(got, "my last request") {
			t.Errorf("the stream sent:\n%s", got)
		}
	})
}

func TestRoom_IsFollowedWhileItIsReadOrWatched(t *testing.T) {
	inCluster(t, func(t *testing.T, f *cluster) {
		a, b := f.store.room("a", 1), f.store.room("b", 1, 2)
		followed := func() []uuid.UUID {
			synctest.Wait()
			h := f.nodes[0].hub
			h.mu.Lock()
			defer h.mu.Unlock()
			var rooms []uuid.UUID
			for _, id := range []uuid.UUID{a, b} {
				if _, ok := h.peers.followed[id]; ok {
					rooms = append(rooms, id)
				}
			}
			return rooms
		}
		wants := func(what string, want ...uuid.UUID) {
			t.Helper()
			if got := followed(); !slices.Equal(got, want) {
				t.Errorf("%s: %v are followed, want %v", what, got, want)
			}
		}
		wants("at first")
		reader := f.nodes[0].open(reads(1, a, 1).as(Text))
		wants("one is read", a)
		own := f.nodes[0].open(reads(2, uuid.Nil, 0))
		wants("another is watched", a, b)
		reader.cancel()
		time.Sleep(2 * time.Second)
		wants("one was left", b)
		own.cancel()
		time.Sleep(2 * time.Second)
		wants("both were left")
	})
}

func TestProcess_AloneTellsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newCluster(t, 1)
		a := f.store.room("a", 1, 2)
		reader := f.nodes[0].open(reads(1, a, 1))
		f.nodes[0].post(a, 1, "said to myself")
		time.Sleep(time.Minute)
		if got := reader.next(); strings.Count(got, "said to myself") != 1 {
			t.Errorf("the stream sent:\n%s", got)
		}
		alone := f.nodes[0].hub.presence.HasPeers()
		f.join(t, plainPresenter{})
		time.Sleep(2 * arrivalTime)
		for _, node := range f.nodes {
			if !node.hub.presence.HasPeers() || alone {
				t.Error("a process does not know whether it is alone")
			}
		}
		f.nodes[1].hub.Close()
		synctest.Wait()
		if f.nodes[0].hub.presence.HasPeers() {
			t.Error("a process goes on telling one that said goodbye")
		}
		f.close()
	})
}

func TestProcess_ThatIsNewIsToldWhatItMissed(t *testing.T) {
	inCluster(t, func(t *testing.T, f *cluster) {
		a, b := f.store.room("a", 1, 2), f.store.room("b", 1)
		removed, own := f.nodes[1].open(reads(2, a, 1)), f.nodes[1].open(reads(2, uuid.Nil, 0))
		time.Sleep(3 * time.Second)
		own.next()
		f.lose()
		time.Sleep(5 * presence.AnnounceEvery) // each takes the other for dead
		f.store.setMembers(a, 1)
		f.nodes[0].hub.Notify(db.Notice{Ended: []db.Right{{UserID: 2, Room: a}}})
		f.store.setMembers(b, 1, 2)
		f.nodes[0].hub.Notify(db.Notice{Users: []int64{2}})
		f.exchange.InjectFault(nil)
		time.Sleep(presence.AnnounceEvery + 2*time.Second)
		if got := own.next(); !removed.ended() || !strings.Contains(got, "b") {
			t.Errorf("the stream goes on: %v; the own stream sent:\n%s", !removed.ended(), got)
		}
	})
}
