package live

import "sync"

// undertaker detaches readers that have ended where locks may be held: in a goroutine that exists only while there are any.
type undertaker struct {
	mu      sync.Mutex
	ended   []*reader
	working bool
}

// bury has a reader detached soon.
func (h *Hub) bury(r *reader) {
	t := &h.undertaker
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = append(t.ended, r)
	if !t.working {
		t.working = true
		h.work.Go(h.detachEnded)
	}
}

func (h *Hub) detachEnded() {
	t := &h.undertaker
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
