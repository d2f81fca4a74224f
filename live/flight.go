package live

import (
	"sync"
	"time"
)

const (
	// shareFor is how long what was read is shared with those who come later: readers that were dropped together come back together.
	shareFor = time.Second
	// shareBound is how many different cursors share at once; beyond it each reads for itself.
	shareBound = 64
)

// shared does work once for all who want the same at about the same time. The zero value is ready.
type flights[V any] struct {
	mu    sync.Mutex
	calls map[int64]*call[V]
}

type call[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// do returns what f answers, or answered within the last second, for a cursor. An error is not kept.
func (s *flights[V]) do(cursor int64, f func() (V, error)) (V, error) {
	s.mu.Lock()
	w, known := s.calls[cursor]
	if known {
		s.mu.Unlock()
		<-w.done
		return w.value, w.err
	}
	w = &call[V]{done: make(chan struct{})}
	bounded := len(s.calls) >= shareBound
	if !bounded {
		if s.calls == nil {
			s.calls = map[int64]*call[V]{}
		}
		s.calls[cursor] = w
	}
	s.mu.Unlock()
	w.value, w.err = f()
	close(w.done)
	if !bounded {
		s.keep(cursor, w)
	}
	return w.value, w.err
}

// keep forgets work after a while, and one that failed at once.
func (s *flights[V]) keep(cursor int64, w *call[V]) {
	forget := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.calls, cursor)
	}
	if w.err != nil {
		forget()
		return
	}
	time.AfterFunc(shareFor, forget)
}
