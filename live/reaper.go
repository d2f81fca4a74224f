package live

import "sync"

// reaper detaches readers that have ended where locks may be held: in a goroutine that exists only while there are any.
type reaper struct {
	mu      sync.Mutex
	ended   []*reader
	working bool
}

// reap has a reader detached soon.
func (h *Hub) reap(r *reader) {
	t := &h.reaper
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = append(t.ended, r)
	if !t.working {
		t.working = true
		h.work.Go(h.reapAll)
	}
}

func (h *Hub) reapAll() {
	t := &h.reaper
	for {
		t.mu.Lock()
		ended := t.ended
		t.ended, t.working = nil, len(ended) > 0
		t.mu.Unlock()
		if len(ended) == 0 {
			return
		}
		for _, r := range ended {
			h.detach(r)
		}
	}
}
