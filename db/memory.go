package db

import (
	"context"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// memoryAnswers and memoryBytes bound what a store remembers: whichever is reached first.
	memoryAnswers = 1 << 14
	memoryBytes   = 32 << 20
	// memoryTopics is how many topics are told apart. Two that share a number forget their answers together, which costs a query.
	memoryTopics = 1 << 14
	// memoryLook is how often a store looks whether another program has changed its file.
	memoryLook = time.Second
	// memoryLookWithin is how long that may take; a store that cannot look answers from the database.
	memoryLookWithin = 100 * time.Millisecond
)

// memory keeps what queries answered until a commit changes anything that the answer was about. An answer out of it is the one
// that the query would give at that moment:
//
//   - Every change names its topics. From before its commit until after it, nothing about them is answered from memory.
//   - An answer is kept with the clock as it was before its query began, and holds only while no topic of it has changed since.
//     So a query that ran beside a commit leaves nothing stale behind.
//
// This needs one process that does all the writing, which SQLite is used by. Nevertheless another program may change the file,
// an operator with the sqlite3 shell for one: that is noticed within memoryLook, and everything is forgotten. A store on
// PostgreSQL has no memory (nil), because other processes write there.
//
// What is kept is shared by everybody who asks: nobody may change what a Store's method returned.
type memory struct {
	clock  atomic.Uint64 // counts changes
	topics [memoryTopics]topicState

	foreign func(context.Context) (int64, error) // a number that other programs' changes change
	now     func() time.Time
	looked  atomic.Pointer[look]
	looking sync.Mutex

	mu      sync.Mutex
	answers *simplelru.LRU[any, *kept]
	bytes   int
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

// kept is an answer.
type kept struct {
	value any
	asked uint64 // the clock's reading before the query
	about topics
	bytes int
}

// topic is the number of something that answers are about.
type topic uint32

type topics []topic

const (
	everything topic = iota // what every answer is about
	anyRoom                 // some room changed
	anyUser                 // what others see of some user changed
	namedTopics
)

func aboutUser(id int64) topic { return numbered(uint64(id) * 0x9e3779b97f4a7c15) }

func aboutRoom(id uuid.UUID) topic { return numbered(binary.BigEndian.Uint64(id[:8])) }

// numbered spreads what there is any number of over the topics. The highest bits of both kinds of numbers are well mixed.
func numbered(n uint64) topic { return namedTopics + topic(n>>32%(memoryTopics-uint64(namedTopics))) }

// newMemory makes an empty memory. foreign returns a number that is another one when another program has changed the database.
func newMemory(foreign func(context.Context) (int64, error), now func() time.Time) *memory {
	m := &memory{foreign: foreign, now: now}
	answers, err := simplelru.NewLRU(memoryAnswers, func(_ any, k *kept) { m.bytes -= k.bytes })
	if err != nil {
		panic(err) // the size is a constant above zero
	}
	m.answers = answers
	m.looked.Store(&look{})
	return m
}

// recall returns the answer to a question out of memory, or reads and keeps it. read tells what the answer is about and about how
// many bytes it takes. Errors are not kept.
func recall[T any](ctx context.Context, m *memory, question any, read func() (T, topics, int, error)) (answer T, err error) {
	if m == nil || !m.fresh(ctx) {
		answer, _, _, err = read()
		return answer, err
	}
	if k := m.get(question); k != nil {
		return k.value.(T), nil
	}
	asked := m.clock.Load()
	answer, about, bytes, err := read()
	if err == nil {
		m.keep(question, &kept{value: answer, asked: asked, about: append(about, everything), bytes: bytes})
	}
	return answer, err
}

func (m *memory) get(question any) *kept {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.answers.Get(question)
	if !ok {
		return nil
	}
	if !m.holds(k) {
		m.answers.Remove(question)
		return nil
	}
	return k
}

// holds tells whether no topic of an answer has changed since it was asked for, or may be changing now. Of a topic committing is
// read first: a commit that ends in between has moved changed by then.
func (m *memory) holds(k *kept) bool {
	for _, t := range k.about {
		state := &m.topics[t]
		if state.committing.Load() != 0 || state.changed.Load() > k.asked {
			return false
		}
	}
	return true
}

func (m *memory) keep(question any, k *kept) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers.Remove(question) // so that what was there is no longer counted
	m.answers.Add(question, k)
	m.bytes += k.bytes
	for m.bytes > memoryBytes {
		m.answers.RemoveOldest()
	}
}

// begin is called before topics change, end after it, whether or not they did.
func (m *memory) begin(about topics) {
	if m == nil {
		return
	}
	for _, t := range about {
		m.topics[t].committing.Add(1)
	}
}

func (m *memory) end(about topics) {
	if m == nil {
		return
	}
	now := m.clock.Add(1)
	for _, t := range about {
		m.topics[t].change(now)
		m.topics[t].committing.Add(-1)
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

// fresh tells whether the file was looked at within memoryLook, and looks where it was not. Who comes while another one looks
// does not wait for that.
func (m *memory) fresh(ctx context.Context) bool {
	if m.recent() {
		return true
	}
	if !m.looking.TryLock() {
		return false
	}
	defer m.looking.Unlock()
	return m.recent() || m.look(ctx)
}

func (m *memory) recent() bool {
	age := m.now().Sub(m.looked.Load().at)
	return 0 <= age && age < memoryLook
}

// look forgets everything when another program has changed the file.
func (m *memory) look(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, memoryLookWithin)
	defer cancel()
	at := m.now()
	version, err := m.foreign(ctx)
	if err != nil {
		return false
	}
	if version != m.looked.Load().version {
		m.begin(topics{everything})
		m.end(topics{everything})
	}
	m.looked.Store(&look{at: at, version: version})
	return true
}
