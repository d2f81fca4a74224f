package db

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// tag names something that results of queries depend on. Fields that do not apply are zero. A
// change names the tags of all that it changes.
type tag struct {
	kind tagKind
	user int64
	room uuid.UUID
}

type tagKind uint8

const (
	tagEverything  tagKind = iota // what every result depends on
	tagAnyRoom                    // some room changed
	tagAnyUser                    // some user changed
	tagUser                       // an account
	tagSession                    // whether a session was ended
	tagTokens                     // a user's tokens
	tagMemberships                // the rooms that a user is in
	tagActivities                 // what concerns a user, and how much of it the user has seen
	tagReadMark                   // how far a user has read in a room
	tagRoom                       // a room, its members and its messages
)

func userTag(id int64) tag          { return tag{kind: tagUser, user: id} }
func tokensTag(user int64) tag      { return tag{kind: tagTokens, user: user} }
func activitiesTag(user int64) tag  { return tag{kind: tagActivities, user: user} }
func membershipsTag(user int64) tag { return tag{kind: tagMemberships, user: user} }
func roomTag(id uuid.UUID) tag      { return tag{kind: tagRoom, room: id} }

// ownRoomTag is roomTag for a result that only a member of the room gets. Both change together.
func ownRoomTag(user int64, id uuid.UUID) tag { return tag{kind: tagRoom, user: user, room: id} }

// readMarkTag is how far a user has read in a room. A post, which moves its author's mark, need not
// name it: it changes the room.
func readMarkTag(user int64, room uuid.UUID) tag {
	return tag{kind: tagReadMark, user: user, room: room}
}

// sessionTag is whether a session was ended.
func sessionTag(id string) tag {
	sum := sha256.Sum256([]byte(id))
	return tag{kind: tagSession, room: uuid.UUID(sum[:16])}
}

// About what values take in memory, without texts that may be long.
const (
	userBytes    = 700
	roomBytes    = 400
	messageBytes = 400
)

// dependsOnRooms declares rooms as a member sees them: the rooms with their members, the viewer's
// read marks, and the users whose names are shown.
func (r *Reads) dependsOnRooms(viewer int64, views ...*RoomView) {
	for _, v := range views {
		r.dependsOn(ownRoomTag(viewer, v.ID), readMarkTag(viewer, v.ID))
		r.bytes += roomBytes
		if v.Newest != nil {
			r.dependsOnPeople(v.Newest)
			r.bytes += messageBytes + userBytes + len(v.Newest.Body)
		}
		if v.Other != nil {
			r.dependsOn(userTag(v.Other.ID))
			r.bytes += userBytes
		}
	}
}

// dependsOnPeople declares the people that a message names.
func (r *Reads) dependsOnPeople(m *Message) {
	r.dependsOn(userTag(m.AuthorID))
	if m.Subject != nil {
		r.dependsOn(userTag(m.Subject.ID))
	}
	if m.Quoted != nil {
		r.dependsOn(userTag(m.Quoted.Author.ID))
		r.bytes += messageBytes + userBytes + len(m.Quoted.Excerpt)
	}
}

// dependsOnMessages declares messages of a room: the room and the people that they name.
func (r *Reads) dependsOnMessages(room uuid.UUID, messages []*Message) {
	r.dependsOn(roomTag(room))
	for _, m := range messages {
		r.dependsOnPeople(m)
		r.bytes += messageBytes + userBytes + len(m.Body)
	}
}

const (
	// tagSlots is how many tags are told apart. Results of tags that share a slot become invalid
	// together, which costs a query.
	tagSlots = 1 << 14
	// externalEvery is how often a store checks whether another program has changed its file.
	externalEvery = time.Second
	// externalWithin bounds that check. A store that cannot check does not use its cache.
	externalWithin = 100 * time.Millisecond
)

