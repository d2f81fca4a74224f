package live

import "sync"

// reaper detaches closed readers from the hub, which takes locks that whoever closes a reader may
// hold.
type reaper struct {
	hub *Hub

	mu      sync.Mutex
	closed  []*reader
	working bool // run is at work, or about to be
}

// add schedules the detaching of a closed reader. It may be called under any lock.
func (p *reaper) add(r *reader) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = append(p.closed, r)
	if !p.working {
		p.working = true
		p.hub.work.Go(p.run)
	}
}

// run detaches the closed readers until there are none.
func (p *reaper) run() {
	for readers := p.drain(); len(readers) > 0; readers = p.drain() {
		for _, r := range readers {
			p.hub.detach(r)
		}
	}
}

// drain returns the closed readers, and forgets them. None ends run, the only caller.
func (p *reaper) drain() []*reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	readers := p.closed
	p.closed, p.working = nil, len(readers) > 0
	return readers
}
