package live

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// run is the worker: round after round, with a pause between, until nobody is to be told. The pause
// doubles up to lastRetry while the store fails.
func (n *unreadNotifier) run() {
	for pause := unreadPause; ; {
		n.hub.mu.Lock()
		users, unknown := n.queue, n.unknown
		n.working = len(users)+len(unknown) > 0 && !n.hub.closed
		working := n.working
		if working {
			n.queue, n.unknown = map[*user]struct{}{}, map[*listedRoom]struct{}{}
		}
		n.hub.mu.Unlock()
		if !working {
			return
		}
		if pause = min(2*pause, lastRetry); n.round(users, unknown) {
			pause = unreadPause
		}
		select {
		case <-time.After(pause):
		case <-n.hub.ctx.Done(): // the queue is dropped
		}
	}
}

// round reads what is not known and tells the users. It reports whether the store answered; what
// could not be told is queued again.
func (n *unreadNotifier) round(users map[*user]struct{}, unknown map[*listedRoom]struct{}) bool {
	failed := false
	for room := range unknown {
		if err := n.read(room); err != nil {
			n.hub.logger.Error("reading a room for lists of rooms", "room", room.id, "error", err)
			failed = true
		}
	}
	frames := entryFrames{hub: n.hub, known: map[entryFrameKey][][]byte{}}
	for u := range users {
		if err := n.tell(u, &frames); err != nil {
			n.hub.logger.Error("telling a user of unread messages", "user", u.id, "error", err)
			failed = true
		}
	}
	return !failed
}

// read reads what is not known of a room: the counts of those whose entries are to be sent, and the
// part that all members share.
func (n *unreadNotifier) read(room *listedRoom) error {
	n.hub.mu.Lock()
	began, heard := n.marks, room.heard
	var users []*user
	var ids []int64
	for u, e := range room.watchers {
		if e.changed && (e.unknown || room.view == nil && len(ids) == 0) {
			users, ids = append(users, u), append(ids, u.id)
		}
	}
	n.hub.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(n.hub.ctx, readTimeout)
	defer cancel()
	views, err := n.hub.store.RoomOfMembers(ctx, room.id, ids)
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	for _, view := range views {
		if room.heard == heard { // the database is right: what it does not have was never committed
			room.heard = min(heard, view.Revision)
		}
	}
	for _, u := range users {
		if view := views[u.id]; view != nil && err == nil {
			n.knowLocked(u, view, began)
		} else if err == nil { // a member no more, and the notice of that is late or lost
			n.leaveLocked(u, room.id)
			n.roomsChangedLocked(u.id)
		}
	}
	return err
}

// tell sends a user's streams what changed in its list of rooms: to those that are stale the whole
// list, to the others the entries. When the store fails the user is queued again.
func (n *unreadNotifier) tell(u *user, frames *entryFrames) error {
	n.hub.mu.Lock()
	var stale []*reader
	for _, r := range u.streams {
		if r.listing.stale {
			stale = append(stale, r)
			r.listing.stale = false
		}
	}
	viewer, reload, began := u.viewer, u.reload && u.listening > 0, n.marks
	u.reload = false
	n.hub.mu.Unlock()
	ctx, cancel := context.WithTimeout(n.hub.ctx, readTimeout)
	defer cancel()
	rooms, err := n.roomsOf(ctx, u, viewer, reload, len(stale) > 0)
	if err != nil {
		n.hub.mu.Lock()
		defer n.hub.mu.Unlock()
		u.reload = u.reload || reload
		for _, r := range stale {
			r.listing.stale = true
		}
		n.enqueueLocked(u)
		return err
	}
	changed, current := n.takeChanged(u, rooms, stale, began, reload)
	n.pushList(stale, viewer, rooms)
	for _, r := range current {
		r.push(frames.of(r, viewer, changed))
	}
	return nil
}

