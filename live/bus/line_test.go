package bus_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun/driver/pgdriver"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/live/bus"
	"sarangbang/live/bus/bustest"
)

// carrier is what all buses can do; live declares the same.
type carrier interface {
	Open(receive func(bus.Letter), missed func())
	Publish(...bus.Letter)
	Follow(room uuid.UUID)
	Unfollow(room uuid.UUID)
	Close()
	Stats() bus.Stats
}

// line is a kind of bus and what a test can do to it.
type line struct {
	join func() carrier
	// cut loses letters until the returned function is called.
	cut func() (mend func())
}

// each runs a test over every kind of bus.
func each(t *testing.T, test func(t *testing.T, l line)) {
	t.Parallel()
	for name, begin := range map[string]func(testing.TB) line{"memory": inMemory, "postgres": overPostgres, "nats": overNATS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, begin(t))
		})
	}
}

func inMemory(testing.TB) line {
	exchange := new(bus.Exchange)
	var all []*bus.Memory
	return line{
		join: func() carrier {
			m := exchange.Join()
			all = append(all, m)
			return m
		},
		cut: func() func() {
			var mends []func()
			for _, m := range all {
				mends = append(mends, m.Break())
			}
			return func() {
				for _, mend := range mends {
					mend()
				}
			}
		},
	}
}

func overPostgres(tb testing.TB) line {
	url := dbtest.URL(tb, "postgres")
	return line{
		join: func() carrier {
			return bus.NewPostgres(dbtest.Open(tb, db.Options{URL: url}), slog.New(slog.DiscardHandler))
		},
		cut: func() func() {
			pool := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(url)))
			defer pool.Close()
			n, err := exec(tb.Context(), pool, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
			if err != nil || n == 0 {
				tb.Fatalf("%d listeners cut: %v", n, err)
			}
			return func() {} // they come back by themselves
		},
	}
}

func exec(ctx context.Context, pool *sql.DB, query string) (int64, error) {
	res, err := pool.ExecContext(ctx, query)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func overNATS(tb testing.TB) line {
	server := bustest.StartNATS(tb)
	house := strings.ToLower(rand.Text())
	return line{
		join: func() carrier {
			n, err := bus.DialNATS(bus.NATSOptions{URL: server.URL(), House: house, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				tb.Fatal(err)
			}
			return n
		},
		cut: func() func() {
			server.Stop()
			return server.Start
		},
	}
}

// process is somebody on the bus.
type process struct {
	carrier
	t       testing.TB
	letters chan bus.Letter
	missed  chan struct{}
}

func join(t testing.TB, l line) *process {
	p := &process{carrier: l.join(), t: t, letters: make(chan bus.Letter, 100_000), missed: make(chan struct{}, 100)}
	p.Open(func(l bus.Letter) { p.letters <- l }, func() { p.missed <- struct{}{} })
	t.Cleanup(p.Close)
	return p
}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

func (p *process) next() bus.Letter {
	p.t.Helper()
	select {
	case l := <-p.letters:
		return l
	case <-time.After(patience):
		p.t.Fatal("no letter came")
		panic("unreachable")
	}
}

// typing waits for letters about who is typing and returns the first of one of the users.
func (p *process) typing(users ...int64) bus.Letter {
	p.t.Helper()
	for {
		if l := p.next(); l.Typing != nil && slices.Contains(users, l.Typing.User) {
			return l
		}
	}
}

func (p *process) wantsNothing() {
	p.t.Helper()
	select {
	case l := <-p.letters:
		p.t.Errorf("got %+v", l)
	default:
	}
}

// meet returns when letters go both ways and of the room as well, and nothing is on its way.
func meet(t testing.TB, room uuid.UUID, a, b *process) {
	t.Helper()
	for _, way := range [][2]*process{{a, b}, {b, a}} {
		for done := false; !done; {
			way[0].Publish(bus.Letter{Typing: &bus.Typing{Room: room, User: -1}})
			select {
			case <-way[1].letters:
				done = true
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	for i, way := range [][2]*process{{a, b}, {b, a}} {
		last := -2 - int64(i)
		way[0].Publish(bus.Letter{Typing: &bus.Typing{Room: room, User: last}})
		way[1].typing(last)
	}
}

func posted(room uuid.UUID, revision int64, body string) bus.Letter {
	return bus.Letter{Notice: &db.Notice{Room: room, Revision: revision, Message: &db.Message{
		RoomID: room, Revision: revision, Position: revision, Body: body, Author: &db.User{ID: 1, Name: "지민"}, PostedAt: time.Now().UTC(),
	}}}
}
