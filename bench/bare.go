package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/signal"
	"syscall"

	"github.com/gin-gonic/gin"
)

// broadcaster is a bare server of streams: it stores nothing and knows neither people nor rights.
type broadcaster interface {
	serve(w http.ResponseWriter, r *http.Request, room string)
	publish(room string, body []byte)
}

// bareEngine gives a broadcaster the addresses that the real program has.
func bareEngine(b broadcaster) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/rooms/:room/stream", func(c *gin.Context) { b.serve(c.Writer, c.Request, c.Param("room")) })
	engine.POST("/rooms/:room/messages", func(c *gin.Context) {
		body, err := io.ReadAll(c.Request.Body)
		if err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		b.publish(c.Param("room"), body)
		c.Status(http.StatusCreated)
	})
	return engine
}

// readyEvent tells a reader where it begins, as the real program does.
func readyEvent(id int64) []byte {
	return fmt.Appendf(nil, "id: %d\ndata: {\"revision\":%d}\nevent: ready\n\n", id, id)
}

// serveBare listens until it is told to stop.
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
