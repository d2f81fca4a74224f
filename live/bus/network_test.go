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

// endpoint is what every bus can do; package live declares the same.
type endpoint interface {
	Open(receive func(bus.Message), missed func())
	Publish(...bus.Message)
	Follow(room uuid.UUID)
	Unfollow(room uuid.UUID)
	Close()
	Stats() bus.Stats
}

// network is a kind of bus and what a test can do to it.
type network struct {
	join func() endpoint
	// cut loses messages until the returned function is called.
	cut func() (repair func())
}

// eachNetwork runs a test over every kind of bus.
func eachNetwork(t *testing.T, test func(t *testing.T, n network)) {
	t.Parallel()
	for name, start := range networks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t))
		})
	}
}

// networks start one of each kind.
var networks = map[string]func(testing.TB) network{"local": local, "postgres": overPostgres, "nats": overNATS}

func local(testing.TB) network {
	exchange := new(bus.Exchange)
	var all []*bus.Local
	return network{
		join: func() endpoint {
			l := exchange.Join()
			all = append(all, l)
			return l
		},
		cut: func() func() {
			var repairs []func()
			for _, l := range all {
				repairs = append(repairs, l.Disconnect())
			}
			return func() {
				for _, repair := range repairs {
					repair()
				}
			}
		},
	}
}

func overPostgres(tb testing.TB) network {
	url := dbtest.URL(tb, "postgres")
	return network{
		join: func() endpoint {
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

func overNATS(tb testing.TB) network {
	server := bustest.StartNATS(tb)
	house := strings.ToLower(rand.Text())
	return network{
		join: func() endpoint {
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

// process is one participant of a bus.
type process struct {
	endpoint
	t        testing.TB
	messages chan bus.Message
	missed   chan struct{}
}

func join(t testing.TB, n network) *process {
	p := &process{endpoint: n.join(), t: t, messages: make(chan bus.Message, 100_000), missed: make(chan struct{}, 100)}
	p.Open(func(m bus.Message) { p.messages <- m }, func() { p.missed <- struct{}{} })
	t.Cleanup(p.Close)
	return p
}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

func (p *process) next() bus.Message {
	p.t.Helper()
	select {
	case m := <-p.messages:
		return m
	case <-time.After(patience):
		p.t.Fatal("no message came")
		panic("unreachable")
	}
}

// typing waits for a message that one of the users is typing, and returns it.
func (p *process) typing(users ...int64) bus.Message {
	p.t.Helper()
	for {
		if m := p.next(); m.Typing != nil && slices.Contains(users, m.Typing.User) {
			return m
		}
	}
}

func (p *process) wantsNothing() {
	p.t.Helper()
	select {
	case m := <-p.messages:
		p.t.Errorf("got %+v", m)
	default:
	}
}

// meet returns when messages of the room arrive in both directions and none is on its way.
func meet(t testing.TB, room uuid.UUID, a, b *process) {
	t.Helper()
	for _, way := range [][2]*process{{a, b}, {b, a}} {
		for done := false; !done; {
			way[0].Publish(bus.Message{Typing: &bus.Typing{Room: room, User: -1}})
			select {
			case <-way[1].messages:
				done = true
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	for i, way := range [][2]*process{{a, b}, {b, a}} {
		last := -2 - int64(i)
		way[0].Publish(bus.Message{Typing: &bus.Typing{Room: room, User: last}})
		way[1].typing(last)
	}
}

func posted(room uuid.UUID, revision int64, body string) bus.Message {
	return bus.Message{Notice: &db.Notice{Room: room, Revision: revision, Message: &db.Message{
		RoomID: room, Revision: revision, Position: revision, Body: body,
		Author: &db.User{ID: 1, Name: "지민"}, PostedAt: time.Now().UTC(),
	}}}
}