// roomsOf reads a user's list of rooms, if it is wanted. Before that it reads which rooms these
// are, if that changed: a message that comes into a new room is then either in the list, or its
// notice finds the user among the room's watchers.
func (n *unreadNotifier) roomsOf(ctx context.Context, u *user, viewer *db.User, reload, list bool) (rooms []*db.RoomView, err error) {
	if reload {
		ids, err := n.hub.store.RoomIDsOf(ctx, u.id)
		if err != nil {
			return nil, fmt.Errorf("reading which rooms a user is in: %w", err)
		}
		n.hub.mu.Lock()
		n.setRoomsLocked(u, ids)
		n.hub.mu.Unlock()
	}
	if list {
		if rooms, err = n.hub.store.RoomsOf(ctx, viewer); err != nil {
			return nil, fmt.Errorf("reading a user's list of rooms: %w", err)
		}
	}
	return rooms, nil
}

// takeChanged takes over a list just read, and returns the entries that are to be sent, and the
// streams that get them. Entries that are still unknown are left for the next round.
func (n *unreadNotifier) takeChanged(u *user, rooms []*db.RoomView, stale []*reader, began uint64, reloaded bool) (changed []*db.RoomView, current []*reader) {
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	for _, view := range rooms {
		if room := n.rooms[view.ID]; reloaded && room != nil && room.watchers[u] != nil && room.watchers[u].unknown {
			n.changedLocked(u, room.watchers[u]) // what its streams were told last is not known
		}
		n.knowLocked(u, view, began)
	}
	left := u.changed[:0]
	for _, e := range u.changed {
		if view := e.viewLocked(); view != nil {
			changed = append(changed, view)
			e.changed = false
		} else {
			left = append(left, e)
			n.unknown[e.room] = struct{}{}
		}
	}
	clear(u.changed[len(left):])
	if u.changed = left; len(left) > 0 {
		n.enqueueLocked(u)
	}
	for _, r := range u.streams {
		if r.wantsUnread() && !slices.Contains(stale, r) && len(changed) > 0 {
			current = append(current, r)
		}
	}
	return changed, current
}

// pushList sends a list of rooms to some of a user's streams, rendered once for each group.
func (n *unreadNotifier) pushList(readers []*reader, viewer *db.User, rooms []*db.RoomView) {
	frames := map[*group][]byte{}
	for _, r := range readers {
		b, ok := frames[r.group]
		if !ok {
			b = r.group.frame(n.hub.presenter.Rooms(r.group.audience, viewer, rooms, r.room.id), noID)
			frames[r.group] = b
		}
		r.push(b)
	}
}

// entryFrames renders and encodes entries of rooms once in a round for all who get them: all but
// the counts, which are put in for each reader.
type entryFrames struct {
	hub   *Hub
	known map[entryFrameKey][][]byte
}

type entryFrameKey struct {
	audience Audience
	room     uuid.UUID
	other    int64 // of a direct room: members see different titles
}

// of returns what a stream gets of changed rooms: nothing of the room that it shows.
func (f *entryFrames) of(r *reader, viewer *db.User, changed []*db.RoomView) []byte {
	var b []byte
	a := r.group.audience
	if a.Format == JSON {
		var rooms []*db.RoomView
		for _, view := range changed {
			if view.ID != r.room.id {
				rooms = append(rooms, view)
			}
		}
		if len(rooms) > 0 {
			b = r.group.frame(f.hub.presenter.Rooms(a, viewer, rooms, r.room.id), noID)
		}
		return b
	}
	for _, view := range changed {
		if view.ID == r.room.id {
			continue
		}
		parts := f.parts(r.group, view)
		fills := f.hub.presenter.Counts(a, view.Unread, view.Mentions)
		for i, part := range parts {
			if b = append(b, part...); i < len(parts)-1 {
				b = append(b, fills[i]...)
			}
		}
	}
	return b
}

// parts returns the frame of an entry, cut where the counts go.
func (f *entryFrames) parts(g *group, view *db.RoomView) [][]byte {
	key := entryFrameKey{audience: g.audience, room: view.ID}
	if view.Other != nil {
		key.other = view.Other.ID
	}
	parts, ok := f.known[key]
	if !ok {
		frame := g.frame(f.hub.presenter.Entry(g.audience, view, f.hub.hole), noID)
		parts = bytes.Split(frame, []byte(f.hub.hole))
		f.known[key] = parts
	}
	return parts
}
