package bus_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
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

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

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
	for name, begin := range map[string]func(testing.TB) line{"memory": inMemory, "postgres": overPostgres, "nats": overNATS} {
		t.Run(name, func(t *testing.T) { test(t, begin(t)) })
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

func TestLettersReachTheOthersInOrder(t *testing.T) {
	each(t, func(t *testing.T, l line) {
		room := uuid.New()
		a, b := join(t, l), join(t, l)
		a.Follow(room)
		b.Follow(room)
		meet(t, room, a, b)
		const n = 3000
		for i := range n {
			a.Publish(posted(room, int64(i+1), fmt.Sprint("안녕 ", i)))
		}
		for i := range n {
			got := b.next()
			if got.Notice == nil || got.Notice.Revision != int64(i+1) || got.Notice.Message.Body != fmt.Sprint("안녕 ", i) {
				t.Fatalf("letter %d is %+v", i, got.Notice)
			}
			if got.From == "" || time.Since(got.Published) > patience {
				t.Fatalf("from %q at %v", got.From, got.Published)
			}
		}
		a.wantsNothing() // of its own
		if s := a.Stats(); s.Published < n || s.Dropped != 0 {
			t.Errorf("sent: %+v", s)
		}
		if s := b.Stats(); s.Received < n {
			t.Errorf("received: %+v", s)
		}
	})
}

func TestWhatConcernsPeopleReachesThoseWhoFollowNoRoom(t *testing.T) {
	each(t, func(t *testing.T, l line) {
		room, other := uuid.New(), uuid.New()
		a, b := join(t, l), join(t, l)
		a.Follow(room)
		b.Follow(room)
		meet(t, room, a, b)
		a.Publish(
			bus.Letter{Notice: &db.Notice{Room: other, Revision: 3, Users: []int64{7}, Ended: []db.Right{{UserID: 7, Room: other}}}},
			bus.Letter{Presence: &bus.Presence{Online: []int64{7}}},
		)
		users, ended, online := false, false, false
		for !users || !ended || !online {
			got := b.next()
			if n := got.Notice; n != nil {
				users = users || slices.Equal(n.Users, []int64{7})
				ended = ended || len(n.Ended) == 1 && n.Ended[0] == db.Right{UserID: 7, Room: other}
			}
			online = online || got.Presence != nil && slices.Equal(got.Presence.Online, []int64{7})
		}
	})
}

func TestARoomIsHeardOnlyWhileItIsFollowed(t *testing.T) {
	for name, begin := range map[string]func(testing.TB) line{"memory": inMemory, "nats": overNATS} {
		t.Run(name, func(t *testing.T) {
			l := begin(t)
			room, other := uuid.New(), uuid.New()
			a, b := join(t, l), join(t, l)
			for _, p := range []*process{a, b} {
				p.Follow(room)
				p.Follow(other)
			}
			meet(t, room, a, b)
			meet(t, other, a, b)
			b.Unfollow(other)
			b.Follow(uuid.New())
			for heard := true; heard; {
				a.Publish(posted(other, 1, ""), bus.Letter{Typing: &bus.Typing{Room: room, User: 5}})
				heard = b.next().Notice != nil
			}
			b.Follow(other)
			meet(t, other, a, b)
		})
	}
}

func TestALostConnectionIsToldWhenItIsBack(t *testing.T) {
	each(t, func(t *testing.T, l line) {
		room := uuid.New()
		a, b := join(t, l), join(t, l)
		a.Follow(room)
		b.Follow(room)
		meet(t, room, a, b)
		for len(b.missed) > 0 {
			<-b.missed
		}
		mend := l.cut()
		a.Publish(posted(room, 1, "perhaps never seen"))
		mend()
		select {
		case <-b.missed:
		case <-time.After(patience):
			t.Fatal("nobody told that letters may be lost")
		}
		a.Publish(bus.Letter{Typing: &bus.Typing{Room: room, User: 9}}) // from now on nothing is lost any more
		b.typing(9)
	})
}

func TestTheLastLetterArrives(t *testing.T) {
	each(t, func(t *testing.T, l line) {
		a, b := join(t, l), join(t, l)
		room := uuid.New()
		a.Follow(room)
		b.Follow(room)
		meet(t, room, a, b)
		a.Publish(bus.Letter{Presence: &bus.Presence{Goodbye: true}})
		a.Close()
		if got := b.next(); got.Presence == nil || !got.Presence.Goodbye {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAChangeTooBigForTheBusIsAnnouncedWithoutIt(t *testing.T) {
	l := overPostgres(t)
	room := uuid.New()
	a, b := join(t, l), join(t, l)
	meet(t, room, a, b)
	a.Publish(posted(room, 1, strings.Repeat("가", 10_000)), posted(room, 2, "안녕"))
	if n := b.next().Notice; n == nil || n.Revision != 1 || n.Message != nil {
		t.Errorf("the first is %+v", n)
	}
	if n := b.next().Notice; n == nil || n.Revision != 2 || n.Message == nil {
		t.Errorf("the second is %+v", n)
	}
}

func TestPublishingDoesNotWaitForAServerThatIsGone(t *testing.T) {
	server := bustest.StartNATS(t)
	n, err := bus.DialNATS(bus.NATSOptions{URL: server.URL(), House: "a", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	n.Open(func(bus.Letter) {}, func() {})
	defer n.Close()
	server.Stop()
	began := time.Now()
	for range 40_000 { // more than nats.go keeps
		n.Publish(posted(uuid.New(), 1, strings.Repeat("가", 100)))
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("publishing took %v", d)
	}
	for deadline := time.Now().Add(patience); n.Stats().Dropped == 0; {
		if time.Now().After(deadline) {
			t.Fatal("nothing was dropped, so everything was kept")
		}
		n.Publish(posted(uuid.New(), 1, strings.Repeat("가", 1000)))
	}
}

func TestAnAddressOfNATSThatMakesNoSense(t *testing.T) {
	for _, url := range []string{"", "localhost", "http://localhost:4222", "nats://", "nats://u:pass%word@host", "nats://127.0.0.1:1"} {
		_, err := bus.DialNATS(bus.NATSOptions{URL: url, House: "a", Logger: slog.New(slog.DiscardHandler)})
		if err == nil || strings.Contains(err.Error(), "pass%word") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
