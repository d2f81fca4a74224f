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
type shared[V any] struct {
	mu    sync.Mutex
	works map[int64]*work[V]
}

type work[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// do returns what f answers, or answered within the last second, for a cursor. An error is not kept.
func (s *shared[V]) do(cursor int64, f func() (V, error)) (V, error) {
	s.mu.Lock()
	w, known := s.works[cursor]
	if known {
		s.mu.Unlock()
		<-w.done
		return w.value, w.err
	}
	w = &work[V]{done: make(chan struct{})}
	bounded := len(s.works) >= shareBound
	if !bounded {
		if s.works == nil {
			s.works = map[int64]*work[V]{}
		}
		s.works[cursor] = w
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
func (s *shared[V]) keep(cursor int64, w *work[V]) {
	forget := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.works, cursor)
	}
	if w.err != nil {
		forget()
		return
	}
	time.AfterFunc(shareFor, forget)
}
