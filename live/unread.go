package live

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// unreadPause is the least time between two rounds of unread events.
const unreadPause = 200 * time.Millisecond

// unreadNotifier tells users that their lists of rooms have changed: by a message in a room that
// the stream does not show, a read mark, or a membership. Hub.mu guards it.
type unreadNotifier struct {
	hub *Hub
	// watchers holds, by room, the users some of whose streams are to be told of its changes.
	watchers map[uuid.UUID]map[*user]struct{}
	queue    map[*user]struct{} // the users with streams to be told: those with listing.stale
	working  bool               // run is at work, or about to be
}

// addLocked enters a stream of a user, if it carries unread events, and the user as a watcher of
// the rooms that this stream does not show.
func (n *unreadNotifier) addLocked(r *reader) {
	if r.wantsUnread() {
		n.listenLocked(r.user, r.room.id, 1)
	}
}

// removeLocked undoes addLocked.
func (n *unreadNotifier) removeLocked(r *reader) {
	if r.wantsUnread() {
		n.listenLocked(r.user, r.room.id, -1)
	}
}

// listenLocked adds to the number of a user's streams that carry unread events and show a room.
func (n *unreadNotifier) listenLocked(u *user, shown uuid.UUID, streams int) {
	n.unwatchLocked(u)
	u.listening += streams
	u.showLocked(shown, streams)
	n.watchLocked(u)
}

// watchLocked enters a user as a watcher of each of its rooms whose changes concern a stream that
// does not show the room. So a message in a room that a thousand people look at costs nothing here.
func (n *unreadNotifier) watchLocked(u *user) {
	for _, id := range u.rooms {
		if u.listening == u.showingLocked(id) {
			continue
		}
		if n.watchers[id] == nil {
			n.watchers[id] = map[*user]struct{}{}
			n.hub.peers.followLocked(id)
		}
		n.watchers[id][u] = struct{}{}
	}
}

func (n *unreadNotifier) unwatchLocked(u *user) {
	for _, id := range u.rooms {
		delete(n.watchers[id], u)
		if len(n.watchers[id]) == 0 {
			delete(n.watchers, id)
		}
	}
}

// loadRooms reads which rooms a reader's user is in, when it opens its first stream that carries
// unread events.
func (n *unreadNotifier) loadRooms(ctx context.Context, r *reader) error {
	n.hub.mu.Lock()
	known := r.user.rooms != nil
	n.hub.mu.Unlock()
	if known || !r.wantsUnread() {
		return nil
	}
	ids, err := n.hub.store.RoomIDsOf(ctx, r.user.id)
	if err != nil {
		return fmt.Errorf("reading which rooms a user is in: %w", err)
	}
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	if r.user.rooms == nil { // else run has read them since, which is newer
		n.setRoomsLocked(r.user, ids)
	}
	return nil
}

// setRoomsLocked replaces the rooms that a user is known to be in. It makes a user without streams
// a watcher of nothing.
func (n *unreadNotifier) setRoomsLocked(u *user, ids []uuid.UUID) {
	n.unwatchLocked(u)
	u.rooms = append(make([]uuid.UUID, 0, len(ids)), ids...) // never nil
	n.watchLocked(u)
}

// roomChangedLocked marks the streams whose list of rooms looks different after a change of a room.
//
// An event, which tells what happened to a room, changes no list.
func (n *unreadNotifier) roomChangedLocked(notice db.Notice) {
	if notice.Message != nil && notice.Message.Kind == db.MessageEvent {
		return
	}
	for u := range n.watchers[notice.Room] {
		n.markStaleLocked(u, notice.Room)
	}
	if notice.Message == nil {
		return
	}
	if u := n.hub.users[notice.Message.AuthorID]; u != nil { // may have entered a moment ago
		n.markStaleLocked(u, notice.Room)
	}
}

// roomsChangedLocked marks the streams of a user whose list of rooms changed for another reason: a
// read mark, or a membership.
func (n *unreadNotifier) roomsChangedLocked(id int64) {
	if u := n.hub.users[id]; u != nil && u.listening > 0 {
		u.reload = true
		n.markStaleLocked(u, uuid.Nil)
	}
}

