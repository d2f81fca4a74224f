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

// unreadQueue holds the users some of whose streams are to be told of unread messages: those with
// listing.stale. Hub.mu guards it.
type unreadQueue struct {
	users   map[*user]struct{}
	working bool // the worker (sendUnread) exists
}

// roomChangedLocked marks the streams whose list of rooms looks different after a change of a room.
func (h *Hub) roomChangedLocked(n db.Notice) {
	for u := range h.watchers[n.Room] {
		h.markStaleLocked(u, n.Room)
	}
	if n.Message == nil {
		return
	}
	if u := h.users[n.Message.AuthorID]; u != nil { // may have entered a moment ago
		h.markStaleLocked(u, n.Room)
	}
}

// roomsChangedLocked marks the streams of a user whose list of rooms changed for another reason: a read
// mark, or a membership.
func (h *Hub) roomsChangedLocked(id int64) {
	if u := h.users[id]; u != nil && u.listening > 0 {
		u.reload = true
		h.markStaleLocked(u, uuid.Nil)
	}
}

// markStaleLocked marks a user's streams to be told, but for those that show the room except.
func (h *Hub) markStaleLocked(u *user, except uuid.UUID) {
	for _, r := range u.streams {
		if r.wantsUnread() && (except == uuid.Nil || r.room.id != except) {
			r.listing.stale = true
			h.enqueueLocked(u)
		}
	}
}

// markReaderStale marks one stream to be told.
func (h *Hub) markReaderStale(r *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.listing.stale = true
	h.enqueueLocked(r.user)
}

// enqueueLocked adds a user to the queue, and starts the worker where there is none.
func (h *Hub) enqueueLocked(u *user) {
	if h.closed {
		return
	}
	if h.unread.users == nil {
		h.unread.users = map[*user]struct{}{}
	}
	h.unread.users[u] = struct{}{}
	if !h.unread.working {
		h.unread.working = true
		h.work.Go(h.sendUnread)
	}
}

// sendUnread is the worker: it tells all queued users, round after round with a pause between, until
// nobody is queued. The pause doubles up to lastRetry while the store fails.
func (h *Hub) sendUnread() {
	for pause := unreadPause; ; {
		h.mu.Lock()
		users := h.unread.users
		h.unread.users = nil
		h.unread.working = len(users) > 0 && !h.closed
		working := h.unread.working
		h.mu.Unlock()
		if !working {
			return
		}
		failed := false
		for u := range users {
			if err := h.sendUnreadTo(u); err != nil {
				h.logger.Error("telling a user of unread messages", "user", u.id, "error", err)
				failed = true
			}
		}
		if pause = min(2*pause, lastRetry); !failed {
			pause = unreadPause
		}
		select {
		case <-time.After(pause):
		case <-h.ctx.Done(): // the queue is dropped
		}
	}
}

// sendUnreadTo reads a user's rooms once and sends them to each of its streams that are to be told.
// When the store fails the user is queued again.
func (h *Hub) sendUnreadTo(u *user) error {
	h.mu.Lock()
	var readers []*reader
	for _, r := range u.streams {
		if r.listing.stale {
			readers = append(readers, r)
			r.listing.stale = false
		}
	}
	viewer, reload := u.viewer, u.reload && u.listening > 0
	u.reload = false
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(h.ctx, readTimeout)
	defer cancel()
	rooms, err := h.roomsOf(ctx, u, viewer, reload, len(readers) > 0)
	if err == nil {
		h.pushRooms(readers, viewer, rooms)
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	u.reload = u.reload || reload
	for _, r := range readers {
		r.listing.stale = true
	}
	h.enqueueLocked(u)
	return err
}

// roomsOf reads a user's list of rooms, if it is wanted. Before that it reads which rooms these are, if
// that changed: a message that comes into a new room is then either in the list, or its notice finds
// the user among the room's watchers.
func (h *Hub) roomsOf(ctx context.Context, u *user, viewer *db.User, reload, list bool) ([]*db.RoomView, error) {
	if reload {
		ids, err := h.store.RoomIDsOf(ctx, u.id)
		if err != nil {
			return nil, fmt.Errorf("reading which rooms a user is in: %w", err)
		}
		h.mu.Lock()
		h.setRoomsLocked(u, ids)
		h.mu.Unlock()
	}
	if !list {
		return nil, nil
	}
	rooms, err := h.store.RoomsOf(ctx, viewer)
	if err != nil {
		return nil, fmt.Errorf("reading a user's list of rooms: %w", err)
	}
	h.peers.noteListed(u, rooms)
	return rooms, nil
}

// pushRooms sends a list of rooms to some of a user's streams, rendered once for each group.
func (h *Hub) pushRooms(readers []*reader, viewer *db.User, rooms []*db.RoomView) {
	frames := map[*group][]byte{}
	for _, r := range readers {
		b, ok := frames[r.group]
		if !ok {
			b = r.group.frame(h.presenter.Rooms(r.group.audience, viewer, rooms, r.room.id), noID)
			frames[r.group] = b
		}
		r.push(b)
	}
}
