package db

import (
	"context"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

const (
	// topicNumbers is how many topics are told apart. Two that share a number forget their answers together, which costs a query.
	topicNumbers = 1 << 14
	// lookEvery is how often a store looks whether another program has changed its file.
	lookEvery = time.Second
	// lookWithin is how long that may take; a store that cannot look answers from the database.
	lookWithin = 100 * time.Millisecond
)

// topicClock tells which remembered answers still hold, where one process does all the writing, as with SQLite:
//
//   - Every change names its topics. From before its commit until after it no answer about them holds.
//   - An answer carries the clock's reading from before its query, and holds only while no topic of it has changed since.
//
// Nevertheless another program may change the file, an operator with the sqlite3 shell for one: that is noticed within lookEvery, and
// everything is forgotten.
type topicClock struct {
	clock  atomic.Uint64 // counts changes
	topics [topicNumbers]topicState

	foreign func(context.Context) (int64, error) // a number that other programs' changes change
	now     func() time.Time
	looked  atomic.Pointer[look]
	looking sync.Mutex
}

// topicState is what is known of a topic.
type topicState struct {
	changed    atomic.Uint64 // the clock's reading after the last change
	committing atomic.Int64  // how many changes are being committed
}

// look is when the file was looked at last, and what was seen.
type look struct {
	at      time.Time
	version int64
}

// topic is the number of something that answers are about.
type topic uint32

type topics []topic

const (
	everything topic = iota // what every answer is about
	anyRoom                 // some room changed
	anyUser                 // some user changed
	namedTopics
)

func aboutUser(id int64) topic { return numbered(uint64(id) * 0x9e3779b97f4a7c15) }

// aboutPlaces is where a user is a member; aboutUser is only its account.
func aboutPlaces(id int64) topic { return numbered(uint64(id) * 0xc2b2ae3d27d4eb4f) }

// aboutMark is how far a user has read in a room. A post, which moves its author's, changes the room anyway.
func aboutMark(user int64, room uuid.UUID) topic {
	return numbered(binary.BigEndian.Uint64(room[:8]) ^ uint64(user)*0x9e3779b97f4a7c15)
}

func aboutRoom(id uuid.UUID) topic { return numbered(binary.BigEndian.Uint64(id[:8])) }

// numbered spreads what there is any number of over the topics. The highest bits of both kinds of numbers are well mixed.
func numbered(n uint64) topic { return namedTopics + topic(n>>32%(topicNumbers-uint64(namedTopics))) }

// newTopicClock begins at zero. foreign returns a number that is another one when another program has changed the database.
func newTopicClock(foreign func(context.Context) (int64, error), now func() time.Time) *topicClock {
	c := &topicClock{foreign: foreign, now: now}
	c.looked.Store(&look{})
	return c
}

// hold tells whether no topic of an answer has changed since it was asked for, or may be changing now. Of a topic committing is read
// first: a commit that ends in between has moved changed by then.
func (c *topicClock) hold(k *kept) bool {
	for _, t := range k.about {
		state := &c.topics[t]
		if state.committing.Load() != 0 || state.changed.Load() > k.stamp.clock {
			return false
		}
	}
	return true
}

// begin is called before topics change, end after it, whether or not they did. Without a clock nobody listens.
func (c *topicClock) begin(about topics) {
	if c == nil {
		return
	}
	for _, t := range about {
		c.topics[t].committing.Add(1)
	}
}

func (c *topicClock) end(about topics) {
	if c == nil {
		return
	}
	now := c.clock.Add(1)
	for _, t := range about {
		c.topics[t].change(now)
		c.topics[t].committing.Add(-1)
	}
}

// change moves a topic forward; of two changes that end at once the later one counts.
func (s *topicState) change(now uint64) {
	for {
		before := s.changed.Load()
		if before >= now || s.changed.CompareAndSwap(before, now) {
			return
		}
	}
}

// fresh tells whether the file was looked at within lookEvery, and looks where it was not. Who comes while another one looks does not
// wait for that.
func (c *topicClock) fresh(ctx context.Context) bool {
	if c.recent() {
		return true
	}
	if !c.looking.TryLock() {
		return false
	}
	defer c.looking.Unlock()
	return c.recent() || c.look(ctx)
}

func (c *topicClock) recent() bool {
	age := c.now().Sub(c.looked.Load().at)
	return 0 <= age && age < lookEvery
}

// look forgets everything when another program has changed the file.
func (c *topicClock) look(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	at := c.now()
	version, err := c.foreign(ctx)
	if err != nil {
		return false
	}
	if version != c.looked.Load().version {
		c.begin(topics{everything})
		c.end(topics{everything})
	}
	c.looked.Store(&look{at: at, version: version})
	return true
}
