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

// tag names something that results of queries depend on. Fields that do not apply are zero.
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
	tagReadMark                   // how far a user has read in a room
	tagRoom                       // a room, its members and its messages
)

func userTag(id int64) tag          { return tag{kind: tagUser, user: id} }
func tokensTag(user int64) tag      { return tag{kind: tagTokens, user: user} }
func membershipsTag(user int64) tag { return tag{kind: tagMemberships, user: user} }
func roomTag(id uuid.UUID) tag      { return tag{kind: tagRoom, room: id} }

// ownRoomTag is roomTag of a room that a user is in.
func ownRoomTag(user int64, id uuid.UUID) tag { return tag{kind: tagRoom, user: user, room: id} }

// readMarkTag is no tag of a post, which moves its author's mark: that changes the room anyway.
func readMarkTag(user int64, room uuid.UUID) tag {
	return tag{kind: tagReadMark, user: user, room: room}
}

func sessionTag(id string) tag {
	sum := sha256.Sum256([]byte(id))
	return tag{kind: tagSession, room: uuid.UUID(sum[:16])}
}

// What values take in memory, about, without the texts that may be long.
const (
	userBytes    = 700
	roomBytes    = 400
	messageBytes = 400
)

// dependsOnRooms declares rooms as a user sees them: the rooms, with who is in them, the user's read marks there, and the people
// whose names are in them.
func (r *Reads) dependsOnRooms(viewer int64, views ...*RoomView) {
	for _, v := range views {
		r.dependsOn(ownRoomTag(viewer, v.ID), readMarkTag(viewer, v.ID))
		r.bytes += roomBytes
		if v.Newest != nil {
			r.dependsOn(userTag(v.Newest.AuthorID))
			r.bytes += messageBytes + userBytes + len(v.Newest.Body)
		}
		if v.Other != nil {
			r.dependsOn(userTag(v.Other.ID))
			r.bytes += userBytes
		}
	}
}

// dependsOnMessages declares messages of a room: the room and their authors.
func (r *Reads) dependsOnMessages(room uuid.UUID, messages []*Message) {
	r.dependsOn(roomTag(room))
	known := map[int64]bool{}
	for _, m := range messages {
		if !known[m.AuthorID] {
			known[m.AuthorID] = true
			r.dependsOn(userTag(m.AuthorID))
		}
		r.bytes += messageBytes + userBytes + len(m.Body)
	}
}

const (
	// tagSlots is how many tags are told apart. Results of two that share a slot become invalid together, which costs a query.
	tagSlots = 1 << 14
	// externalEvery is how often a store looks whether another program has changed its file.
	externalEvery = time.Second
	// externalWithin is how long that may take; a store that cannot look answers from the database.
	externalWithin = 100 * time.Millisecond
)

// tagClock is the versions of tags where one process does all the writing, as with SQLite:
//
//   - Every change names its tags. From before its commit until after it their versions are not known.
//   - A tag's version is the clock's reading after its last change. Who takes a state learns only of versions that are older, so that
//     a result which raced a commit is not kept.
//
// Nevertheless another program may change the file, an operator with the sqlite3 shell for one: that is noticed within externalEvery,
// and everything becomes invalid.
type tagClock struct {
	clock atomic.Uint64 // counts changes
	slots [tagSlots]tagSlot

	external func(context.Context) (int64, error) // a number that other programs' changes change
	time     func() time.Time
	checked  atomic.Pointer[externalCheck]
	checking sync.Mutex
}

// tagSlot is what is known of the tags that share it.
type tagSlot struct {
	changed    atomic.Uint64 // the clock's reading after the last change
	committing atomic.Int64  // how many changes are being committed
}

// externalCheck is when the file was looked at last, and what was seen.
type externalCheck struct {
	at      time.Time
	version int64
}

// newTagClock begins at zero. external returns a number that is another one when another program has changed the database.
func newTagClock(external func(context.Context) (int64, error), now func() time.Time) *tagClock {
	c := &tagClock{external: external, time: now}
	c.checked.Store(&externalCheck{})
	return c
}

// slot spreads the tags there is any number of over the slots behind those of the first three kinds.
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

// now is false while nobody can say whether another program has changed the file. Looking may move the clock, so it comes first.
func (c *tagClock) now(ctx context.Context) (state, bool) {
	ok := c.checkExternal(ctx)
	return clockState{c, c.clock.Load()}, ok
}

// clockState is the versions up to a reading of the clock.
type clockState struct {
	*tagClock
	at uint64
}

// version reads committing first: a commit that ends in between has moved changed by then.
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

// change moves a slot forward; of two changes that end at once the later one counts.
func (s *tagSlot) change(now uint64) {
	for {
		before := s.changed.Load()
		if before >= now || s.changed.CompareAndSwap(before, now) {
			return
		}
	}
}

// checkExternal reports whether the file was looked at within externalEvery, and looks where it was not. Who comes while another one
// looks does not wait for that.
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

// check makes everything invalid when another program has changed the file.
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
