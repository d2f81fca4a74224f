package live

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

// task is what a round has to do.
type task struct {
	stale   []uuid.UUID // rooms
	online  []int64     // who of their members to ask for; empty: all
	changed []int64
	letters []bus.Letter
}

// round tells everybody of what has changed, and has the next one begin after a pause, unless all is quiet.
func (p *presence) round() {
	t, ok := p.begin(time.Now())
	if !ok {
		return
	}
	p.hub.send(t.letters...)
	if err := p.work(t); err != nil && p.hub.ctx.Err() == nil {
		p.hub.logger.Error("looking who is online", "error", err)
		p.resume(t)
	}
	time.AfterFunc(presencePause, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.closed {
			p.hub.work.Go(p.round)
		}
	})
}

// begin says what there is to do; nothing: the rounds end.
func (p *presence) begin(now time.Time) (t task, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := p.roster.settle(now, p.note)
	for c := range p.busy {
		for user, until := range c.writers {
			if !now.Before(until) {
				c.drop(p, user)
			}
		}
		if c.stale {
			c.stale = false
			t.stale = append(t.stale, c.room.id)
		}
		if waiting = true; !c.dirty && len(c.writers) == 0 {
			delete(p.busy, c)
		}
	}
	if len(t.stale) > 0 && len(p.roster.online) <= usersAtOnce {
		t.online = slices.Collect(maps.Keys(p.roster.online)) // else it is cheaper to read all members
	}
	t.changed = slices.Collect(maps.Keys(p.changed))
	clear(p.changed)
	t.letters = p.roster.tidings()
	p.working = !p.closed && (waiting || len(t.changed)+len(t.letters) > 0)
	return t, p.working
}

// resume leaves to the next round what this one could not do.
func (p *presence) resume(t task) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range t.stale {
		if c := p.crowds[id]; c != nil {
			c.stale = true
			p.stir(c)
		}
	}
	for _, user := range t.changed {
		p.note(user)
	}
}

// work finds out who is where, and tells the readers of the rooms in which that makes a difference.
func (p *presence) work(t task) error {
	ctx, cancel := context.WithTimeout(p.hub.ctx, readTimeout)
	defer cancel()
	for rooms := range slices.Chunk(t.stale, roomsAtOnce) {
		members, err := p.hub.store.Memberships(ctx, rooms, t.online)
		if err != nil {
			return err
		}
		p.fill(rooms, members)
	}
	for users := range slices.Chunk(t.changed, usersAtOnce) {
		members, err := p.hub.store.Memberships(ctx, nil, users)
		if err != nil {
			return err
		}
		p.move(members)
	}
	return p.tell(ctx)
}

// fill makes the crowds of rooms from nothing.
func (p *presence) fill(rooms []uuid.UUID, members []*db.UsersOnRoom) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range rooms {
		if c := p.crowds[id]; c != nil {
			clear(c.present)
		}
	}
	for _, m := range members {
		if c := p.crowds[m.RoomID]; c != nil && p.roster.online[m.UserID] > 0 {
			c.present[m.UserID] = struct{}{}
		}
	}
}

// move brings people in or out of the crowds of their rooms.
func (p *presence) move(members []*db.UsersOnRoom) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range members {
		c := p.crowds[m.RoomID]
		if c == nil {
			continue
		}
		p.stir(c)
		if p.roster.online[m.UserID] > 0 {
			c.present[m.UserID] = struct{}{}
		} else {
			delete(c.present, m.UserID)
		}
	}
}
