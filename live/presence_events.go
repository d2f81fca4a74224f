package live

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

// Typing tells that somebody writes in a room, here and to the other processes. Nothing of it is stored.
func (h *Hub) Typing(room uuid.UUID, user int64) {
	h.presence.writes(room, user)
	h.send(bus.Letter{Typing: &bus.Typing{Room: room, User: user}})
}

func (p *presence) writes(room uuid.UUID, user int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.crowds[room]
	if c == nil {
		return
	}
	if _, ok := c.writers[user]; !ok {
		p.writers.Add(1)
		p.stir(c)
	}
	c.writers[user] = time.Now().Add(writing)
}

// said is a message of somebody who may have been writing.
func (p *presence) said(room uuid.UUID, user int64) {
	if p.writers.Load() == 0 { // messages are many
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.crowds[room]; c != nil {
		c.drop(p, user)
	}
}

// drop ends that somebody writes.
func (c *crowd) drop(p *presence, user int64) {
	if _, ok := c.writers[user]; ok {
		delete(c.writers, user)
		p.writers.Add(-1)
		p.stir(c)
	}
}

// scene is what the readers of a room are to be told.
type scene struct {
	room            *room
	due             bool // also those who know who is online are to be told of that
	count           int
	people, writers []int64
}

// scenes are those of the rooms in which something changed.
func (p *presence) scenes() (scenes []scene) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for c := range p.busy {
		if !c.dirty || c.stale {
			continue
		}
		due := !now.Before(c.next)
		if due {
			c.next = now.Add(presencePause * time.Duration(len(c.present)/crowdUnit))
		}
		c.dirty = !due // to be told then
		scenes = append(scenes, scene{c.room, due, len(c.present), first(c.present, shownPeople), first(c.writers, shownWriters)})
	}
	return scenes
}

// first are the lowest of some ids.
func first[V any](ids map[int64]V, n int) []int64 {
	sorted := slices.Sorted(maps.Keys(ids))
	return sorted[:min(n, len(sorted))]
}

// tell reads what the people are called and tells the readers of all scenes.
func (p *presence) tell(ctx context.Context) error {
	scenes := p.scenes()
	ids := map[int64]struct{}{}
	for _, s := range scenes {
		for _, id := range slices.Concat(s.people, s.writers) {
			ids[id] = struct{}{}
		}
	}
	names := make(map[int64]*db.User, len(ids))
	for some := range slices.Chunk(slices.Collect(maps.Keys(ids)), usersAtOnce) {
		users, err := p.hub.store.People(ctx, some)
		if err != nil {
			p.again(scenes)
			return err
		}
		for _, u := range users {
			names[u.ID] = u
		}
	}
	for _, s := range scenes {
		s.show(p.hub, names)
	}
	return nil
}

// again has scenes told in the next round.
func (p *presence) again(scenes []scene) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range scenes {
		if c := p.crowds[s.room.id]; c != nil {
			p.stir(c)
		}
	}
}

// show tells a room's readers, each audience once.
func (s scene) show(h *Hub, names map[int64]*db.User) {
	online := Online{Count: s.count, People: named(s.people, names)}
	writers := named(s.writers, names)
	s.room.mu.Lock()
	groups := s.room.groups
	s.room.mu.Unlock()
	for _, g := range groups {
		if !g.audience.Format.events() {
			continue
		}
		if s.due || !g.informed() {
			g.tellOnline(g.frame(h.presenter.Online(g.audience, online), noID))
		}
		g.tellTyping(g.frame(h.presenter.Typing(g.audience, writers), noID), len(writers) > 0)
	}
}

func named(ids []int64, names map[int64]*db.User) []*db.User {
	people := make([]*db.User, 0, len(ids))
	for _, id := range ids {
		if u := names[id]; u != nil {
			people = append(people, u)
		}
	}
	return people
}

// tellOnline and tellTyping tell a group who is online and who is writing, unless it has been told the same. Who comes later is told
// by seat.
func (g *group) tellOnline(online []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !bytes.Equal(g.online, online) {
		g.online = online
		g.gather(online)
	}
}

func (g *group) tellTyping(typing []byte, anybody bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if bytes.Equal(g.typing, typing) || !anybody && g.typing == nil {
		return
	}
	g.gather(typing)
	if g.typing = typing; !anybody {
		g.typing = nil // which is how a stream begins
	}
}

// informed tells whether a group's readers know who is online.
func (g *group) informed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.online != nil
}

// greet has a reader that has just come told who is online, where its group does not know yet.
func (h *Hub) greet(r *reader) {
	if r.room.id != uuid.Nil && r.group.audience.Format.events() && !r.group.informed() {
		h.presence.look(r.room)
	}
}
