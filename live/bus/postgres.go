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
	// announceTimeout is how long sending some letters may take; those that wait meanwhile are not worth more.
	announceTimeout = 2 * time.Second
	// announceTexts is how many envelopes go out in one statement at most: half a megabyte.
	announceTexts = 64
	// echo is how often a connection that is new listens for its own voice, and pulse how often one that works: who hears nothing
	// for the time of deafness has lost the connection without being told.
	echo     = 200 * time.Millisecond
	pulse    = 5 * time.Second
	deafness = 12 * time.Second
	// listenRetry is the pause after a failed attempt to listen; it doubles up to listenRetryLast.
	listenRetry     = 100 * time.Millisecond
	listenRetryLast = 2 * time.Second
)

// Postgres carries letters by LISTEN and NOTIFY of the database that the processes share. Every process gets every letter.
type Postgres struct {
	receiver
	store  *db.Store
	logger *slog.Logger
	outbox *outbox
	// pulse and deafness are the constants, but in tests.
	pulse, deafness time.Duration

	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	work    sync.WaitGroup
	hearing atomic.Bool   // the present connection has heard something: LISTEN is in force
	deaf    chan struct{} // a connection is new

	mu     sync.Mutex
	closed bool
	ears   *db.Announcements
}

// NewPostgres makes a bus out of the store's database.
func NewPostgres(store *db.Store, logger *slog.Logger) *Postgres {
	p := &Postgres{store: store, logger: logger, pulse: pulse, deafness: deafness, deaf: make(chan struct{}, 1)}
	p.process = rand.Text()
	p.outbox = newOutbox(&p.counters, p.send)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Open begins to receive; see Bus in package live.
func (p *Postgres) Open(receive func(Letter), missed func()) {
	p.receive, p.receiver.missed = receive, missed
	p.work.Go(p.listen)
	p.work.Go(p.speak)
}

// Publish has letters sent after those that are on their way.
func (p *Postgres) Publish(letters ...Letter) { p.outbox.publish(letters) }

// Follow does nothing: a channel knows no rooms.
func (p *Postgres) Follow(uuid.UUID) {}

// Unfollow does nothing.
func (p *Postgres) Unfollow(uuid.UUID) {}

// Close sends what waits and stops to listen.
func (p *Postgres) Close() {
	p.outbox.letters.close()
	p.cancel()
	p.mu.Lock()
	p.closed = true
	if p.ears != nil {
		p.ears.Close() // Next returns
	}
	p.mu.Unlock()
	p.work.Wait()
}

func (p *Postgres) send(letters []Letter) (dropped int) {
	parcels, dropped := pack(p.process, db.AnnouncementBytes, letters)
	for some := range slices.Chunk(parcels, announceTexts) {
		texts, count := make([]string, len(some)), 0
		for i, parcel := range some {
			texts[i] = string(parcel.text)
			count += parcel.letters
		}
		if err := p.announce(texts...); err != nil {
			dropped += count
			p.logger.Warn("letters to the other processes were lost", "letters", count, "error", err)
		}
	}
	return dropped
}

func (p *Postgres) announce(texts ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), announceTimeout)
	defer cancel()
	return p.store.Announce(ctx, texts)
}

// listen hears what is announced, over one connection after another.
func (p *Postgres) listen() {
	for pause := listenRetry; p.ctx.Err() == nil; pause = min(2*pause, listenRetryLast) {
		err := p.connect()
		if err == nil {
			pause = listenRetry
			err = p.hear()
		}
		if p.ctx.Err() != nil {
			return
		}
		p.logger.Warn("not hearing the other processes", "again_in", pause, "error", err)
		select {
		case <-time.After(pause):
		case <-p.ctx.Done():
		}
	}
}

func (p *Postgres) connect() error {
	ctx, cancel := context.WithTimeout(p.ctx, announceTimeout)
	defer cancel()
	ears, err := p.store.Listen(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.Join(context.Canceled, ears.Close())
	}
	p.ears = ears
	return nil
}

// hear takes letters until the connection fails. The first thing heard over it, if only this process's own voice, shows that
// nothing is missed from then on; before, something may have been.
func (p *Postgres) hear() error {
	defer p.ears.Close()
	p.hearing.Store(false)
	select {
	case p.deaf <- struct{}{}:
	default:
	}
	for {
		text, err := p.ears.Next(p.deafness)
		if err != nil {
			return err
		}
		if !p.hearing.Swap(true) {
			p.lost()
		}
		if err := p.take([]byte(text)); err != nil {
			p.logger.Warn("a letter of another process makes no sense", "error", err)
		}
	}
}

// speak lets this process's own voice be heard: often while a connection is new, then now and then.
func (p *Postgres) speak() {
	voice := opening(p.process) + "0}"
	for {
		pause := p.pulse
		if !p.hearing.Load() {
			pause = echo
		}
		select {
		case <-time.After(pause):
		case <-p.deaf:
		case <-p.ctx.Done():
			return
		}
		if err := p.announce(voice); err != nil {
			p.logger.Debug("announcing", "error", err)
			continue
		}
		p.outbox.apologize()
	}
}
