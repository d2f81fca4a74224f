package main

import (
	"fmt"
	"net/http"
	"sync"
)

// plainQueue is how many events may wait for a reader of the plain server.
const plainQueue = 4096

// plainRoom is what net/http does on its own: each event is encoded once, each stream has its
// handler's goroutine and a queue, and what waits leaves in one flush.
type plainRoom struct {
	mu      sync.Mutex
	id      int64
	streams map[*plainStream]struct{}
}

type plainStream struct {
	wake chan struct{}

	mu     sync.Mutex
	queue  [][]byte
	behind bool // too far
}

func newPlain(string) *plainRoom { return &plainRoom{streams: map[*plainStream]struct{}{}} }

func (r *plainRoom) publish(body []byte) {
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
	if s.behind = s.behind || len(s.queue) == plainQueue; s.behind {
		return
	}
	s.queue = append(s.queue, frame)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// drain returns what the queue held and makes a slice of written frames the empty queue. It reports
// false when frames are missing.
func (s *plainStream) drain(written [][]byte) (frames [][]byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	frames, s.queue = s.queue, written[:0]
	return frames, !s.behind
}

func (r *plainRoom) serve(w http.ResponseWriter, request *http.Request) {
	s := &plainStream{wake: make(chan struct{}, 1)}
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
			frames, ok = s.drain(frames)
			for _, frame := range frames {
				w.Write(frame)
			}
		case <-request.Context().Done():
			return
		}
	}
}
