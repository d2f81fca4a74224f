package bus

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
)

const (
	// announceTimeout bounds one statement that sends, and one attempt to listen. What waits longer
	// is dropped.
	announceTimeout = 2 * time.Second
	// announcePackets is how many packets one statement sends at most: half a megabyte.
	announcePackets = 64
	// pingInterval is how often a process notifies itself, firstPingInterval how often until a new
	// connection has received its first notification. After silenceTimeout without any, the
	// connection is taken for dead.
	pingInterval      = 5 * time.Second
	firstPingInterval = 200 * time.Millisecond
	silenceTimeout    = 12 * time.Second
	// listenRetry is the pause after a failed attempt to listen; it doubles up to lastListenRetry.
	listenRetry     = 100 * time.Millisecond
	lastListenRetry = 2 * time.Second
)

// Postgres carries messages by NOTIFY and LISTEN of the database that the processes share. Every
// process receives every message.
type Postgres struct {
	receiver
	store  *db.Store
	logger *slog.Logger
	outbox *outbox
	// The constants of these names; tests set them lower.
	pingInterval, silenceTimeout time.Duration

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup

	confirmed   atomic.Bool   // the present connection has received something, so LISTEN is in force
	reconnected chan struct{} // wakes the pinger for a new connection

	mu       sync.Mutex // guards what follows
	closed   bool
	listener *db.Announcements // the newest connection; nil before the first
}

// NewPostgres returns a bus over the store's database. It does not close the store.
func NewPostgres(store *db.Store, logger *slog.Logger) *Postgres {
	p := &Postgres{
		store: store, logger: logger,
		pingInterval: pingInterval, silenceTimeout: silenceTimeout,
		reconnected: make(chan struct{}, 1),
	}
	p.process = rand.Text()
	p.outbox = newOutbox(&p.counters, p.send)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Open begins to receive; see Bus in package live.
func (p *Postgres) Open(receive func(Message), missed func()) {
	p.onMessage, p.onMissed = receive, missed
	p.work.Go(p.listen)
	p.work.Go(p.ping)
}

// Publish queues messages for all other processes and returns.
func (p *Postgres) Publish(messages ...Message) { p.outbox.publish(messages) }

// Follow does nothing: all rooms share one channel.
func (p *Postgres) Follow(uuid.UUID) {}

// Unfollow does nothing.
func (p *Postgres) Unfollow(uuid.UUID) {}

// Connected reports whether LISTEN is in force.
func (p *Postgres) Connected() bool { return p.confirmed.Load() }

// Close sends what is queued, stops listening, and returns when all goroutines have ended.
func (p *Postgres) Close() {
	p.outbox.queue.close()
	p.cancel()
	p.mu.Lock()
	p.closed = true
	if p.listener != nil {
		p.listener.Close() // Next returns
	}
	p.mu.Unlock()
	p.work.Wait()
}

// send is the outbox's.
func (p *Postgres) send(messages []Message) (dropped int) {
	packets, dropped := encode(p.process, db.AnnouncementBytes, messages)
	for some := range slices.Chunk(packets, announcePackets) {
		texts, count := make([]string, len(some)), 0
		for i, packet := range some {
			texts[i] = string(packet.text)
			count += packet.messages
		}
		if err := p.announce(texts...); err != nil {
			dropped += count
			p.logger.Warn("messages to the other processes were lost", "messages", count, "error", err)
		}
	}
	return dropped
}

func (p *Postgres) announce(texts ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), announceTimeout)
	defer cancel()
	return p.store.Announce(ctx, texts)
}

// listen receives over one connection after another, until Close.
func (p *Postgres) listen() {
	for pause := listenRetry; p.ctx.Err() == nil; pause = min(2*pause, lastListenRetry) {
		listener, err := p.connect()
		if err == nil {
			pause = listenRetry
			err = p.receiveFrom(listener)
		}
		if p.ctx.Err() != nil {
			return
		}
		p.logger.Warn("not listening to the other processes", "again_in", pause, "error", err)
		select {
		case <-time.After(pause):
		case <-p.ctx.Done():
		}
	}
}

func (p *Postgres) connect() (*db.Announcements, error) {
	ctx, cancel := context.WithTimeout(p.ctx, announceTimeout)
	defer cancel()
	listener, err := p.store.Listen(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errors.Join(context.Canceled, listener.Close())
	}
	p.listener = listener
	return listener, nil
}

// receiveFrom accepts packets until the connection fails, and closes it. The first packet, if only
// this process's own ping, proves that LISTEN is in force: what was sent before may be missed.
func (p *Postgres) receiveFrom(listener *db.Announcements) error {
	defer listener.Close()
	defer p.confirmed.Store(false)
	select {
	case p.reconnected <- struct{}{}:
	default:
	}
	for {
		text, err := listener.Next(p.silenceTimeout)
		if err != nil {
			return err
		}
		if !p.confirmed.Swap(true) {
			p.reportMissed()
		}
		if err := p.accept([]byte(text)); err != nil {
			p.logger.Warn("a packet of another process is not understood", "error", err)
		}
	}
}

// ping sends empty packets to this process itself, until Close: often while a connection is new,
// then every pingInterval. A ping that could be sent is also the occasion to announce a loss.
func (p *Postgres) ping() {
	text := packetStart(p.process) + "0}"
	for {
		pause := p.pingInterval
		if !p.confirmed.Load() {
			pause = firstPingInterval
		}
		select {
		case <-time.After(pause):
		case <-p.reconnected:
		case <-p.ctx.Done():
			return
		}
		if err := p.announce(text); err != nil {
			p.logger.Debug("sending a ping", "error", err)
			continue
		}
		p.outbox.announceLoss()
	}
}
