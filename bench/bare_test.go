package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestBareServers_DeliverInOrder(t *testing.T) {
	for name, handler := range map[string]http.Handler{"paced": bareServer(newPaced()), "plain": bareServer(newPlain)} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(handler)
			defer s.CloseClientConnections()
			f := &fixture{rooms: []string{"a", "b"}, writers: []string{"writer"}}
			p := newPoster(s.Listener.Addr().String(), true, f, 100)
			w, err := p.writer(0)
			if err != nil {
				t.Fatal(err)
			}
			defer w.close()
			c, err := dial(p.address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.close()
			reader := follower{transcript: newTranscript("a", bodyInBare)}
			err = c.follow(newRequest("GET", "/rooms/a/stream", ""), func(piece []byte) error {
				if err := reader.receive(piece, func(int64) {}); err != nil {
					return err
				}
				if reader.ready && reader.next == 0 {
					for range 20 { // the rooms in turn
						if err := w.post(time.Now()); err != nil {
							return fmt.Errorf("a post: %w", err)
						}
					}
				}
				if reader.next == 10 {
					return errEnough
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
