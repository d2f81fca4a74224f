package live

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// unreadPause is the least time between two rounds of unread events.
const unreadPause = 200 * time.Millisecond

// user is somebody with at least one open stream; under Hub.mu.
type user struct {
	id       int64
	attached int      // streams, those that are just opening among them
	viewer   *db.User // as the newest stream knows it
	streams  []*reader
	// listening counts the streams that carry unread events, shown those of them by the room they show: where the two
	// differ, a change of the room concerns a stream that does not show it.
	listening int
	shown     []shownRoom
	rooms     []uuid.UUID // that the user is in; nil until known
	reload    bool        // rooms are not what they were
}

// shownRoom is how many of a user's streams show a room.
type shownRoom struct {
	id      uuid.UUID
	streams int
}

// unreadWork is who is to be told of unread messages; under Hub.mu.
type unreadWork struct {
	users   map[*user]struct{}
	working bool // a worker goroutine exists
}

// endLocked cuts the user's streams that were opened with a right that ended.
func (u *user) endLocked(right db.Right) {
	for _, r := range u.streams {
		if covers(right, r.right()) {
			r.end(revoked, reasonOf(right))
		}
	}
}

func (h *Hub) addStreamLocked(u *user, r *reader) {
	r.userIndex = int32(len(u.streams))
	u.streams = append(u.streams, r)
	if r.wantsUnread() {
		h.unwatchLocked(u)
		u.listening++
		u.show(r.room.id, 1)
		h.watchLocked(u)
	}
}

// wantsUnread tells whether the stream carries unread events.
func (r *reader) wantsUnread() bool { return r.group.audience.Format.events() }

// show counts one more or less stream that shows a room.
func (u *user) show(id uuid.UUID, by int) {
	i := slices.IndexFunc(u.shown, func(s shownRoom) bool { return s.id == id })
	if i < 0 {
		i = len(u.shown)
		u.shown = append(u.shown, shownRoom{id: id})
	}
	if u.shown[i].streams += by; u.shown[i].streams == 0 {
		u.shown = slices.Delete(u.shown, i, i+1)
	}
}

// showing is how many streams show a room.
func (u *user) showing(id uuid.UUID) int {
	for _, s := range u.shown {
		if s.id == id {
			return s.streams
		}
	}
	return 0
}

func (h *Hub) removeStreamLocked(u *user, r *reader) {
	u.streams = removed(u.streams, r.userIndex, func(r *reader, place int32) { r.userIndex = place })
	r.userIndex = noIndex
	if !r.wantsUnread() {
		return
	}
	h.unwatchLocked(u)
	u.listening--
	u.show(r.room.id, -1)
	h.watchLocked(u)
}

// watchLocked enters the user under each of its rooms whose changes concern a stream that does not show the room. So a message in a
// room that a thousand people look at costs nothing here.
func (h *Hub) watchLocked(u *user) {
	for _, id := range u.rooms {
		if u.listening == u.showing(id) {
			continue
		}
		if h.watchers[id] == nil {
			h.watchers[id] = map[*user]struct{}{}
			h.followLocked(id)
		}
		h.watchers[id][u] = struct{}{}
	}
}

func (h *Hub) unwatchLocked(u *user) {
	for _, id := range u.rooms {
		delete(h.watchers[id], u)
		if len(h.watchers[id]) == 0 {
			delete(h.watchers, id)
		}
	}
}

// loadRooms learns which rooms the reader's user is in, when it opens its first stream that carries unread events.
func (h *Hub) loadRooms(ctx context.Context, r *reader) error {
	h.mu.Lock()
	known := r.user.rooms != nil
	h.mu.Unlock()
	if known || !r.wantsUnread() {
		return nil
	}
	ids, err := h.store.RoomIDsOf(ctx, r.user.id)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.user.rooms == nil { // else a worker has read them since, which is newer
		h.setRoomsLocked(r.user, ids)
	}
	return nil
}

// setRoomsLocked replaces the rooms the user is known to be in; under mu. Somebody without streams is entered nowhere by it.
func (h *Hub) setRoomsLocked(u *user, ids []uuid.UUID) {
	h.unwatchLocked(u)
	u.rooms = append(make([]uuid.UUID, 0, len(ids)), ids...) // never nil
	h.watchLocked(u)
}

// roomChangedLocked has everybody told whose list of rooms looks different after a change of a room; under mu.
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

// roomsChangedLocked has a user told whose list of rooms changed for another reason; under mu.
func (h *Hub) roomsChangedLocked(id int64) {
	if u := h.users[id]; u != nil && u.listening > 0 {
		u.reload = true
		h.markStaleLocked(u, uuid.Nil)
	}
}

// markStaleLocked marks a user's streams to be told, except those that show the room; under mu.
func (h *Hub) markStaleLocked(u *user, except uuid.UUID) {
	for _, r := range u.streams {
		if r.wantsUnread() && (except == uuid.Nil || r.room.id != except) {
			r.stale = true
			h.enqueueLocked(u)
		}
	}
}

// markReaderStale has one reader told later, because it could not be told now.
func (h *Hub) markReaderStale(r *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.stale = true
	h.enqueueLocked(r.user)
}

// enqueueLocked puts a user on the list of those to be told, and makes a worker where none is at it; under mu.
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
		h.work.Go(h.unreadRounds)
	}
}

// unreadRounds tells everybody on the list, round after round with a pause between, until the list is empty.
func (h *Hub) unreadRounds() {
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
			failed = !h.notifyUser(u) || failed
		}
		if pause = min(2*pause, lastRetry); !failed {
			pause = unreadPause
		}
		select {
		case <-time.After(pause):
		case <-h.ctx.Done(): // the list is dropped
		}
	}
}

// notifyUser reads a user's rooms once and sends them to each of its streams that are to be told; false when the store failed,
// then the user is on the list again.
func (h *Hub) notifyUser(u *user) bool {
	h.mu.Lock()
	var readers []*reader
	for _, r := range u.streams {
		if r.stale {
			readers = append(readers, r)
			r.stale = false
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
		return true
	}
	h.logger.Error("reading a user's rooms", "user", u.id, "error", err)
	h.mu.Lock()
	defer h.mu.Unlock()
	u.reload = u.reload || reload
	for _, r := range readers {
		r.stale = true
	}
	h.enqueueLocked(u)
	return false
}

// roomsOf reads a user's list of rooms. Which rooms these are is read before, where that changed: a message that comes into a new
// one is then either in the list or told of by a notice that finds the user under the room.
func (h *Hub) roomsOf(ctx context.Context, u *user, viewer *db.User, reload, list bool) ([]*db.RoomView, error) {
	if reload {
		ids, err := h.store.RoomIDsOf(ctx, u.id)
		if err != nil {
			return nil, err
		}
		h.mu.Lock()
		h.setRoomsLocked(u, ids)
		h.mu.Unlock()
	}
	if !list {
		return nil, nil
	}
	rooms, err := h.store.RoomsOf(ctx, viewer)
	if err == nil {
		h.listed(u, rooms)
	}
	return rooms, err
}

// pushRooms sends a list of rooms, rendered once for each audience and room shown.
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
