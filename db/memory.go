package db

import (
	"context"
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// memoryAnswers and memoryBytes bound what a store remembers: whichever is reached first.
	memoryAnswers = 1 << 14
	memoryBytes   = 32 << 20
)

// memory keeps what queries answered. Whether an answer still holds is found out each time it is wanted, so that it is the one that the
// query would give: by the topics that commits touch where one process does all the writing (topicClock), by a stamp out of the
// database where others write as well (moment).
//
// What is kept is shared by everybody who asks: nobody may change what a Store's method returned.
type memory struct {
	mu      sync.Mutex
	answers *simplelru.LRU[any, *kept]
	bytes   int
}

// kept is an answer.
type kept struct {
	value any
	stamp stamp // read before the query began
	about topics
	bytes int
}

// stamp is the state of things that an answer rests on. What does not apply is zero.
type stamp struct {
	clock uint64 // of the topics

	people   int64  // counts changes of users
	ended    bool   // the session was signed out
	rooms    string // digest of a user's rooms, with their revisions and its read marks
	revision int64  // of the room read, where one is
	open     string // digest of all open rooms, where none is
}

// basis says whose stamp an answer rests on, and on which part of it; without a part the answer is read each time where others write.
type basis struct {
	viewer  int64
	session string
	room    uuid.UUID // where the part is about one
	open    bool      // the part is about all open rooms
	part    func(stamp) stamp
}

func newMemory() *memory {
	m := &memory{}
	answers, err := simplelru.NewLRU(memoryAnswers, func(_ any, k *kept) { m.bytes -= k.bytes })
	if err != nil {
		panic(err) // the size is a constant above zero
	}
	m.answers = answers
	return m
}

// recall returns the answer to a question out of memory, or reads and keeps it. read tells what the answer is about and about how
// many bytes it takes. Errors are not kept.
//
// The stamp is read before the query, so an answer may be newer than its stamp, never older: a query that runs beside a commit leaves
// nothing behind that is taken for what came after it.
func recall[T any](ctx context.Context, s *Store, question any, on basis, read func() (T, topics, int, error)) (answer T, err error) {
	now, ok := s.stamp(ctx, on)
	if !ok {
		answer, _, _, err = read()
		return answer, err
	}
	if k := s.memory.find(question); k != nil && s.holds(k, now) {
		return k.value.(T), nil
	}
	answer, about, bytes, err := read()
	if err == nil {
		s.memory.keep(question, &kept{value: answer, stamp: now, about: append(about, everything), bytes: bytes})
	}
	return answer, err
}

// stamp is the present one; false when nothing can be said about the present, and answers have to be read.
func (s *Store) stamp(ctx context.Context, on basis) (stamp, bool) {
	if !s.Shared() {
		ok := s.topics.fresh(ctx) // first, because it may move the clock
		return stamp{clock: s.topics.clock.Load()}, ok
	}
	now, ok := s.momentStamp(ctx, on)
	if !ok || on.part == nil {
		return stamp{}, false
	}
	return on.part(now), true
}

// holds tells whether an answer is still right.
func (s *Store) holds(k *kept, now stamp) bool {
	if !s.Shared() {
		return s.topics.hold(k)
	}
	return k.stamp == now
}

func (m *memory) find(question any) *kept {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, _ := m.answers.Get(question)
	return k
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
