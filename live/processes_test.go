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
)

func (s *memory) Heads(ctx context.Context, rooms []uuid.UUID) (map[uuid.UUID]int64, error) {
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
func (s *memory) Lapsed(ctx context.Context, rights []db.Right) (lapsed []db.Right, err error) {
	err = s.called(ctx, "Lapsed")
	defer s.mu.Unlock()
	for _, r := range rights {
		if room := s.rooms[r.Room]; room != nil && !slices.Contains(room.members, r.UserID) {
			lapsed = append(lapsed, db.Right{UserID: r.UserID, Room: r.Room})
		}
	}
	return lapsed, err
}

// town is some hubs on one store, as processes are.
type town struct {
	exchange *bus.Exchange
	places   []*bus.Memory
	worlds   []*world
	store    *memory
}

// inTown runs a test in a town of two hubs, with fake time, closes them and looks for what is left.
func inTown(t *testing.T, test func(t *testing.T, w *town)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, 2)
		test(t, w)
		w.close()
	})
}

func newTown(t testing.TB, hubs int) *town {
	w := &town{exchange: new(bus.Exchange), store: newMemory()}
	for range hubs {
		w.join(t, plain{})
	}
	return w
}

// settle makes one more hub for the town.
func (w *town) settle(t testing.TB, p Presenter) (*bus.Memory, *world) {
	place := w.exchange.Join()
	world := newWorld(t, func(o *Options) { o.Store, o.Bus, o.Presenter = w.store, place, p })
	world.store = w.store
	return place, world
}

// join adds a hub.
func (w *town) join(t testing.TB, p Presenter) {
	place, world := w.settle(t, p)
	w.places, w.worlds = append(w.places, place), append(w.worlds, world)
}

func (w *town) close() {
	for i, world := range w.worlds {
		world.hub.Close()
		w.places[i].Close()
		synctest.Wait()
		world.wantsNothingLeft()
	}
}

// lose makes all letters get lost.
func (w *town) lose() { w.exchange.Suffer(func(bus.Letter) []time.Duration { return nil }) }

func TestReadersOfOtherProcessesAreTold(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		a := w.store.room("a", 1, 2)
		here, there := w.worlds[0].open(reads(1, a, 1)), w.worlds[1].open(reads(2, a, 1))
		here.next()
		there.next()
		w.worlds[0].post(a, 1, "hello")
		time.Sleep(pace)
		w.worlds[1].post(a, 2, "hi")
		time.Sleep(pace)
		for _, st := range []*stream{here, there} {
			if got := st.next(); strings.Count(got, "m1 hello") != 1 || strings.Count(got, "m2 hi") != 1 {
				t.Errorf("the stream sent:\n%s", got)
			}
		}
		if n := w.store.count("Changes"); n > 0 {
			t.Errorf("the store was asked for changes %d times, want the letters to be enough", n)
		}
	})
}

func TestAChangeWhoseLetterIsLostComesWithinTwoSeconds(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		a := w.store.room("a", 1, 2)
		reader := w.worlds[1].open(reads(2, a, 1))
		reader.next()
		w.lose()
		for range 5 {
			w.worlds[0].post(a, 1, "hello")
			time.Sleep(2 * time.Second)
			if got := reader.next(); strings.Count(got, "hello") != 1 {
				t.Errorf("the stream sent:\n%s", got)
			}
		}
	})
}

func TestUnreadMessagesAreToldThoughTheLetterIsLost(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.store.room("a", 1, 2)
		b := w.store.room("b", 1, 2)
		w.store.room("c", 2)
		for name, s := range map[string]Subscription{"an own stream": reads(2, uuid.Nil, 0), "a page": reads(2, uuid.Nil, 0).as(HTML)} {
			reader := w.worlds[1].open(s)
			time.Sleep(3 * time.Second)
			reader.next()
			time.Sleep(10 * time.Second)
			if got := reader.next(); got != "" {
				t.Errorf("%s was told without a reason:\n%s", name, got)
			}
			w.lose()
			w.worlds[0].post(b, 1, "hello")
			time.Sleep(2 * time.Second)
			if got := reader.next(); !strings.Contains(got, "b") {
				t.Errorf("%s was sent:\n%s", name, got)
			}
			w.exchange.Suffer(nil)
			reader.cancel()
			<-reader.done
		}
	})
}

