package live

import (
	"slices"

	"github.com/google/uuid"

	"sarangbang/db"
)

// Pages show in the list of rooms in which direct rooms the other is online. Who comes or goes is
// told to the other members of that person's direct rooms alone, as the ids of all such rooms: a
// few map lookups for each of them, no query and no rendering.

// partnersMoved is called with all memberships of users who came online or went offline.
func (n *unreadNotifier) partnersMoved(members []*db.UsersOnRoom) {
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	for _, m := range members {
		room := n.rooms[m.RoomID]
		if room == nil || len(room.watchers) > 2 { // no direct room
			continue
		}
		for u, e := range room.watchers {
			if e.partner() != m.UserID {
				continue
			}
			for _, r := range u.streams {
				n.partnersDueLocked(r)
			}
		}
	}
}

// openPartners has a stream that opens told who is online, unless its user has no direct rooms.
func (n *unreadNotifier) openPartners(r *reader) {
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	hasPartner := func(id uuid.UUID) bool { return n.partnerLocked(r.user, id) != 0 }
	if slices.ContainsFunc(r.user.rooms, hasPartner) { // else a list that is stale may bring some
		n.partnersDueLocked(r)
	}
}

// partnersDueLocked has a stream told in the next round who is online, if it is that of a page.
func (n *unreadNotifier) partnersDueLocked(r *reader) {
	if r.group.audience.Format == HTML {
		r.listing.partners = true
		n.enqueueLocked(r.user)
	}
}

// pushPartners tells a user's streams who is online, where that is due. Users without direct rooms
// are told nothing.
func (n *unreadNotifier) pushPartners(u *user) {
	due, online, direct := n.takePartners(u)
	for _, r := range due {
		if direct {
			r.push(r.group.frame(n.hub.presenter.Partners(r.group.audience, online), noID))
		}
	}
}

// takePartners returns the streams of a user that are to be told who is online, and the direct
// rooms whose other member is. It reports whether the user has any direct rooms.
func (n *unreadNotifier) takePartners(u *user) (due []*reader, online []uuid.UUID, direct bool) {
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	for _, r := range u.streams {
		if r.listing.partners {
			due = append(due, r)
			r.listing.partners = false
		}
	}
	if len(due) == 0 {
		return nil, nil, false
	}
	for _, id := range u.rooms {
		if partner := n.partnerLocked(u, id); partner != 0 {
			direct = true
			if n.hub.presence.IsOnline(partner) {
				online = append(online, id)
			}
		}
	}
	return due, online, direct
}

// partnerLocked returns the id of the other person in a room, if it is a direct one that the user
// watches; else 0.
func (n *unreadNotifier) partnerLocked(u *user, id uuid.UUID) int64 {
	room := n.rooms[id]
	if room == nil || room.watchers[u] == nil || room.watchers[u].partner() == u.id {
		return 0
	}
	return room.watchers[u].partner()
}

// partner returns the id of the other person of a direct room, as far as it is known; else 0.
func (e *listedEntry) partner() int64 {
	if e.own.other == nil {
		return 0
	}
	return e.own.other.ID
}
