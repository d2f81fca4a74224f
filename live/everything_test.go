package live

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

// TestHub_EverythingAtOnce is for the race detector: real goroutines open, leave, post and lose
// rights at the same time.
func TestHub_EverythingAtOnce(t *testing.T) {
	f := newFixture(t)
	rooms := []uuid.UUID{f.store.room("a", 1, 2, 3), f.store.room("b", 2, 3), uuid.Nil}
	formats := []Format{HTML, JSON, Text, Page}
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 60 {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(3000))*time.Microsecond)
				s := reads(int64(i%4), rooms[(i+g)%3], int64(i%3)-1).as(formats[g%4])
				d := &discard{}
				f.hub.Serve(d, httptest.NewRequest("GET", "/", nil).WithContext(ctx), s)
				d.returned = true // the race detector sees who still uses it
				cancel()
			}
		})
	}
	for g := range 2 {
		all.Go(func() {
			for i := range 500 {
				f.post(rooms[g], int64(i%4), "x")
				f.hub.Notify(db.Notice{Users: []int64{int64(i % 4)}})
				if i%50 == 0 {
					f.hub.Notify(db.Notice{Ended: []db.Right{{UserID: int64(i % 4)}}})
				}
			}
		})
	}
	all.Wait()
	f.hub.Close()
	f.wantsNothingLeft()
}

// discard is a connection to somebody who reads everything.
type discard struct {
	header   http.Header
	wrote    func(n int)
	returned bool
}

func (d *discard) SetWriteDeadline(time.Time) error {
	if d.returned {
		panic("the ResponseWriter was used after Serve had returned")
	}
	return nil
}

func (d *discard) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}

func (d *discard) WriteHeader(int) {}

func (d *discard) Write(b []byte) (int, error) {
	if d.wrote != nil {
		d.wrote(len(b))
	}
	return io.Discard.Write(b)
}

func (d *discard) Flush() {}
