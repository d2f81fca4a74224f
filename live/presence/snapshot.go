package presence

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

const (
	// shownOnline and shownTyping are how many users a Snapshot names at most.
	shownOnline = 50
	shownTyping = 5
)

// Snapshot is the present state of a room, to be shown to its readers.
type Snapshot struct {
	Online Online
	// OnlineDue tells that all readers are to be shown Online; false: only those who have not been
	// shown it yet, as the others of a large room are told more rarely.
	OnlineDue bool
	// Typing are the users who are typing, some of them when they are many.
	Typing []*db.User
}

// Online is which of a room's members have a stream open, in any process.
type Online struct {
	Count   int
	Members int        // of the room, online or not
	People  []*db.User // the first by id, when they are many
}

// snapshotIDs is a Snapshot whose users are not read yet.
type snapshotIDs struct {
	room           Room
	onlineDue      bool
	count          int
	online, typing []int64
}

// show reads the users of all snapshots that are due, and shows them.
func (t *Tracker) show(ctx context.Context) error {
	snapshots := t.snapshots(time.Now())
	users, err := t.users(ctx, snapshots)
	var members map[uuid.UUID]int
	if err == nil {
		members, err = t.members(ctx, snapshots)
	}
	if err != nil {
		t.showLater(snapshots)
		return err
	}
	for _, s := range snapshots {
		s.room.Show(Snapshot{
			Online:    Online{Count: s.count, Members: members[s.room.ID()], People: known(s.online, users)},
			OnlineDue: s.onlineDue,
			Typing:    known(s.typing, users),
		})
	}
	return nil
}

// snapshots returns those of the rooms in which something changed.
func (t *Tracker) snapshots(now time.Time) (snapshots []snapshotIDs) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for r := range t.busy {
		if !r.dirty || r.stale {
			continue
		}
		due := !now.Before(r.quietUntil)
		if due {
			r.quietUntil = now.Add(roundPause * time.Duration(len(r.online)/largeRoom))
		}
		r.dirty = !due // a later round shows it then
		snapshots = append(snapshots, snapshotIDs{
			r.room, due, len(r.online), lowest(r.online, shownOnline), lowest(r.typing, shownTyping),
		})
	}
	return snapshots
}

// lowest returns the n lowest ids, or all of them, in order.
func lowest[V any](ids map[int64]V, n int) []int64 {
	sorted := slices.Sorted(maps.Keys(ids))
	return sorted[:min(n, len(sorted))]
}

// users reads the users of snapshots, by id.
func (t *Tracker) users(ctx context.Context, snapshots []snapshotIDs) (map[int64]*db.User, error) {
	ids := map[int64]struct{}{}
	for _, s := range snapshots {
		for _, id := range slices.Concat(s.online, s.typing) {
			ids[id] = struct{}{}
		}
	}
	users := make(map[int64]*db.User, len(ids))
	for some := range slices.Chunk(slices.Collect(maps.Keys(ids)), usersAtOnce) {
		read, err := t.options.Store.People(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("reading people: %w", err)
		}
		for _, u := range read {
			users[u.ID] = u
		}
	}
	return users, nil
}

// members reads how many members the rooms of snapshots have.
func (t *Tracker) members(ctx context.Context, snapshots []snapshotIDs) (map[uuid.UUID]int, error) {
	counts := make(map[uuid.UUID]int, len(snapshots))
	for some := range slices.Chunk(snapshots, roomsAtOnce) {
		rooms := make([]uuid.UUID, len(some))
		for i, s := range some {
			rooms[i] = s.room.ID()
		}
		read, err := t.options.Store.MemberCounts(ctx, rooms)
		if err != nil {
			return nil, fmt.Errorf("counting members: %w", err)
		}
		maps.Copy(counts, read)
	}
	return counts, nil
}

// showLater leaves snapshots to the next round.
func (t *Tracker) showLater(snapshots []snapshotIDs) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range snapshots {
		if r := t.rooms[s.room.ID()]; r != nil {
			t.markDirtyLocked(r)
		}
	}
}

// known returns those of the users with these ids who exist, in order.
func known(ids []int64, users map[int64]*db.User) []*db.User {
	people := make([]*db.User, 0, len(ids))
	for _, id := range ids {
		if u := users[id]; u != nil {
			people = append(people, u)
		}
	}
	return people
}
