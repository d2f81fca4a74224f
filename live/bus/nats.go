package bus

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

const (
	natsDial      = 5 * time.Second
	natsReconnect = 500 * time.Millisecond // between two attempts, and up to as much more at random
	// natsPing finds a connection lost that says nothing, when natsPings were not answered.
	natsPing  = 5 * time.Second
	natsPings = 2
	// natsParcel is how much goes into one message at most, if the server takes as much.
	natsParcel = 256 << 10
	// natsFlush is how long the last letters, or the server's word after reconnecting, may take.
	natsFlush = 2 * time.Second
)

// NATS carries letters over NATS: on one subject what concerns people, on one for each room what happens in it, so that a process
// gets the rooms alone that are read there.
type NATS struct {
	receiver
	logger  *slog.Logger
	subject string // the beginning of all subjects
	outbox  *outbox
	conn    *nats.Conn
	inbox   chan *nats.Msg // of all subscriptions: none has a goroutine
	follow  queue[following]
	rooms   map[uuid.UUID]*nats.Subscription // of the queue's goroutine alone

	opened chan struct{}   // closed by Open
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// following is a wish to hear of a room, or no more.
type following struct {
	room uuid.UUID
	on   bool
}

// NATSOptions make a bus.
type NATSOptions struct {
	// URL is one or more addresses like nats://user:password@host:4222 or tls://host, separated by commas.
	URL string
	// House tells houses apart that share a server: all processes of one have the same. It is a part of subjects, so made of
	// letters and digits.
	House  string
	Logger *slog.Logger
}

// DialNATS connects; a server that is lost later is looked for until it is back. An error names no password.
func DialNATS(o NATSOptions) (*NATS, error) {
	if err := checkNATS(o.URL); err != nil {
		return nil, err
	}
	n := &NATS{
		logger: o.Logger, subject: "sarangbang." + o.House + ".",
		inbox: make(chan *nats.Msg, queueBound), rooms: map[uuid.UUID]*nats.Subscription{},
		opened: make(chan struct{}),
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.process = rand.Text()
	n.outbox = newOutbox(&n.counters, n.send)
	n.follow.work = n.subscribe
	var err error
	n.conn, err = nats.Connect(o.URL,
		nats.Name("sarangbang"), nats.NoEcho(), nats.Timeout(natsDial),
		nats.MaxReconnects(-1), nats.ReconnectWait(natsReconnect), nats.ReconnectJitter(natsReconnect, natsReconnect),
		nats.PingInterval(natsPing), nats.MaxPingsOutstanding(natsPings),
		nats.DisconnectErrHandler(n.disconnected), nats.ReconnectHandler(n.reconnected), nats.ErrorHandler(n.failed))
	if err != nil {
		return nil, fmt.Errorf("NATS: %w", err)
	}
	return n, nil
}

// checkNATS says nothing about the address itself, of which the password may be a part.
func checkNATS(addresses string) error {
	for address := range strings.SplitSeq(addresses, ",") {
		u, err := url.Parse(strings.TrimSpace(address))
		if err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls" {
			return errors.New("an address is like nats://host:4222 or tls://user:password@host " +
				"(has every special character of the password been written as %XX?)")
		}
	}
	return nil
}

// Open begins to receive; see Bus in package live.
func (n *NATS) Open(receive func(Letter), missed func()) {
	n.receive, n.missed = receive, missed
	close(n.opened)
	if _, err := n.conn.ChanSubscribe(n.subjectOf(uuid.Nil), n.inbox); err != nil {
		n.logger.Error("subscribing", "error", err)
	}
	n.work.Go(n.listen)
}

// Publish has letters sent after those that are on their way.
func (n *NATS) Publish(letters ...Letter) { n.outbox.publish(letters) }

// Follow makes a room's letters come here, from a moment later on.
func (n *NATS) Follow(room uuid.UUID) { n.follow.put(following{room, true}) }

// Unfollow undoes Follow.
func (n *NATS) Unfollow(room uuid.UUID) { n.follow.put(following{room, false}) }

// Close sends what waits and leaves.
func (n *NATS) Close() {
	n.outbox.letters.close()
	n.follow.close()
	ctx, cancel := context.WithTimeout(context.Background(), natsFlush)
	defer cancel()
	if err := n.conn.FlushWithContext(ctx); err != nil {
		n.logger.Warn("the last letters to the other processes may be lost", "error", err)
	}
	n.conn.Close()
	n.cancel()
	n.work.Wait()
}

func (n *NATS) subjectOf(room uuid.UUID) string {
	if room == uuid.Nil {
		return n.subject + "people"
	}
	return n.subject + "room." + room.String()
}

func (n *NATS) listen() {
	for {
		select {
		case m := <-n.inbox:
			if err := n.take(m.Data); err != nil {
				n.logger.Warn("a letter of another process makes no sense", "error", err)
			}
		case <-n.ctx.Done():
			return
		}
	}
}

// send publishes letters by subject. They keep their order within each.
func (n *NATS) send(letters []Letter) (dropped int) {
	bySubject := map[uuid.UUID][]Letter{}
	for _, whole := range letters {
		split(whole, func(room uuid.UUID, l Letter) { bySubject[room] = append(bySubject[room], l) })
	}
	limit := int(min(natsParcel, n.conn.MaxPayload()))
	for room, some := range bySubject {
		parcels, tooBig := pack(n.process, limit, some)
		dropped += tooBig
		for _, p := range parcels {
			if err := n.conn.Publish(n.subjectOf(room), p.text); err != nil {
				dropped += p.letters
				n.logger.Warn("letters to the other processes were lost", "letters", p.letters, "error", err)
			}
		}
	}
	return dropped
}

func (n *NATS) subscribe(wishes []following) {
	for _, w := range wishes {
		var err error
		if w.on {
			n.rooms[w.room], err = n.conn.ChanSubscribe(n.subjectOf(w.room), n.inbox)
		} else {
			err = n.rooms[w.room].Unsubscribe()
			delete(n.rooms, w.room)
		}
		if err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			n.logger.Error("following a room", "room", w.room, "follow", w.on, "error", err)
		}
	}
}

func (n *NATS) disconnected(_ *nats.Conn, err error) {
	n.logger.Warn("not hearing the other processes: NATS is lost", "error", err)
}

// reconnected waits for the server's word, which it gives after it has taken note of the subscriptions.
func (n *NATS) reconnected(conn *nats.Conn) {
	if err := conn.FlushTimeout(natsFlush); err != nil {
		return // lost again
	}
	n.logger.Info("NATS is back")
	n.lettersLost()
	n.outbox.apologize()
}

// failed hears of letters that found the inbox full, and of what the server refuses.
func (n *NATS) failed(_ *nats.Conn, _ *nats.Subscription, err error) {
	n.logger.Warn("NATS", "error", err)
	if errors.Is(err, nats.ErrSlowConsumer) {
		n.lettersLost()
	}
}

// lettersLost tells that letters may have been lost; before Open nobody waits for any.
func (n *NATS) lettersLost() {
	select {
	case <-n.opened:
		n.lost()
	default:
	}
}
