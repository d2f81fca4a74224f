package live

import (
	"context"
	"maps"
	"slices"

	"sarangbang/db"
)

const (
	// usersRounds is how many rounds of reconcile it takes to check all users. One whose stream
	// opens just after its turn is checked in the next pass: within 30 s.
	usersRounds = 12
	// rightsAtOnce and listsAtOnce are how many rights, and how many users' lists of rooms, one
	// query asks for.
	rightsAtOnce, listsAtOnce = 300, 300
)

// usersCheck is the present pass over all users with streams here.
type usersCheck struct {
	unchecked []*user
	perRound  int // how many users a round checks
}

// checkUsers asks the store what lost messages may not have told of the users whose turn it is, or
// of all: whether the rights that their streams were opened with still hold, and which rooms they
// are in, which is no room's revision.
func (p *peers) checkUsers(all bool) error {
	h, pass := p.hub, &p.users
	if all || len(pass.unchecked) == 0 {
		pass.unchecked = h.openUsers()
		pass.perRound = (len(pass.unchecked) + usersRounds - 1) / usersRounds
	}
	turn := pass.unchecked
	if !all {
		turn = turn[:min(pass.perRound, len(turn))]
	}
	for users := range slices.Chunk(turn, lockedAtOnce) {
		if err := p.checkRights(users); err != nil {
			return err
		}
		if err := p.checkLists(users); err != nil {
			return err
		}
		pass.unchecked = pass.unchecked[len(users):]
	}
	return nil
}

// checkRights ends the streams that were opened with rights that have ended.
func (p *peers) checkRights(users []*user) error {
	h := p.hub
	for rights := range slices.Chunk(h.rightsOf(users), rightsAtOnce) {
		ctx, cancel := context.WithTimeout(h.ctx, readTimeout)
		lapsed, err := h.store.Lapsed(ctx, rights)
		cancel()
		if err != nil {
			return err
		}
		if len(lapsed) > 0 {
			h.dispatch(db.Notice{Ended: lapsed})
		}
	}
	return nil
}

// checkLists compares the lists of rooms that users were told with their memberships.
func (p *peers) checkLists(users []*user) error {
	h := p.hub
	for some := range slices.Chunk(users, listsAtOnce) {
		ids := make([]int64, len(some))
		for i, u := range some {
			ids[i] = u.id
		}
		ctx, cancel := context.WithTimeout(h.ctx, readTimeout)
		memberships, err := h.store.MembershipsOf(ctx, ids)
		cancel()
		if err != nil {
			return err
		}
		of := map[int64][]*db.UsersOnRoom{}
		for _, m := range memberships {
			of[m.UserID] = append(of[m.UserID], m)
		}
		h.mu.Lock()
		for _, u := range some {
			if u.listening > 0 && u.rooms != nil {
				h.unread.compareLocked(u, of[u.id])
			}
		}
		h.mu.Unlock()
	}
	return nil
}

// compareLocked has read again what a user's memberships say otherwise than its list of rooms. It
// is no harm if that is newer, or about to be told.
func (n *unreadNotifier) compareLocked(u *user, memberships []*db.UsersOnRoom) {
	known := setOf(u.rooms)
	same := len(memberships) == len(known)
	for _, m := range memberships {
		same = same && known[m.RoomID]
		room := n.rooms[m.RoomID]
		if room == nil || room.watchers[u] == nil || room.watchers[u].unknown {
			continue
		}
		own := &room.watchers[u].own
		same = same && own.favourite == m.Favourite
		if m.ReadPosition > own.read {
			n.markMovedLocked(db.ReadMark{UserID: u.id, Room: m.RoomID})
		}
	}
	if !same {
		n.roomsChangedLocked(u.id)
	}
}

// openUsers returns the users who have a stream here.
func (h *Hub) openUsers() []*user {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.AppendSeq(make([]*user, 0, len(h.users)), maps.Values(h.users))
}

// rightsOf returns the rights that the users' streams were opened with, each once.
func (h *Hub) rightsOf(users []*user) []db.Right {
	rights := map[db.Right]struct{}{}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, u := range users {
		for _, r := range u.streams {
			rights[r.right()] = struct{}{}
		}
	}
	return slices.Collect(maps.Keys(rights))
}
