// Package presence knows which users have a stream open in any process of the service and who is
// typing in which room, and shows both to those who read a room in this process.
//
// Each process is the authority on its own users (Tracker.Join, Tracker.Leave). It tells its peers
// what changed, and again and again its full state, so that a lost message does harm until the next
// full state only, and the users of a killed process go offline when missedLimit of them are
// missing. Typing is told, shown for a few seconds, and never stored.
package presence

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/live/bus"
)

const (
	// AnnounceEvery is how often a process tells its peers the full state when Options says nothing
	// else. With missedLimit it keeps the users of a killed process online for less than a minute.
	AnnounceEvery = 15 * time.Second
	// missedLimit is how many announcements of a peer may be missing until it is taken for dead.
	missedLimit = 3
	// typingFor is how long somebody who has typed something is shown as typing.
	typingFor = 6 * time.Second
)

// Store is what a Tracker reads; *db.Store implements it.
type Store interface {
	// Memberships returns the memberships of users in rooms; no rooms means all, and so do no
	// users.
	Memberships(ctx context.Context, rooms []uuid.UUID, users []int64) ([]*db.UsersOnRoom, error)
	// People returns the users with these ids, in any order.
	People(ctx context.Context, ids []int64) ([]*db.User, error)
	// MemberCounts returns how many members rooms have.
	MemberCounts(ctx context.Context, rooms []uuid.UUID) (map[uuid.UUID]int, error)
	// MarkSeen stores when users were last online.
	MarkSeen(ctx context.Context, users []int64, at time.Time) error
}

// Room is a room that somebody reads in this process; the hub implements it. A Tracker compares
// Rooms by identity: a room that is read again later is another one.
type Room interface {
	ID() uuid.UUID
	// Closed reports whether the last reader has left. It is called under the Tracker's lock.
	Closed() bool
	// Show tells the room's readers the present state. It is called by one goroutine at a time,
	// without the Tracker's lock.
	Show(Snapshot)
}

// Options make a Tracker.
type Options struct {
	Store  Store
	Logger *slog.Logger
	// AnnounceEvery is how often Announce tells the peers the full state; 0: the constant of that
	// name. All processes of a service must have the same.
	AnnounceEvery time.Duration
	// Publish sends messages to the peers; nil: there are none. It must not wait.
	Publish func(...bus.Message)
	// Moved is called with all memberships of users who came online or went offline; nil: nobody
	// wants to know. It is called without the Tracker's lock.
	Moved func([]*db.UsersOnRoom)
	// AnnounceSoon is called when a peer wants the full state: Announce should be called at once,
	// by another goroutine. It is called under the Tracker's lock and must not wait; nil: there are
	// no peers.
	AnnounceSoon func()
}

// Tracker keeps the presence of users. Its methods may be called by many goroutines, under any
// lock: they take its own lock for a moment and nothing under it. All but Close return at once.
//
// Readers are told in rounds (see round): a goroutine that exists only while something changes.
type Tracker struct {
	options Options
	// departGrace is how long a user without streams stays online: pages are loaded again, and
	// networks change.
	departGrace time.Duration

	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	work     sync.WaitGroup // the round
	hasPeers atomic.Bool    // len(online.peers) > 0, readable without mu
	typing   atomic.Int64   // how many are typing, in all rooms; readable without mu

	mu           sync.Mutex
	closed       bool
	working      bool // a round is due or under way
	wanted       bool // a peer wants the full state
	nextAnnounce time.Time
	states       int64 // how many full states were announced
	online       onlineSet
	rooms        map[uuid.UUID]*roomPresence
	busy         map[*roomPresence]struct{} // those that the next round looks at
}

// New makes a Tracker. It works until Close.
func New(o Options) *Tracker {
	if o.AnnounceEvery == 0 {
		o.AnnounceEvery = AnnounceEvery
	}
	t := &Tracker{
		options: o, departGrace: o.AnnounceEvery / 3, online: newOnlineSet(),
		rooms: map[uuid.UUID]*roomPresence{}, busy: map[*roomPresence]struct{}{},
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Close ends the rounds and waits for the one under way. The other methods may still be called.
func (t *Tracker) Close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.cancel()
	t.work.Wait()
}

// wakeLocked starts the rounds, unless they are running.
func (t *Tracker) wakeLocked() {
	if !t.working && !t.closed {
		t.working = true
		t.work.Go(t.round)
	}
}

// Join is called when a user's first stream in this process opens.
func (t *Tracker) Join(user int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.online.join(user)
	t.wakeLocked()
}

// Leave is called when a user's last stream in this process has ended. The user stays online for a
// third of Options.AnnounceEvery.
func (t *Tracker) Leave(user int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.online.leave(user, time.Now().Add(t.departGrace))
	t.wakeLocked()
}

// IsOnline reports whether a user has a stream open, in any process.
func (t *Tracker) IsOnline(user int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.online.online(user)
}

// HasPeers reports whether another process was heard and is not gone.
func (t *Tracker) HasPeers() bool { return t.hasPeers.Load() }

// Receive applies what a peer tells of its users, or that one of them is typing.
func (t *Tracker) Receive(m bus.Message) {
	switch {
	case m.Presence != nil:
		t.hear(m.From, m.Presence)
	case m.Typing != nil:
		t.startTyping(m.Typing.Room, m.Typing.User)
	}
}

func (t *Tracker) hear(from string, p *bus.Presence) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, known := t.online.peers[from]
	t.online.hear(from, p, time.Now())
	t.hasPeers.Store(len(t.online.peers) > 0)
	if t.wanted = t.wanted || !known || p.Ask; t.wanted {
		t.options.AnnounceSoon()
	}
	if len(t.online.changed) > 0 {
		t.wakeLocked()
	}
}

// Announce publishes the full state when it is time or when a peer has asked for it, and forgets
// the peers that have been silent for too long: died tells that there were some, whose last
// messages may be lost. It is to be called about once a second where there may be peers.
func (t *Tracker) Announce() (announced, died bool) {
	state, died := t.announcement(time.Now())
	if len(state) > 0 {
		t.options.Publish(state...)
	}
	return len(state) > 0, died
}

// announcement returns the full state when it is to be announced now.
func (t *Tracker) announcement(now time.Time) (state []bus.Message, died bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if died = t.online.forgetSilent(now.Add(-missedLimit * t.options.AnnounceEvery)); died {
		t.hasPeers.Store(len(t.online.peers) > 0)
		t.wakeLocked()
	}
	if !t.wanted && now.Before(t.nextAnnounce) {
		return nil, died
	}
	t.wanted, t.nextAnnounce = false, now.Add(t.options.AnnounceEvery)
	t.states++
	return t.online.fullState(t.states), died
}
