package live

import (
	"runtime/debug"
	"time"
)

const (
	// restStreams is after how many streams that opened or ended the hub rests, once none has for restAfter.
	restStreams = 1000
	restAfter   = 500 * time.Millisecond
	// burstGC is the percentage of garbage (runtime/debug.SetGCPercent) until then: what remains of streams lies between what does not,
	// and keeps it in memory the more, the later that is collected.
	burstGC = 100
)

// rest gives memory back to the system when many streams have come or gone: to open one takes ten times what remains of it, and Go's
// runtime would keep that for minutes, just when the next process may need it.
type rest struct {
	moved   int // streams that came or went since the last rest
	seen    int // when it was looked at last
	pending bool
	gc      int // the percentage before
}

// moved counts a stream that came or went; under mu.
func (h *Hub) moved() {
	if h.rest.moved++; h.rest.moved >= restStreams && !h.rest.pending {
		h.rest.pending = true
		h.rest.gc = debug.SetGCPercent(burstGC)
		time.AfterFunc(restAfter, h.takeRest)
	}
}

func (h *Hub) takeRest() {
	h.mu.Lock()
	quiet := h.rest.moved == h.rest.seen
	h.rest.seen = h.rest.moved
	if quiet || h.closed {
		debug.SetGCPercent(h.rest.gc)
		h.rest = rest{}
	} else {
		time.AfterFunc(restAfter, h.takeRest)
	}
	h.mu.Unlock()
	if quiet {
		debug.FreeOSMemory()
	}
}
