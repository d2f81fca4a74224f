package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/signal"
	"sync"
	"syscall"

	"github.com/gin-gonic/gin"
)

// bareRoom is a room of a bare server, which stores nothing and knows neither people nor rights.
type bareRoom interface {
	// serve answers a request for the room's stream.
	serve(w http.ResponseWriter, r *http.Request)
	// publish sends a body as the next event to all streams.
	publish(body []byte)
}

// bareServer gives bare rooms the addresses that rooms of the real program have. A room is made
// when it is first asked for.
func bareServer[R bareRoom](newRoom func(name string) R) http.Handler {
	var mu sync.Mutex
	rooms := map[string]R{}
	find := func(c *gin.Context) R {
		mu.Lock()
		defer mu.Unlock()
		name := c.Param("room")
		room, ok := rooms[name]
		if !ok {
			room = newRoom(name)
			rooms[name] = room
		}
		return room
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/rooms/:room/stream", func(c *gin.Context) { find(c).serve(c.Writer, c.Request) })
	engine.POST("/rooms/:room/messages", func(c *gin.Context) {
		body, err := io.ReadAll(c.Request.Body)
		if err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		find(c).publish(body)
		c.Status(http.StatusCreated)
	})
	return engine
}

// readyEvent tells a reader where its stream begins, as the real program does.
func readyEvent(id int64) []byte {
	return fmt.Appendf(nil, "id: %d\ndata: {\"revision\":%d}\nevent: ready\n\n", id, id)
}

// serveBare listens until the process is told to stop.
func serveBare(handler http.Handler, out io.Writer) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	listener := must(net.Listen("tcp", anyPort))
	fmt.Fprintf(out, "ready: http://%s\n", listener.Addr())
	failed := make(chan error, 1)
	go func() { failed <- http.Serve(listener, handler) }()
	select {
	case err := <-failed:
		check(err)
	case <-ctx.Done():
	}
}

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
