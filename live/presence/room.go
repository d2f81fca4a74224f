package presence

import (
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

// roomPresence is the state of one Room. Tracker.mu guards it.
type roomPresence struct {
	room       Room
	online     map[int64]struct{}  // the members who are online
	stale      bool                // online must be read anew from the store
	dirty      bool                // the readers are to be told
	quietUntil time.Time           // readers who have been told who is online are not told again before it
	typing     map[int64]time.Time // who is typing, and until when it is shown
}

// Watch shows a room's readers the present state soon, those who joined since the last time too,
// and from then on whenever it changes, until Forget. It does nothing for a room that is closed.
func (t *Tracker) Watch(room Room) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room.Closed() { // its last reader left in the meantime, and Forget came before this
		return
	}
	r := t.rooms[room.ID()]
	if r == nil || r.room != room {
		r = &roomPresence{room: room, stale: true, online: map[int64]struct{}{}, typing: map[int64]time.Time{}}
		t.rooms[room.ID()] = r
	}
	t.markDirtyLocked(r)
}

// Forget drops a room; it is called when its last reader has left, after the room is closed.
func (t *Tracker) Forget(room Room) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.rooms[room.ID()]; r != nil && r.room == room {
		t.typing.Add(-int64(len(r.typing)))
		delete(t.rooms, room.ID())
		delete(t.busy, r)
	}
}

// Changed is called with every notice of a change in a room. A message ends that its author is
// typing; other changes may be of the members.
func (t *Tracker) Changed(n db.Notice) {
	if n.Message != nil && t.typing.Load() == 0 { // messages are many, and mostly nobody is typing
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.rooms[n.Room]
	switch {
	case r == nil:
	case n.Message != nil:
		t.stopTypingLocked(r, n.Message.AuthorID)
	default:
		r.stale = true
		t.markDirtyLocked(r)
	}
}

// Typing shows for a few seconds that a user is typing in a room, here and at the peers.
func (t *Tracker) Typing(room uuid.UUID, user int64) {
	t.startTyping(room, user)
	t.publish(bus.Message{Typing: &bus.Typing{Room: room, User: user}})
}

func (t *Tracker) startTyping(room uuid.UUID, user int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.rooms[room]
	if r == nil {
		return
	}
	if _, ok := r.typing[user]; !ok {
		t.typing.Add(1)
		t.markDirtyLocked(r)
	}
	r.typing[user] = time.Now().Add(typingFor)
}

func (t *Tracker) stopTypingLocked(r *roomPresence, user int64) {
	if _, ok := r.typing[user]; ok {
		delete(r.typing, user)
		t.typing.Add(-1)
		t.markDirtyLocked(r)
	}
}

// expireTypingLocked ends the typing of those who have typed nothing for typingFor.
func (t *Tracker) expireTypingLocked(r *roomPresence, now time.Time) {
	for user, until := range r.typing {
		if !now.Before(until) {
			t.stopTypingLocked(r, user)
		}
	}
}

// markDirtyLocked enters a room among those that the next round looks at.
func (t *Tracker) markDirtyLocked(r *roomPresence) {
	r.dirty = true
	t.busy[r] = struct{}{}
	t.wakeLocked()
}

// fill sets who is online in rooms, by all of their members, or all who are online.
func (t *Tracker) fill(rooms []uuid.UUID, members []*db.UsersOnRoom) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range rooms {
		if r := t.rooms[id]; r != nil {
			clear(r.online)
		}
	}
	for _, m := range members {
		if r := t.rooms[m.RoomID]; r != nil && t.online.online(m.UserID) {
			r.online[m.UserID] = struct{}{}
		}
	}
}

// update adjusts who is online in the rooms of users who came or left, by all of their memberships.
func (t *Tracker) update(members []*db.UsersOnRoom) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range members {
		r := t.rooms[m.RoomID]
		if r == nil {
			continue
		}
		t.markDirtyLocked(r)
		if t.online.online(m.UserID) {
			r.online[m.UserID] = struct{}{}
		} else {
			delete(r.online, m.UserID)
		}
	}
}
