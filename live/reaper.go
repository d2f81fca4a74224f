package live

import "sync"

// reaper detaches readers that were closed where locks may be held, in a goroutine that exists only
// while there are any. Its lock is taken under any other.
type reaper struct {
	mu      sync.Mutex
	closed  []*reader
	working bool
}

// reap has a closed reader detached soon.
func (h *Hub) reap(r *reader) {
	p := &h.reaper
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = append(p.closed, r)
	if !p.working {
		p.working = true
		h.work.Go(h.detachClosed)
	}
}

// detachClosed detaches the closed readers until there are none.
func (h *Hub) detachClosed() {
	for readers := h.reaper.drain(); len(readers) > 0; readers = h.reaper.drain() {
		for _, r := range readers {
			h.detach(r)
		}
	}
}

// drain returns the closed readers, and forgets them. None ends the goroutine, which is the only
// caller.
func (p *reaper) drain() []*reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	readers := p.closed
	p.closed, p.working = nil, len(readers) > 0
	return readers
}
