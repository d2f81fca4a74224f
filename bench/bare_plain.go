package main

import (
	"fmt"
	"net/http"
	"sync"
)

// plainQueue is how many events may wait for a reader of the plain server.
const plainQueue = 4096

// plain is what net/http does on its own: each event is encoded once, each stream has its handler's goroutine and a queue, and what
// waits leaves in one flush.
type plain struct {
	mu    sync.Mutex
	rooms map[string]*plainRoom
}

type plainRoom struct {
	mu      sync.Mutex
	id      int64
	streams map[*plainStream]struct{}
}

type plainStream struct {
	wake chan struct{}

	mu     sync.Mutex
	frames [][]byte
	behind bool // too far
}

func newPlain() *plain { return &plain{rooms: map[string]*plainRoom{}} }

func (p *plain) room(name string) *plainRoom {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rooms[name] == nil {
		p.rooms[name] = &plainRoom{streams: map[*plainStream]struct{}{}}
	}
	return p.rooms[name]
}

func (p *plain) publish(name string, body []byte) {
	r := p.room(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.id++
	frame := fmt.Appendf(nil, "id: %d\ndata: %s\n\n", r.id, body)
	for s := range r.streams {
		s.push(frame)
	}
}

func (s *plainStream) push(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.behind = s.behind || len(s.frames) == plainQueue; s.behind {
		return
	}
	s.frames = append(s.frames, frame)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take empties the queue into frames that have been written.
func (s *plainStream) take(written [][]byte) (frames [][]byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	frames, s.frames = s.frames, written[:0]
	return frames, !s.behind
}

func (p *plain) serve(w http.ResponseWriter, req *http.Request, name string) {
	r, s := p.room(name), &plainStream{wake: make(chan struct{}, 1)}
	r.mu.Lock()
	r.streams[s] = struct{}{}
	id := r.id
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.streams, s)
		r.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(readyEvent(id))
	w.(http.Flusher).Flush()
	var frames [][]byte
	for ok := true; ok; w.(http.Flusher).Flush() {
		select {
		case <-s.wake:
			frames, ok = s.take(frames)
			for _, frame := range frames {
				w.Write(frame)
			}
		case <-req.Context().Done():
			return
		}
	}
}
