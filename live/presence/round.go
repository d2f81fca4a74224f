package presence

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"sarangbang/live/bus"
)

const (
	// roundPause is the least time between two rounds. For each largeRoom of people online in a
	// room its readers are told of them that much more rarely: among so many somebody always comes
	// or goes.
	roundPause = time.Second
	largeRoom  = 500
	// usersAtOnce and roomsAtOnce are how many are asked for in one query.
	usersAtOnce = 500
	roomsAtOnce = 1000
	// storeTimeout bounds the store's work in one round.
	storeTimeout = 10 * time.Second
)

// work is what one round has to do.
type work struct {
	stale   []uuid.UUID   // rooms to be read anew
	online  []int64       // of their members, those to ask for; empty: all
	changed []int64       // users who came or left
	left    []int64       // of these, who went offline in this process
	deltas  []bus.Message // for the peers
}

// round tells the peers and the readers what has changed. The next one follows after roundPause,
// and so on until nothing is left to do or to wait for. What fails is done again in the next round.
func (t *Tracker) round() {
	w, ok := t.plan(time.Now())
	if !ok {
		return
	}
	t.publish(w.deltas...)
	if err := t.do(w); err != nil && t.ctx.Err() == nil {
		t.options.Logger.Error("reading who is online", "error", err)
		t.redo(w)
	}
	time.AfterFunc(roundPause, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if !t.closed {
			t.work.Go(t.round)
		}
	})
}

// publish sends messages to the peers, if there are any. One that comes later learns by the full
// state what it was not sent.
func (t *Tracker) publish(messages ...bus.Message) {
	if t.HasPeers() && len(messages) > 0 {
		t.options.Publish(messages...)
	}
}

// plan returns the work of a round; false ends the rounds: there is none, and nothing to wait for.
func (t *Tracker) plan(now time.Time) (w work, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting := t.online.expire(now)
	for r := range t.busy {
		t.expireTypingLocked(r, now)
		if r.stale {
			r.stale = false
			w.stale = append(w.stale, r.room.ID())
		}
		if waiting = true; !r.dirty && len(r.typing) == 0 {
			delete(t.busy, r)
		}
	}
	if len(w.stale) > 0 && len(t.online.counts) <= usersAtOnce { // else all members are less to read
		w.online = slices.Collect(maps.Keys(t.online.counts))
	}
	w.changed = slices.Collect(maps.Keys(t.online.changed))
	clear(t.online.changed)
	w.left, t.online.left = t.online.left, nil
	w.deltas = t.online.deltas()
	t.working = !t.closed && (waiting || len(w.changed)+len(w.deltas) > 0)
	return w, t.working
}

// do reads who is in which room, and shows the rooms in which that makes a difference.
func (t *Tracker) do(w work) error {
	ctx, cancel := context.WithTimeout(t.ctx, storeTimeout)
	defer cancel()
	for rooms := range slices.Chunk(w.stale, roomsAtOnce) {
		members, err := t.options.Store.Memberships(ctx, rooms, w.online)
		if err != nil {
			return fmt.Errorf("reading the members of rooms: %w", err)
		}
		t.fill(rooms, members)
	}
	for users := range slices.Chunk(w.changed, usersAtOnce) {
		members, err := t.options.Store.Memberships(ctx, nil, users)
		if err != nil {
			return fmt.Errorf("reading the rooms of people: %w", err)
		}
		t.update(members)
		if t.options.Moved != nil {
			t.options.Moved(members)
		}
	}
	for users := range slices.Chunk(w.left, usersAtOnce) {
		if err := t.options.Store.MarkSeen(ctx, users, time.Now().Add(-t.departGrace)); err != nil {
			return fmt.Errorf("storing when people were last online: %w", err)
		}
	}
	return t.show(ctx)
}

// redo leaves the work of a round that failed to the next one.
func (t *Tracker) redo(w work) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range w.stale {
		if r := t.rooms[id]; r != nil {
			r.stale = true
			t.markDirtyLocked(r)
		}
	}
	t.online.left = append(t.online.left, w.left...)
	for _, user := range w.changed {
		t.online.changed[user] = struct{}{}
	}
}
