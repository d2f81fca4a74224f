package bus_test

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/live/bus"
	"sarangbang/live/bus/bustest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestMessages_ArriveInOrder(t *testing.T) {
	eachNetwork(t, func(t *testing.T, n network) {
		room := uuid.New()
		a, b := join(t, n), join(t, n)
		a.Follow(room)
		b.Follow(room)
		meet(t, room, a, b)
		const count = 3000
		for i := range count {
			a.Publish(posted(room, int64(i+1), fmt.Sprint("안녕 ", i)))
		}
		for i := range count {
			got := b.next()
			if got.Notice == nil || got.Notice.Revision != int64(i+1) || got.Notice.Message.Body != fmt.Sprint("안녕 ", i) {
				t.Fatalf("message %d is %+v", i, got.Notice)
			}
			if got.From == "" || time.Since(got.Published) > patience {
				t.Fatalf("from %q at %v", got.From, got.Published)
			}
		}
		a.wantsNothing() // of its own
		if s := a.Stats(); s.Published < count || s.Dropped != 0 {
			t.Errorf("sent: %+v", s)
		}
		if s := b.Stats(); s.Received < count {
			t.Errorf("received: %+v", s)
		}
	})
}

func TestMessages_OfUsersArriveWhereNoRoomIsFollowed(t *testing.T) {
	eachNetwork(t, func(t *testing.T, n network) {
		room, other := uuid.New(), uuid.New()
		a, b := join(t, n), join(t, n)
		a.Follow(room)
		b.Follow(room)
		meet(t, room, a, b)
		a.Publish(
			bus.Message{Notice: &db.Notice{
				Room: other, Revision: 3, Users: []int64{7}, Ended: []db.Right{{UserID: 7, Room: other}},
			}},
			bus.Message{Presence: &bus.Presence{Online: []int64{7}}},
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

func TestReadMark_ArrivesWhereItsRoomIsFollowed(t *testing.T) {
	eachNetwork(t, func(t *testing.T, n network) {
		room := uuid.New()
		a, b := join(t, n), join(t, n)
		a.Follow(room)
		b.Follow(room)
		meet(t, room, a, b)
		mark := db.ReadMark{UserID: 7, Room: room}
		a.Publish(bus.Message{Notice: &db.Notice{Read: &mark}})
		for read := false; !read; {
			got := b.next().Notice
			read = got != nil && got.Read != nil && *got.Read == mark
		}
	})
}

func TestRoom_ArrivesOnlyWhileItIsFollowed(t *testing.T) {
	for _, name := range []string{"local", "nats"} {
		t.Run(name, func(t *testing.T) {
			n := networks[name](t)
			room, other := uuid.New(), uuid.New()
			a, b := join(t, n), join(t, n)
			for _, p := range []*process{a, b} {
				p.Follow(room)
				p.Follow(other)
			}
			meet(t, room, a, b)
			meet(t, other, a, b)
			b.Unfollow(other)
			b.Follow(uuid.New())
			for heard := true; heard; {
				a.Publish(posted(other, 1, ""), bus.Message{Typing: &bus.Typing{Room: room, User: 5}})
				heard = b.next().Notice != nil
			}
			b.Follow(other)
			meet(t, other, a, b)
		})
	}
}

func TestConnection_ReportsMissedMessagesWhenItIsBack(t *testing.T) {
	eachNetwork(t, func(t *testing.T, n network) {
		room := uuid.New()
		a, b := join(t, n), join(t, n)
		a.Follow(room)
		b.Follow(room)
		meet(t, room, a, b)
		for len(b.missed) > 0 {
			<-b.missed
		}
		repair := n.cut()
		a.Publish(posted(room, 1, "perhaps never seen"))
		repair()
		select {
		case <-b.missed:
		case <-time.After(patience):
			t.Fatal("nobody was told that messages may be lost")
		}
		a.Publish(bus.Message{Typing: &bus.Typing{Room: room, User: 9}}) // from now on nothing is lost any more
		b.typing(9)
	})
}

// A server that comes late is as good as one that comes back.
func TestNATS_MayComeAfterTheProcesses(t *testing.T) {
	t.Parallel()
	n := overNATS(t)
	come, room := n.cut(), uuid.New()
	a, b := join(t, n), join(t, n)
	a.Follow(room)
	b.Follow(room)
	come()
	meet(t, room, a, b)
	for _, p := range []*process{a, b} {
		select {
		case <-p.missed:
		case <-time.After(patience):
			t.Fatal("nobody was told that messages may be lost")
		}
	}
}

func TestClose_SendsTheLastMessage(t *testing.T) {
	eachNetwork(t, func(t *testing.T, n network) {
		a, b := join(t, n), join(t, n)
		room := uuid.New()
		a.Follow(room)
		b.Follow(room)
		meet(t, room, a, b)
		a.Publish(bus.Message{Presence: &bus.Presence{Goodbye: true}})
		a.Close()
		if got := b.next(); got.Presence == nil || !got.Presence.Goodbye {
			t.Errorf("got %+v", got)
		}
	})
}

func TestNotice_TooBigForTheBusGoesWithoutItsChange(t *testing.T) {
	n := overPostgres(t)
	room := uuid.New()
	a, b := join(t, n), join(t, n)
	meet(t, room, a, b)
	a.Publish(posted(room, 1, strings.Repeat("가", 10_000)), posted(room, 2, "안녕"))
	if got := b.next().Notice; got == nil || got.Revision != 1 || got.Message != nil {
		t.Errorf("the first is %+v", got)
	}
	if got := b.next().Notice; got == nil || got.Revision != 2 || got.Message == nil {
		t.Errorf("the second is %+v", got)
	}
}

func TestPublish_DoesNotWaitForAServerThatIsGone(t *testing.T) {
	server := bustest.StartNATS(t)
	n, err := bus.DialNATS(bus.NATSOptions{URL: server.URL(), House: "a", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	n.Open(func(bus.Message) {}, func() {})
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

func TestDialNATS_RefusesMalformedAddresses(t *testing.T) {
	for _, url := range []string{
		"", "localhost", "http://localhost:4222", "nats://", "nats://u:pass%word@host",
	} {
		_, err := bus.DialNATS(bus.NATSOptions{URL: url, House: "a", Logger: slog.New(slog.DiscardHandler)})
		if err == nil || strings.Contains(err.Error(), "pass%word") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
