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
	// natsPing is the interval of pings; after natsPings without an answer the connection is dead.
	natsPing  = 5 * time.Second
	natsPings = 2
	// natsPacketBytes is the size of a packet at most, if the server accepts as much.
	natsPacketBytes = 256 << 10
	// natsFlush bounds the wait for the server at Close and after reconnecting.
	natsFlush = 2 * time.Second
)

// NATS carries messages over a NATS server: on one subject what concerns users, and on a subject
// for each room what happens in it. A process receives only the rooms that it follows.
type NATS struct {
	receiver
	logger  *slog.Logger
	subject string // the prefix of all subjects
	outbox  *outbox
	conn    *nats.Conn
	inbox   chan *nats.Msg // of all subscriptions, so that none needs a goroutine
	follows queue[follow]
	rooms   map[uuid.UUID]*nats.Subscription // used by the goroutine of follows alone

	opened chan struct{}   // closed by Open
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// follow is a call of Follow or Unfollow that is to be carried out.
type follow struct {
	room uuid.UUID
	on   bool
}

// NATSOptions are the options of DialNATS; all are required.
type NATSOptions struct {
	// URL is one or more addresses, separated by commas, such as nats://user:password@host:4222 or
	// tls://host.
	URL string
	// House distinguishes services that share a NATS server; all processes of one have the same. It
	// is a part of subjects: letters and digits.
	House  string
	Logger *slog.Logger
}

// DialNATS returns a bus that is connected to a server, or will be when the server can be reached:
// the connection is established, and established again when it is lost, however long that takes.
// Errors: malformed addresses. No password appears in an error.
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
	n.follows.handle = n.subscribe
	var err error
	n.conn, err = nats.Connect(o.URL,
		nats.Name("sarangbang"), nats.NoEcho(), nats.Timeout(natsDial), nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1), nats.ReconnectWait(natsReconnect), nats.ReconnectJitter(natsReconnect, natsReconnect),
		nats.PingInterval(natsPing), nats.MaxPingsOutstanding(natsPings),
		nats.DisconnectErrHandler(n.onDisconnect), nats.ConnectHandler(n.onConnect), nats.ReconnectHandler(n.onConnect), nats.ErrorHandler(n.onError))
	if err != nil {
		return nil, fmt.Errorf("NATS: %w", err)
	}
	if !n.conn.IsConnected() {
		o.Logger.Warn("not listening to the other processes: NATS cannot be reached yet", "error", n.conn.LastError())
	}
	return n, nil
}

// checkNATS returns an error for malformed addresses, which does not quote them: a password may be
// among them.
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
func (n *NATS) Open(receive func(Message), missed func()) {
	n.onMessage, n.onMissed = receive, missed
	close(n.opened)
	if _, err := n.conn.ChanSubscribe(n.subjectOf(uuid.Nil), n.inbox); err != nil {
		n.logger.Error("subscribing", "error", err)
	}
	n.work.Go(n.listen)
}

// Publish queues messages for all other processes and returns.
func (n *NATS) Publish(messages ...Message) { n.outbox.publish(messages) }

// Follow lets the messages of a room arrive here, from a moment after its return.
func (n *NATS) Follow(room uuid.UUID) { n.follows.put(follow{room, true}) }

// Unfollow undoes Follow.
func (n *NATS) Unfollow(room uuid.UUID) { n.follows.put(follow{room, false}) }

// Connected reports whether the server answered lately.
func (n *NATS) Connected() bool { return n.conn.IsConnected() }

// Close sends what is queued, disconnects, and returns when all goroutines have ended.
func (n *NATS) Close() {
	n.outbox.queue.close()
	n.follows.close()
	ctx, cancel := context.WithTimeout(context.Background(), natsFlush)
	defer cancel()
	if err := n.conn.FlushWithContext(ctx); err != nil {
		n.logger.Warn("the last messages to the other processes may be lost", "error", err)
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
			if err := n.accept(m.Data); err != nil {
				n.logger.Warn("a packet of another process is not understood", "error", err)
			}
		case <-n.ctx.Done():
			return
		}
	}
}

// send is the outbox's: it publishes messages by subject, in their order within each.
func (n *NATS) send(messages []Message) (dropped int) {
	bySubject := map[uuid.UUID][]Message{}
	for _, whole := range messages {
		split(whole, func(room uuid.UUID, m Message) { bySubject[room] = append(bySubject[room], m) })
	}
	limit := natsPacketBytes
	if most := n.conn.MaxPayload(); most > 0 { // the server has told
		limit = int(min(natsPacketBytes, most))
	}
	for room, some := range bySubject {
		packets, tooBig := encode(n.process, limit, some)
		dropped += tooBig
		for _, p := range packets {
			if err := n.conn.Publish(n.subjectOf(room), p.text); err != nil {
				dropped += p.messages
				n.logger.Warn("messages to the other processes were lost", "messages", p.messages, "error", err)
			}
		}
	}
	return dropped
}

// subscribe is the follow queue's.
func (n *NATS) subscribe(follows []follow) {
	for _, f := range follows {
		var err error
		if f.on {
			n.rooms[f.room], err = n.conn.ChanSubscribe(n.subjectOf(f.room), n.inbox)
		} else {
			err = n.rooms[f.room].Unsubscribe()
			delete(n.rooms, f.room)
		}
		if err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			n.logger.Error("following a room", "room", f.room, "follow", f.on, "error", err)
		}
	}
}

func (n *NATS) onDisconnect(_ *nats.Conn, err error) {
	n.logger.Warn("not listening to the other processes: NATS is lost", "error", err)
}

// onConnect waits until the server answers, by when it knows the subscriptions again, and reports
// what may have been lost on both sides.
func (n *NATS) onConnect(conn *nats.Conn) {
	if err := conn.FlushTimeout(natsFlush); err != nil {
		return // lost again
	}
	n.logger.Info("listening to the other processes through NATS")
	n.reportMissedIfOpen()
	n.outbox.announceLoss()
}

// onError is called for packets that found the inbox full, and for what the server refuses.
func (n *NATS) onError(_ *nats.Conn, _ *nats.Subscription, err error) {
	n.logger.Warn("NATS", "error", err)
	if errors.Is(err, nats.ErrSlowConsumer) {
		n.reportMissedIfOpen()
	}
}

func (n *NATS) reportMissedIfOpen() {
	select {
	case <-n.opened:
		n.reportMissed()
	default:
	}
}
