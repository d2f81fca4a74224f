package db_test

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/internal/testseed"
)

// TestCache_ReturnsWhatTheDatabaseHolds does whatever people do, at random, and asks after every
// second step for everything that a store may have cached: what a step leaves outdated is found
// unless the next one happens to renew just that. A store whose cache is empty has to say the same.
// Where several processes may write, two do.
func TestCache_ReturnsWhatTheDatabaseHolds(t *testing.T) {
	steps := 40
	if testing.Short() {
		steps = 10
	}
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		stores, fresh := []*db.Store{open()}, open()
		if fresh.Shared() {
			stores = append(stores, open())
		}
		m := newModel(t, stores[0], rand.New(rand.NewPCG(testseed.New(t), 0)))
		var what string // has happened since the last comparison
		for step := range steps {
			m.s = stores[step%len(stores)]
			what += m.step() + "; "
			if step%2 == 0 {
				continue
			}
			for _, viewer := range m.people {
				db.ForgetCached(fresh)
				want := m.answers(fresh, viewer.ID)
				for _, s := range stores {
					if diff := cmp.Diff(want, m.answers(s, viewer.ID)); diff != "" {
						t.Fatalf("after step %d, %s, user %d (- database, + cache):\n%s", step, what, viewer.ID, diff)
					}
				}
			}
			what = ""
		}
	})
}

// tracked is a context as a request for a page has it.
func tracked(ctx context.Context, s *db.Store, scope db.Scope) context.Context {
	ctx, _ = s.Track(ctx, scope)
	return ctx
}

// TestNoAnswerIsOlderThanWhatWasAcknowledged has readers ask while others write: whoever asks after
// a write was acknowledged sees it.
func TestNoAnswerIsOlderThanWhatWasAcknowledged(t *testing.T) {
	const posts, readers = 60, 6
	dbtest.Each(t, func(t *testing.T, open func() *db.Store) {
		s := open()
		p := newModel(t, s, rand.New(rand.NewPCG(1, 2)))
		author, room := p.people[0], p.rooms[0]
		reader := must[*db.RoomView](t)(s.Visit(t.Context(), p.people[1], room))
		wantEqual(t, "position", reader.LastPosition, int64(1)) // the event of the visit
		var acknowledged, renamed atomic.Int64
		var done atomic.Bool
		atOnce(readers+2, func(i int) {
			switch i {
			case 0:
				defer done.Store(true)
				for range posts {
					m, _, err := s.PostMessage(t.Context(), author, room, "안녕", "")
					if err != nil {
						t.Error(err)
						return
					}
					acknowledged.Store(m.Position)
				}
			case 1:
				for !done.Load() {
					u, err := s.UpdateProfile(t.Context(), author,
						db.ProfileChange{Profile: &db.Profile{DisplayName: "지민", Language: "ko", TimeZone: "UTC"}})
					if err != nil {
						t.Error(err)
						return
					}
					renamed.Store(u.Version)
				}
			default:
				for !done.Load() && !t.Failed() {
					readBoth(t, s, p.people[1], room, acknowledged.Load(), renamed.Load())
				}
			}
		})
	})
}

// readBoth reads a room as a page does, and fails for anything older than what its author has been
// told is done.
func readBoth(t *testing.T, s *db.Store, viewer *db.User, room uuid.UUID, position, version int64) {
	ctx := tracked(t.Context(), s, db.Scope{User: viewer.ID, Room: room})
	page, err := s.Messages(ctx, viewer, room, db.Window{})
	if err != nil {
		t.Error(err)
		return
	}
	if n := len(page.Messages); n > 0 {
		newest := page.Messages[n-1]
		if newest.Position < position || newest.Kind == db.MessageText && newest.Author.Version < version {
			t.Errorf("newest message %d by version %d; %d and %d were acknowledged", newest.Position, newest.Author.Version, position, version)
		}
	} else if position > 0 {
		t.Errorf("no message; %d were acknowledged", position)
	}
	view, err := s.Room(ctx, viewer, room)
	if err != nil {
		t.Error(err)
		return
	}
	if view.LastPosition < position || view.Unread < int(min(position-1, db.UnreadBound)) { // the first is an event
		t.Errorf("room at %d with %d unread; %d were acknowledged", view.LastPosition, view.Unread, position)
	}
}

// TestAnotherProgramsChangeIsNoticed has a second store write to the same database, as an
// operator's shell may.
func TestAnotherProgramsChangeIsNoticed(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		jimin := must[*db.SignedUp](t)(s.SignUp(t.Context(), db.NewUser{Name: "jimin", FirstRoomTitle: "사랑방"})).User
		room := must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), jimin))[0]
		_, err := dbtest.Open(t, db.Options{URL: url}).RenameRoom(t.Context(), jimin, room.ID, "안방")
		noError(t, err)
		clock.Advance(time.Second)
		wantEqual(t, "title", must[[]*db.RoomView](t)(s.RoomsOf(t.Context(), jimin))[0].Title, "안방")
	})
}

// TestWhatAStoreWritesItselfLeavesTheRestCached: neither commits nor copying the log beside them
// look like another program's change.
func TestWhatAStoreWritesItselfLeavesTheRestCached(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		clock := dbtest.NewClock()
		s := dbtest.Open(t, db.Options{URL: url, Now: clock.Now})
		p := newModel(t, s, rand.New(rand.NewPCG(1, 2)))
		ctx := func() context.Context {
			return tracked(t.Context(), s, db.Scope{User: p.people[0].ID, Room: p.rooms[1]})
		}
		before := must[*db.MessagePage](t)(s.Messages(ctx(), p.people[0], p.rooms[1], db.Window{}))
		for range 200 {
			_, _, err := s.PostMessage(t.Context(), p.people[0], p.rooms[0], "안녕", "")
			noError(t, err)
			clock.Advance(100 * time.Millisecond)
		}
		after := must[*db.MessagePage](t)(s.Messages(ctx(), p.people[0], p.rooms[1], db.Window{}))
		if before != after {
			t.Error("the history of another room was read anew")
		}
	})
}
