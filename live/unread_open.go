package live

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"sarangbang/db"
)

// load reads what a stream that opens has to know: which rooms its user is in, and what their
// entries show. It reports whether the list that the page shows is to be sent anew, because it is
// another one.
func (n *unreadNotifier) load(ctx context.Context, r *reader, s Subscription) (stale bool, err error) {
	if !r.wantsUnread() {
		return false, nil
	}
	if err := n.loadRooms(ctx, r.user); err != nil {
		return false, err
	}
	if s.Listed == "" && n.hub.peers.bus == nil {
		return s.Audience.Format == HTML, nil
	}
	n.hub.mu.Lock()
	began := n.marks
	n.hub.mu.Unlock()
	rooms, err := n.hub.store.RoomsOf(ctx, s.Viewer)
	if err != nil {
		return false, fmt.Errorf("reading a user's list of rooms: %w", err)
	}
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	for _, view := range rooms {
		n.knowLocked(r.user, view, began)
	}
	return s.Audience.Format == HTML && s.Listed != db.ListDigest(rooms, s.Except...), nil
}

// open has a page sent what load found missing. It is called when the stream is open.
func (n *unreadNotifier) open(r *reader, except []uuid.UUID, stale bool) {
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	if stale {
		n.markStaleLocked(r)
		return
	}
	for _, id := range except {
		if room := n.rooms[id]; room != nil && room.watchers[r.user] != nil && id != r.room.id {
			n.changedLocked(r.user, room.watchers[r.user])
		}
	}
}

// loadRooms reads which rooms a user is in, when it opens its first stream that carries unread
// events.
func (n *unreadNotifier) loadRooms(ctx context.Context, u *user) error {
	n.hub.mu.Lock()
	known := u.rooms != nil
	n.hub.mu.Unlock()
	if known {
		return nil
	}
	ids, err := n.hub.store.RoomIDsOf(ctx, u.id)
	if err != nil {
		return fmt.Errorf("reading which rooms a user is in: %w", err)
	}
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	if u.rooms == nil { // else run has read them since, which is newer
		n.setRoomsLocked(u, ids)
	}
	return nil
}