// tagClock holds the versions of tags in memory, for SQLite, where one process does all the
// writing:
//
//   - The version of a tag is the reading of the clock after its last change.
//   - While a change of a tag is being committed its version is not known.
//   - A state knows no version that is newer than itself, so that a result which raced a commit is
//     not kept.
//
// Another program may change the file all the same, such as the sqlite3 shell of an operator. That
// is noticed within externalEvery, and makes all results invalid.
type tagClock struct {
	clock atomic.Uint64 // counts changes
	slots [tagSlots]tagSlot

	external func(context.Context) (int64, error) // a number that other programs' changes change
	time     func() time.Time
	checked  atomic.Pointer[externalCheck]
	checking sync.Mutex
}

// tagSlot is what is known about the tags that share it.
type tagSlot struct {
	changed    atomic.Uint64 // the clock's reading after the last change
	committing atomic.Int64  // how many changes are being committed
}

// externalCheck is when the file was checked, and what was found.
type externalCheck struct {
	at      time.Time
	version int64
}

// newTagClock returns a clock at zero. external returns a number that differs when another program
// has changed the database.
func newTagClock(external func(context.Context) (int64, error), now func() time.Time) *tagClock {
	c := &tagClock{external: external, time: now}
	c.checked.Store(&externalCheck{})
	return c
}

// slot returns the slot of a tag. The first three kinds, of which there is one tag each, have slots
// of their own.
func (c *tagClock) slot(t tag) *tagSlot {
	if t.kind <= tagAnyUser {
		return &c.slots[t.kind]
	}
	if t.kind == tagRoom {
		t.user = 0 // the room is the same whoever is in it
	}
	mixed := (uint64(t.kind)<<56 ^ uint64(t.user)*0xc2b2ae3d27d4eb4f ^ binary.BigEndian.Uint64(t.room[:8])) * 0x9e3779b97f4a7c15
	const named = uint64(tagAnyUser) + 1
	return &c.slots[named+mixed>>32%(tagSlots-named)]
}

// now reports false while it is not known whether another program has changed the file. The check
// comes first, because it may advance the clock.
func (c *tagClock) now(ctx context.Context) (state, bool) {
	ok := c.checkExternal(ctx)
	return clockState{c, c.clock.Load()}, ok
}

// clockState is the versions of tags up to a reading of the clock.
type clockState struct {
	*tagClock
	at uint64
}

// version reads committing before changed: a commit that ends in between has set changed by then.
func (s clockState) version(t tag) (uint64, bool) {
	slot := s.slot(t)
	if slot.committing.Load() != 0 {
		return 0, false
	}
	changed := slot.changed.Load()
	return changed, changed <= s.at
}

func (c *tagClock) changing(tags []tag) (done func()) {
	for _, t := range tags {
		c.slot(t).committing.Add(1)
	}
	return func() {
		now := c.clock.Add(1)
		for _, t := range tags {
			slot := c.slot(t)
			slot.change(now)
			slot.committing.Add(-1)
		}
	}
}

// change sets changed to now, unless a later change has set it already.
func (s *tagSlot) change(now uint64) {
	for {
		before := s.changed.Load()
		if before >= now || s.changed.CompareAndSwap(before, now) {
			return
		}
	}
}

// checkExternal reports whether the file was checked within externalEvery, after a check where it
// was not. While another goroutine checks it reports false without waiting.
func (c *tagClock) checkExternal(ctx context.Context) bool {
	if c.recentlyChecked() {
		return true
	}
	if !c.checking.TryLock() {
		return false
	}
	defer c.checking.Unlock()
	return c.recentlyChecked() || c.check(ctx)
}

func (c *tagClock) recentlyChecked() bool {
	age := c.time().Sub(c.checked.Load().at)
	return 0 <= age && age < externalEvery
}

// check makes all results invalid when another program has changed the file. False: it could not be
// checked.
func (c *tagClock) check(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(untracked(ctx), externalWithin)
	defer cancel()
	at := c.time()
	version, err := c.external(ctx)
	if err != nil {
		return false
	}
	if version != c.checked.Load().version {
		c.changing([]tag{{kind: tagEverything}})()
	}
	c.checked.Store(&externalCheck{at: at, version: version})
	return true
}