func TestAReaderWhoMayNotReadAnyMoreIsCutThoughTheLetterIsLost(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		a := w.store.room("a", 1, 2)
		reader, other := w.worlds[1].open(reads(2, a, 1)), w.worlds[1].open(reads(1, a, 1))
		reader.next()
		w.store.setMembers(a, 1)
		time.Sleep(30 * time.Second)
		if got := reader.next(); !reader.ended() || !strings.Contains(got, ReasonRemoved) {
			t.Errorf("the stream has ended: %v; it sent:\n%s", reader.ended(), got)
		}
		if other.ended() {
			t.Error("somebody else's stream has ended")
		}
	})
}

func TestAfterALostConnectionEverythingIsAskedFor(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		a, b := w.store.room("a", 1, 2), w.store.room("b", 1)
		removed, own := w.worlds[1].open(reads(2, a, 1)), w.worlds[1].open(reads(2, uuid.Nil, 0))
		time.Sleep(3 * time.Second)
		own.next()
		mend := w.places[1].Break()
		w.store.setMembers(a, 1)
		w.worlds[0].hub.Notify(db.Notice{Ended: []db.Right{{UserID: 2, Room: a}}})
		w.store.setMembers(b, 1, 2)
		w.worlds[0].hub.Notify(db.Notice{Users: []int64{2}})
		mend()
		time.Sleep(time.Second)
		if !removed.ended() {
			t.Error("the stream goes on")
		}
		if got := own.next(); !strings.Contains(got, "b") {
			t.Errorf("the own stream sent:\n%s", got)
		}
	})
}

func TestAClosedHubStillTellsTheOthers(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		a := w.store.room("a", 1, 2)
		reader := w.worlds[1].open(reads(2, a, 1))
		reader.next()
		w.worlds[0].hub.Close()
		w.worlds[0].post(a, 1, "my last request")
		if got := reader.next(); !strings.Contains(got, "my last request") {
			t.Errorf("the stream sent:\n%s", got)
		}
	})
}

func TestOnlyRoomsSomebodyReadsOrWatchesAreFollowed(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		a, b := w.store.room("a", 1), w.store.room("b", 1, 2)
		followed := func() []uuid.UUID {
			synctest.Wait()
			h := w.worlds[0].hub
			h.mu.Lock()
			defer h.mu.Unlock()
			var rooms []uuid.UUID
			for _, id := range []uuid.UUID{a, b} {
				if _, ok := h.others.followed[id]; ok {
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
		reader := w.worlds[0].open(reads(1, a, 1).as(Text))
		wants("one is read", a)
		own := w.worlds[0].open(reads(2, uuid.Nil, 0))
		wants("another is watched", a, b)
		reader.cancel()
		time.Sleep(2 * time.Second)
		wants("one was left", b)
		own.cancel()
		time.Sleep(2 * time.Second)
		wants("both were left")
	})
}

func TestAProcessAloneTellsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, 1)
		a := w.store.room("a", 1, 2)
		reader := w.worlds[0].open(reads(1, a, 1))
		w.worlds[0].post(a, 1, "said to myself")
		time.Sleep(time.Minute)
		if got := reader.next(); strings.Count(got, "said to myself") != 1 {
			t.Errorf("the stream sent:\n%s", got)
		}
		alone := w.worlds[0].hub.presence.company.Load()
		w.join(t, plain{})
		time.Sleep(2 * letterTime)
		for _, world := range w.worlds {
			if !world.hub.presence.company.Load() || alone {
				t.Error("a process does not know whether it is alone")
			}
		}
		w.worlds[1].hub.Close()
		synctest.Wait()
		if w.worlds[0].hub.presence.company.Load() {
			t.Error("a process goes on telling one that said goodbye")
		}
		w.close()
	})
}

func TestANewProcessIsToldThatItHasMissedSomething(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		a, b := w.store.room("a", 1, 2), w.store.room("b", 1)
		removed, own := w.worlds[1].open(reads(2, a, 1)), w.worlds[1].open(reads(2, uuid.Nil, 0))
		time.Sleep(3 * time.Second)
		own.next()
		w.lose()
		time.Sleep(5 * rollCall) // each takes the other for dead
		w.store.setMembers(a, 1)
		w.worlds[0].hub.Notify(db.Notice{Ended: []db.Right{{UserID: 2, Room: a}}})
		w.store.setMembers(b, 1, 2)
		w.worlds[0].hub.Notify(db.Notice{Users: []int64{2}})
		w.exchange.Suffer(nil)
		time.Sleep(rollCall + 2*time.Second)
		if got := own.next(); !removed.ended() || !strings.Contains(got, "b") {
			t.Errorf("the stream goes on: %v; the own stream sent:\n%s", !removed.ended(), got)
		}
	})
}
