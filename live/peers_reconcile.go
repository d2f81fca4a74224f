package live

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

const (
	// reconcileEvery is how often the store is asked for what messages did not tell, and
	// arrivalTime how long messages under way are waited for before its answer counts. With the
	// time to read what was missed they stay below the two seconds within which every change
	// reaches every reader.
	reconcileEvery = time.Second
	arrivalTime    = 100 * time.Millisecond
	// headsAtOnce is how many rooms one query asks for.
	headsAtOnce = 10_000
	// lockedAtOnce is how many rooms or users are gone through under one lock of Hub.mu.
	lockedAtOnce = 500
)

// reconcile repairs the effects of lost messages, until the hub closes. Every reconcileEvery it
// compares with the store the revisions of the followed rooms, and the rights and lists of rooms of
// a part of the users, while the bus is not connected of all; after messages may have been missed
// it checks all and marks all lists of rooms stale.
func (p *peers) reconcile() {
	h := p.hub
	tick := time.NewTicker(reconcileEvery)
	defer tick.Stop()
	ask := bus.Message{Presence: &bus.Presence{Ask: true}}
	p.send(ask)
	for missed := false; ; {
		select {
		case <-p.announce:
			p.announceState()
			continue
		case <-tick.C:
		case <-p.missed:
			missed = true
			p.send(ask)
		case <-h.ctx.Done():
			return
		}
		missed = p.announceState() || missed // what a dead peer published last may be lost
		err := p.checkHeads()
		if err == nil {
			err = p.checkUsers(missed || !p.bus.Connected())
		}
		switch {
		case h.ctx.Err() != nil:
			return
		case err != nil:
			h.logger.Error("reconciling with the store", "error", err)
		case missed:
			p.markAllStale()
			missed = false
		}
	}
}

// announceState announces the full state of presence when that is due, and with it to new peers
// that notices were not published. It reports whether a peer was found dead.
func (p *peers) announceState() (died bool) {
	announced, died := p.hub.presence.Announce()
	if announced && p.hub.presence.HasPeers() && p.unpublished.Swap(false) {
		p.send(bus.Message{Lost: true})
	}
	return died
}

// checkHeads reads the newest revisions of all rooms that are read or watched here, and applies
// them.
func (p *peers) checkHeads() error {
	h := p.hub
	for rooms := range slices.Chunk(p.prune(), headsAtOnce) {
		ctx, cancel := context.WithTimeout(h.ctx, readTimeout)
		heads, err := h.store.Heads(ctx, rooms)
		cancel()
		if err != nil {
			return err
		}
		select {
		case <-time.After(arrivalTime): // a message brings the change itself, which need not be read then
		case <-h.ctx.Done():
			return nil
		}
		for room, head := range heads {
			p.applyHead(room, head)
		}
	}
	return nil
}

// prune stops following the rooms that nobody reads or watches here any more, and returns the
// others.
func (p *peers) prune() (wanted []uuid.UUID) {
	for i, more := 0, true; more; {
		i, more = p.pruneSome(i, &wanted)
	}
	return wanted
}

// pruneSome goes through lockedAtOnce of the followed rooms from the i-th on. It appends the wanted
// ones, and returns where to continue, if there are more.
func (p *peers) pruneSome(i int, wanted *[]uuid.UUID) (next int, more bool) {
	h := p.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	for n := 0; i < len(p.list) && n < lockedAtOnce; n++ {
		room := p.list[i]
		if h.rooms[room] != nil || h.unread.rooms[room] != nil {
			*wanted = append(*wanted, room)
			i++
			continue
		}
		last := len(p.list) - 1
		p.list[i], p.list = p.list[last], p.list[:last]
		delete(p.followed, room)
		p.bus.Unfollow(room)
	}
	return i, i < len(p.list)
}

// applyHead acts as a notice without a change would if the room's readers or watchers have not been
// told of the revision head.
func (p *peers) applyHead(room uuid.UUID, head int64) {
	h := p.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	n := db.Notice{Room: room, Revision: head}
	if r := h.rooms[room]; r != nil && r.head() < head && r.inbox.put(n) {
		h.work.Go(r.work)
	}
	if listed := h.unread.rooms[room]; listed != nil && listed.heard < head {
		h.unread.roomChangedLocked(n)
	}
}

// markAllStale marks every user's list of rooms to be read again: the missed messages may have told
// of memberships and read marks, which are no room's revision.
func (p *peers) markAllStale() {
	h := p.hub
	h.mu.Lock()
	for _, r := range h.rooms {
		r.marksDueLocked()
	}
	h.mu.Unlock()
	for users := range slices.Chunk(h.openUsers(), lockedAtOnce) {
		h.mu.Lock()
		for _, u := range users {
			h.unread.forgetLocked(u)
		}
		h.mu.Unlock()
	}
}
