package live

import (
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
	frames := entryFrames{hub: n.hub}
	for pause := unreadPause; ; {
		n.hub.mu.Lock()
		n.working = len(n.queue)+len(n.unknown) > 0 && !n.hub.closed
		if !n.working {
			n.hub.mu.Unlock()
			return
		}
		users, unknown := n.takeDueLocked(), n.unknown
		n.unknown = map[*listedRoom]struct{}{}
		n.hub.mu.Unlock()
		if pause = min(2*pause, lastRetry); n.round(users, unknown, &frames) {
			pause = unreadPause
		}
		select {
		case <-time.After(pause):
		case <-n.hub.ctx.Done(): // the queue is dropped
		}
	}
}

// takeDueLocked takes the users out of the queue who may be told now.
func (n *unreadNotifier) takeDueLocked() map[*user]struct{} {
	due, now := map[*user]struct{}{}, n.hub.deadlines.now()
	for u := range n.queue {
		if u.entriesAt <= now || u.staleLocked() {
			due[u] = struct{}{}
			delete(n.queue, u)
		}
	}
	return due
}

// round reads what is not known and tells the users. It reports whether the store answered; what
// could not be told is queued again.
func (n *unreadNotifier) round(users map[*user]struct{}, unknown map[*listedRoom]struct{}, frames *entryFrames) bool {
	failed := false
	for room := range unknown {
		if err := n.read(room); err != nil {
			n.hub.logger.Error("reading a room for lists of rooms", "room", room.id, "error", err)
			failed = true
		}
	}
	frames.renew()
	for u := range users {
		if err := n.tell(u, frames); err != nil {
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
	rooms, viewer, err := n.roomsOf(u, viewer, reload, len(stale) > 0)
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
	changed, current, moved := n.takeChanged(u, rooms, stale, began, reload)
	n.pushList(stale, viewer, rooms, changed, moved)
	for _, r := range current {
		r.push(frames.of(r, viewer, changed))
	}
	n.pushPartners(u)
	return nil
}

// roomsOf reads a user's list of rooms, if it is wanted. Before that it reads which rooms these
// are, if that changed: a message that comes into a new room is then either in the list, or its
// notice finds the user among the room's watchers. The user is read again then too, for the order
// of its list.
func (n *unreadNotifier) roomsOf(u *user, viewer *db.User, reload, list bool) (rooms []*db.RoomView, _ *db.User, err error) {
	if !reload && !list {
		return nil, viewer, nil
	}
	ctx, cancel := context.WithTimeout(n.hub.ctx, readTimeout)
	defer cancel()
	if reload {
		ids, err := n.hub.store.RoomIDsOf(ctx, u.id)
		if err != nil {
			return nil, nil, fmt.Errorf("reading which rooms a user is in: %w", err)
		}
		viewers, err := n.hub.store.People(ctx, []int64{u.id})
		if err != nil {
			return nil, nil, fmt.Errorf("reading in which order a user likes its rooms: %w", err)
		}
		n.hub.mu.Lock()
		n.setRoomsLocked(u, ids)
		if len(viewers) == 1 { // else the account was closed, which ends the streams
			u.viewer = viewers[0]
		}
		viewer = u.viewer
		n.hub.mu.Unlock()
	}
	if list {
		if rooms, err = n.hub.store.RoomsOf(ctx, viewer); err != nil {
			return nil, nil, fmt.Errorf("reading a user's list of rooms: %w", err)
		}
	}
	return rooms, viewer, nil
}

// takeChanged takes over a list just read, and returns the entries that are to be sent, the
// streams that get them alone, and which rooms the user has entered and left. Entries that are
// still unknown are left for the next round.
func (n *unreadNotifier) takeChanged(u *user, rooms []*db.RoomView, stale []*reader, began uint64, reloaded bool,
) (changed []*db.RoomView, current []*reader, moved moves) {
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	moved, u.moves = u.moves, moves{}
	for _, view := range rooms {
		if room := n.rooms[view.ID]; reloaded && room != nil && room.watchers[u] != nil {
			if e := room.watchers[u]; e.unknown && e.marked > 0 { // what its streams were told last is not known
				n.changedLocked(u, e)
			}
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
	if len(changed)+len(stale) > 0 {
		u.entriesAt = n.hub.deadlines.now().add(entriesPace)
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
	return changed, current, moved
}

// pushList sends what changed to those of a user's streams whose list of rooms is another one,
// rendered once for each group: to pages the whole list, to programs the rooms that the user has
// entered or left, and those whose entries changed. Where that is none, favourites did.
func (n *unreadNotifier) pushList(readers []*reader, viewer *db.User, rooms, changed []*db.RoomView, moved moves) {
	news := rooms
	if !moved.none() || len(changed) > 0 {
		news = slices.Clone(changed)
		for _, room := range rooms {
			if slices.Contains(moved.entered, room.ID) && !slices.ContainsFunc(changed, func(c *db.RoomView) bool { return c.ID == room.ID }) {
				news = append(news, room)
			}
		}
	}
	frames := map[*group][]byte{}
	for _, r := range readers {
		b, ok := frames[r.group]
		if !ok {
			shown, left := rooms, []uuid.UUID(nil)
			if r.group.audience.Format == JSON {
				shown, left = news, moved.left
			}
			b = r.group.frame(n.hub.presenter.Rooms(r.group.audience, viewer, shown, left, r.room.id), noID)
			frames[r.group] = b
		}
		r.push(b)
	}
}
