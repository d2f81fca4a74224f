package db

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

// quietStore is a store whose file nobody else changes.
func quietStore() *Store {
	nobody := func(context.Context) (int64, error) { return 1, nil }
	return &Store{dialect: sqliteDialect{}, memory: newMemory(), topics: newTopicClock(nobody, time.Now)}
}

// ask asks a question about user 3 and tells whether the answer had to be read.
func ask(t *testing.T, s *Store, question any, bytes int, meanwhile func()) (read bool) {
	t.Helper()
	_, err := recall(t.Context(), s, question, basis{}, func() (int, topics, int, error) {
		read = true
		meanwhile()
		return 0, topics{aboutUser(3)}, bytes, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestAnAnswerHoldsUntilItsTopicChanges(t *testing.T) {
	s, nothing := quietStore(), func() {}
	mine, other := topics{aboutUser(3)}, topics{aboutUser(4), aboutRoom(uuid.New()), anyRoom}
	wants := func(what string, want bool) {
		t.Helper()
		if got := ask(t, s, "question", 1, nothing); got != want {
			t.Errorf("%s: read %v, want %v", what, got, want)
		}
	}
	wants("the first time", true)
	wants("the second time", false)
	s.topics.begin(other)
	s.topics.end(other)
	wants("after a change of something else", false)
	s.topics.begin(mine)
	wants("while it is being changed", true)
	wants("while it is being changed, again", true)
	s.topics.end(mine)
	wants("after the change", true)
	wants("some time after the change", false)
	s.topics.begin(topics{everything})
	s.topics.end(topics{everything})
	wants("after a change of everything", true)
}

func TestAnAnswerThatRacedACommitIsNotKept(t *testing.T) {
	s, mine := quietStore(), topics{aboutUser(3)}
	ask(t, s, "question", 1, func() {
		s.topics.begin(mine)
		s.topics.end(mine)
	})
	if !ask(t, s, "question", 1, func() {}) {
		t.Error("it is answered from memory, although it may be older than the commit")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := quietStore()
	for i := range 40 {
		ask(t, s, i, memoryBytes/8, func() {})
		if s.memory.bytes > memoryBytes {
			t.Fatalf("%d bytes after %d answers, want at most %d", s.memory.bytes, i+1, memoryBytes)
		}
	}
	if ask(t, s, 39, 1, func() {}) || !ask(t, s, 0, 1, func() {}) {
		t.Error("the newest answer is forgotten, or the oldest one is not")
	}
}

func TestWithoutALookAnswersAreRead(t *testing.T) {
	s := quietStore()
	s.topics.foreign = func(context.Context) (int64, error) { return 0, errors.New("busy") }
	for range 2 {
		if !ask(t, s, "question", 1, func() {}) {
			t.Error("answered from memory, although another program may have changed the file")
		}
	}
}
