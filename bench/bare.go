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

// bareServer gives bare rooms the addresses that rooms of the real program have. A room is made when
// it is first asked for.
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
func serveBare(handler http.Handler, out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", anyPort)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "ready: http://%s\n", listener.Addr())
	failed := make(chan error, 1)
	go func() { failed <- http.Serve(listener, handler) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}
