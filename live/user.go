package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"sarangbang/db"
)

// user is somebody with at least one open stream. Hub.mu guards it.
type user struct {
	id       int64
	attached int      // streams, those in their handshake among them
	viewer   *db.User // as the newest stream knows it
	streams  []*reader

	// listening counts the streams that carry unread events, and shown those of them by the room they
	// show: where the two differ, a change of the room concerns a stream that does not show it.
	listening int
	shown     []shownRoom
	rooms     []uuid.UUID // that the user is a member of; nil until known
	reload    bool        // rooms must be read anew
}

// shownRoom is how many of a user's streams show a room.
type shownRoom struct {
	id      uuid.UUID
	streams int
}

// endLocked ends the user's streams that were opened with a right that has ended.
func (u *user) endLocked(right db.Right) {
	for _, r := range u.streams {
		if covers(right, r.right()) {
			r.end(revoked, reasonOf(right))
		}
	}
}

// showLocked adds to the number of streams that show a room.
func (u *user) showLocked(id uuid.UUID, streams int) {
	i := slices.IndexFunc(u.shown, func(s shownRoom) bool { return s.id == id })
	if i < 0 {
		i = len(u.shown)
		u.shown = append(u.shown, shownRoom{id: id})
	}
	if u.shown[i].streams += streams; u.shown[i].streams == 0 {
		u.shown = slices.Delete(u.shown, i, i+1)
	}
}

// showingLocked returns how many streams show a room.
func (u *user) showingLocked(id uuid.UUID) int {
	for _, s := range u.shown {
		if s.id == id {
			return s.streams
		}
	}
	return 0
}

// addStreamLocked enters a stream under its user, and the user under the rooms it is to watch then.
func (h *Hub) addStreamLocked(u *user, r *reader) {
	r.listing.index = int32(len(u.streams))
	u.streams = append(u.streams, r)
	if r.wantsUnread() {
		h.listenLocked(u, r.room.id, 1)
	}
}

// removeStreamLocked undoes addStreamLocked.
func (h *Hub) removeStreamLocked(u *user, r *reader) {
	u.streams = removed(u.streams, r.listing.index, func(r *reader, index int32) { r.listing.index = index })
	r.listing.index = noIndex
	if r.wantsUnread() {
		h.listenLocked(u, r.room.id, -1)
	}
}

// listenLocked adds to the number of a user's streams that carry unread events and show a room.
func (h *Hub) listenLocked(u *user, shown uuid.UUID, streams int) {
	h.unwatchLocked(u)
	u.listening += streams
	u.showLocked(shown, streams)
	h.watchLocked(u)
}

// watchLocked enters the user as a watcher of each of its rooms whose changes concern a stream that does
// not show the room. So a message in a room that a thousand people look at costs nothing here.
func (h *Hub) watchLocked(u *user) {
	for _, id := range u.rooms {
		if u.listening == u.showingLocked(id) {
			continue
		}
		if h.watchers[id] == nil {
			h.watchers[id] = map[*user]struct{}{}
			h.peers.followLocked(id)
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

// loadRooms reads which rooms the reader's user is in, when it opens its first stream that carries
// unread events.
func (h *Hub) loadRooms(ctx context.Context, r *reader) error {
	h.mu.Lock()
	known := r.user.rooms != nil
	h.mu.Unlock()
	if known || !r.wantsUnread() {
		return nil
	}
	ids, err := h.store.RoomIDsOf(ctx, r.user.id)
	if err != nil {
		return fmt.Errorf("reading a user's rooms: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.user.rooms == nil { // else a worker has read them since, which is newer
		h.setRoomsLocked(r.user, ids)
	}
	return nil
}

// setRoomsLocked replaces the rooms that the user is known to be in. It makes a user without streams a
// watcher of nothing.
func (h *Hub) setRoomsLocked(u *user, ids []uuid.UUID) {
	h.unwatchLocked(u)
	u.rooms = append(make([]uuid.UUID, 0, len(ids)), ids...) // never nil
	h.watchLocked(u)
}
