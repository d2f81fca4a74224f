package presence

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

// fixture is a Tracker whose store knows the members of rooms. Time is fake.
type fixture struct {
	*Tracker
	members   map[uuid.UUID][]int64
	published []bus.Message
	wanted    int // how often AnnounceSoon was called

	mu      sync.Mutex
	failing error
	seen    []seen
}

// bubble runs a test with a fixture and fake time. No goroutine may be left at its end.
func bubble(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{members: map[uuid.UUID][]int64{}}
		f.Tracker = New(Options{
			Store: f, Logger: slog.New(slog.DiscardHandler),
			Publish:      func(m ...bus.Message) { f.published = append(f.published, m...) },
			AnnounceSoon: func() { f.wanted++ },
		})
		test(t, f)
		f.Close()
	})
}

func (f *fixture) Memberships(_ context.Context, rooms []uuid.UUID, users []int64) (found []*db.UsersOnRoom, err error) {
	for id, members := range f.members {
		for _, user := range members {
			if (len(users) == 0 || slices.Contains(users, user)) && (len(rooms) == 0 || slices.Contains(rooms, id)) {
				found = append(found, &db.UsersOnRoom{RoomID: id, UserID: user})
			}
		}
	}
	return found, nil
}

func (f *fixture) People(_ context.Context, ids []int64) (people []*db.User, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		people = append(people, &db.User{ID: id})
	}
	return people, f.failing
}

func (f *fixture) MemberCounts(_ context.Context, rooms []uuid.UUID) (map[uuid.UUID]int, error) {
	counts := map[uuid.UUID]int{}
	for _, id := range rooms {
		counts[id] = len(f.members[id])
	}
	return counts, nil
}

func (f *fixture) MarkSeen(_ context.Context, users []int64, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range users {
		f.seen = append(f.seen, seen{id, at})
	}
	return nil
}

// seen is a call of MarkSeen for one user.
type seen struct {
	user int64
	at   time.Time
}

func (f *fixture) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failing = err
}

// fakeRoom is a room whose readers remember what they were shown.
type fakeRoom struct {
	id     uuid.UUID
	closed bool

	mu    sync.Mutex
	shown []Snapshot
}

func (f *fixture) room(members ...int64) *fakeRoom {
	r := &fakeRoom{id: uuid.New()}
	f.members[r.id] = members
	return r
}

func (r *fakeRoom) ID() uuid.UUID { return r.id }
func (r *fakeRoom) Closed() bool  { return r.closed }

func (r *fakeRoom) Show(s Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shown = append(r.shown, s)
}

// all returns what the readers were shown, in order.
func (r *fakeRoom) all() []Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.shown)
}

// wants compares what the readers were shown last.
func (r *fakeRoom) wants(t *testing.T, what string, online, typing []int64) {
	t.Helper()
	shown := r.all()
	if len(shown) == 0 {
		t.Errorf("%s: the readers were shown nothing", what)
		return
	}
	last := shown[len(shown)-1]
	if got := ids(last.Online.People); !slices.Equal(got, online) || last.Online.Count != len(online) {
		t.Errorf("%s: %d online: %v, want %v", what, last.Online.Count, got, online)
	}
	if got := ids(last.Typing); !slices.Equal(got, typing) {
		t.Errorf("%s: %v are typing, want %v", what, got, typing)
	}
}

func ids(people []*db.User) (ids []int64) {
	for _, u := range people {
		ids = append(ids, u.ID)
	}
	return ids
}

// aRound is longer than the pause between two rounds.
const aRound = roundPause + 100*time.Millisecond

// pass lets time pass, and what happens in it come to rest.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
