package live

import (
	"github.com/google/uuid"

	"sarangbang/db"
)

// dispatch gives notices to the rooms and users here that they concern.
func (h *Hub) dispatch(notices ...db.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	var woken []*room // started when all is in the inboxes: what was committed together leaves together
	for _, n := range notices {
		if r := h.rooms[n.Room]; r != nil && n.Room != uuid.Nil && r.inbox.put(n) {
			woken = append(woken, r)
		}
		h.notifyLocked(n)
	}
	for _, r := range woken {
		h.work.Go(r.work)
	}
}

// notifyLocked gives a notice to everything but its room: the users whose list of rooms it changes,
// the presence of the room, and the streams whose right it ends.
func (h *Hub) notifyLocked(n db.Notice) {
	if n.Room != uuid.Nil {
		h.unread.roomChangedLocked(n)
		h.presence.Changed(n)
		if r := h.rooms[n.Room]; r != nil && (n.Changed != nil || n.Message != nil && n.Message.Kind == db.MessageEvent) {
			r.marksDueLocked() // other members, or other settings
		}
	}
	for _, id := range n.Users {
		h.unread.roomsChangedLocked(id)
	}
	if n.Read != nil {
		h.unread.markMovedLocked(*n.Read)
		if r := h.rooms[n.Read.Room]; r != nil {
			r.marksDueLocked()
		}
	}
	for _, right := range n.Ended {
		h.endLocked(right)
	}
}

// endLocked ends the streams that were opened with a right that has ended.
func (h *Hub) endLocked(right db.Right) {
	if u := h.users[right.UserID]; u != nil {
		u.endLocked(right)
	}
	if right.UserID != 0 {
		return
	}
	for _, u := range h.users {
		u.endLocked(right)
	}
}