// markStaleLocked marks a user's streams to be told, but for those that show the room except.
func (n *unreadNotifier) markStaleLocked(u *user, except uuid.UUID) {
	for _, r := range u.streams {
		if r.wantsUnread() && (except == uuid.Nil || r.room.id != except) {
			r.listing.stale = true
			n.enqueueLocked(u)
		}
	}
}

// markReaderStale marks one stream to be told.
func (n *unreadNotifier) markReaderStale(r *reader) {
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	r.listing.stale = true
	n.enqueueLocked(r.user)
}

// enqueueLocked adds a user to the queue, and starts the worker where there is none.
func (n *unreadNotifier) enqueueLocked(u *user) {
	if n.hub.closed {
		return
	}
	if n.queue == nil {
		n.queue = map[*user]struct{}{}
	}
	n.queue[u] = struct{}{}
	if !n.working {
		n.working = true
		n.hub.work.Go(n.run)
	}
}

// run is the worker: it tells all queued users, round after round with a pause between, until
// nobody is queued. The pause doubles up to lastRetry while the store fails.
func (n *unreadNotifier) run() {
	for pause := unreadPause; ; {
		n.hub.mu.Lock()
		users := n.queue
		n.queue = nil
		n.working = len(users) > 0 && !n.hub.closed
		working := n.working
		n.hub.mu.Unlock()
		if !working {
			return
		}
		failed := false
		for u := range users {
			if err := n.tell(u); err != nil {
				n.hub.logger.Error("telling a user of unread messages", "user", u.id, "error", err)
				failed = true
			}
		}
		if pause = min(2*pause, lastRetry); !failed {
			pause = unreadPause
		}
		select {
		case <-time.After(pause):
		case <-n.hub.ctx.Done(): // the queue is dropped
		}
	}
}

// tell reads a user's rooms once and sends them to each of its streams that are to be told.
// When the store fails the user is queued again.
func (n *unreadNotifier) tell(u *user) error {
	n.hub.mu.Lock()
	var readers []*reader
	for _, r := range u.streams {
		if r.listing.stale {
			readers = append(readers, r)
			r.listing.stale = false
		}
	}
	viewer, reload := u.viewer, u.reload && u.listening > 0
	u.reload = false
	n.hub.mu.Unlock()
	ctx, cancel := context.WithTimeout(n.hub.ctx, readTimeout)
	defer cancel()
	rooms, err := n.roomsOf(ctx, u, viewer, reload, len(readers) > 0)
	if err == nil {
		n.push(readers, viewer, rooms)
		return nil
	}
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	u.reload = u.reload || reload
	for _, r := range readers {
		r.listing.stale = true
	}
	n.enqueueLocked(u)
	return err
}

// roomsOf reads a user's list of rooms, if it is wanted. Before that it reads which rooms these
// are, if that changed: a message that comes into a new room is then either in the list, or its
// notice finds the user among the room's watchers.
func (n *unreadNotifier) roomsOf(ctx context.Context, u *user, viewer *db.User, reload, list bool) ([]*db.RoomView, error) {
	if reload {
		ids, err := n.hub.store.RoomIDsOf(ctx, u.id)
		if err != nil {
			return nil, fmt.Errorf("reading which rooms a user is in: %w", err)
		}
		n.hub.mu.Lock()
		n.setRoomsLocked(u, ids)
		n.hub.mu.Unlock()
	}
	if !list {
		return nil, nil
	}
	rooms, err := n.hub.store.RoomsOf(ctx, viewer)
	if err != nil {
		return nil, fmt.Errorf("reading a user's list of rooms: %w", err)
	}
	n.hub.peers.noteListed(u, rooms)
	return rooms, nil
}

// push sends a list of rooms to some of a user's streams, rendered once for each group.
func (n *unreadNotifier) push(readers []*reader, viewer *db.User, rooms []*db.RoomView) {
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
