package live

import (
	"context"
	"maps"
	"slices"

	"sarangbang/db"
)

// checkRights asks for the rights that the streams of some people here came with, or of all at once, and cuts the streams of those
// that have ended: the letter that told may be lost.
func (h *Hub) checkRights(all bool) error {
	o := &h.others
	if all || len(o.unchecked) == 0 {
		o.unchecked = h.everybody()
		o.share = (len(o.unchecked) + rightsRound - 1) / rightsRound
	}
	some := o.unchecked
	if !all {
		some = some[:min(o.share, len(some))]
	}
	for users := range slices.Chunk(some, heldAtOnce) {
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
		o.unchecked = o.unchecked[len(users):]
	}
	return nil
}

// everybody is who has a stream here.
func (h *Hub) everybody() []*user {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.AppendSeq(make([]*user, 0, len(h.users)), maps.Values(h.users))
}

// rightsOf are those that streams of some people came with.
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

// markAllStale has everybody's list of rooms read again: letters may have told of what no room's head does.
func (h *Hub) markAllStale() {
	for users := range slices.Chunk(h.everybody(), heldAtOnce) {
		h.mu.Lock()
		for _, u := range users {
			h.roomsChangedLocked(u.id)
		}
		h.mu.Unlock()
	}
}
