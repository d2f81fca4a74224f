package live

import (
	"sync"
	"time"
)

const (
	// shareFor is how long a result is shared with later callers: readers that were dropped
	// together come back together.
	shareFor = time.Second
	// shareBound is how many cursors share results at once; with more, each caller works for
	// itself.
	shareBound = 64
)

// flights does the same work once for all callers with the same cursor at about the same time
// (single flight, with results that are shared for shareFor). The zero value is ready.
type flights[V any] struct {
	mu    sync.Mutex
	calls map[int64]*call[V]
}

// call is work under way, or done when its channel is closed.
type call[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// do returns what f returns for a cursor, or returned within shareFor. Callers share the value and
// must not change it. An error goes to those who were waiting for it, and is not shared with later
// callers.
func (s *flights[V]) do(cursor int64, f func() (V, error)) (V, error) {
	s.mu.Lock()
	c, known := s.calls[cursor]
	if known {
		s.mu.Unlock()
		<-c.done
		return c.value, c.err
	}
	c = &call[V]{done: make(chan struct{})}
	shared := len(s.calls) < shareBound
	if shared {
		if s.calls == nil {
			s.calls = map[int64]*call[V]{}
		}
		s.calls[cursor] = c
	}
	s.mu.Unlock()
	c.value, c.err = f()
	close(c.done)
	switch {
	case !shared:
	case c.err != nil:
		s.forget(cursor)
	default:
		time.AfterFunc(shareFor, func() { s.forget(cursor) })
	}
	return c.value, c.err
}

func (s *flights[V]) forget(cursor int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calls, cursor)
}
