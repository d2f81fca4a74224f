package live

import (
	"context"
	"maps"
	"slices"

	"sarangbang/db"
)

const (
	// rightsRounds is how many rounds of reconcile it takes to check all rights. A stream that
	// opens just after its user's turn is checked in the next pass: within 30 s.
	rightsRounds = 12
	// rightsAtOnce is how many rights one query asks for.
	rightsAtOnce = 300
)

// rightsCheck is the present pass over the rights of all users with streams here.
type rightsCheck struct {
	unchecked []*user
	perRound  int // how many users a round checks
}

// checkRights asks the store whether the rights that streams were opened with still hold, of the
// users whose turn it is or of all, and ends the streams of those that do not: the message that
// told of the end may be lost.
func (p *peers) checkRights(all bool) error {
	h, pass := p.hub, &p.rights
	if all || len(pass.unchecked) == 0 {
		pass.unchecked = h.openUsers()
		pass.perRound = (len(pass.unchecked) + rightsRounds - 1) / rightsRounds
	}
	turn := pass.unchecked
	if !all {
		turn = turn[:min(pass.perRound, len(turn))]
	}
	for users := range slices.Chunk(turn, lockedAtOnce) {
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
		pass.unchecked = pass.unchecked[len(users):]
	}
	return nil
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
