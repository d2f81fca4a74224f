package db

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

const (
	// writeTimeout bounds a change, the wait for its turn included.
	writeTimeout = 8 * time.Second
	// writeAttempts is how often a change is tried that fails because of others.
	writeAttempts = 5
)

// change is a transaction that writes. Its notices are published once it is durable, and only then.
type change struct {
	bun.Tx
	// at is the time of everything that this change does.
	at      time.Time
	notices []Notice
	tags    []tag

	versions   versions
	committing bool   // the cache knows that the tags are changing, and COMMIT may have been sent
	committed  func() // tells the cache that they have changed; nil before committing
}

// tell keeps a notice until the commit, and invalidates cached results about what the notice names.
func (c *change) tell(n Notice) {
	c.notices = append(c.notices, n)
	if n.Room != uuid.Nil {
		c.invalidate(roomTag(n.Room), tag{kind: tagAnyRoom})
	}
	for _, id := range n.Users {
		c.invalidate(membershipsTag(id))
	}
	if n.Read != nil {
		c.invalidate(readMarkTag(n.Read.UserID, n.Read.Room), activitiesTag(n.Read.UserID))
	}
	for _, right := range n.Ended {
		c.invalidate(userTag(right.UserID), membershipsTag(right.UserID))
	}
}

// invalidate names tags that no notice names. A change must name a tag of every cached result that
// holds what it changes.
func (c *change) invalidate(tags ...tag) { c.tags = append(c.tags, tags...) }

// commits tells the cache that the tags are about to change. It is called before COMMIT is sent:
// after fn, or in fn before a statement that brings COMMIT with it, which has to be the last one.
func (c *change) commits() {
	if !c.committing {
		c.committing, c.committed = true, c.versions.changing(c.tags)
	}
}

// change runs fn in a transaction and publishes its notices after the commit. fn may run more than
// once and must not keep anything from a run before. A context that ends stops a change only before
// it begins: a commit whose client has hung up could still happen without its notices.
func (s *Store) change(ctx context.Context, fn func(ctx context.Context, c *change) error) error {
	return s.changeWithin(ctx, writeTimeout, fn)
}

// changeWithin is change with a bound on all attempts together.
func (s *Store) changeWithin(ctx context.Context, bound time.Duration, fn func(ctx context.Context, c *change) error) error {
	if err := ctx.Err(); err != nil {
		return translate(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bound)
	defer cancel()
	for attempt := 1; ; attempt++ {
		notices, err := s.try(ctx, fn)
		if err == nil {
			s.dialect.committed(1 + len(notices))
			if len(notices) > 0 {
				s.committed(notices)
			}
			return nil
		}
		busy := sqliteCode(err) != 0 // each attempt has waited sqliteWriterBusy: only the time is bounded
		if attempt >= writeAttempts && !busy || !isTransient(err) || !pause(ctx, backoff(attempt)) {
			return translate(err)
		}
	}
}

// try makes one attempt of a change. Errors: ErrFileGone; errUncertain, when the commit may have
// happened.
func (s *Store) try(ctx context.Context, fn func(ctx context.Context, c *change) error) ([]Notice, error) {
	if err := s.file.check(); err != nil {
		return nil, err
	}
	c := &change{}
	err := s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		c = &change{Tx: tx, at: s.time(), versions: s.cache.versions}
		err := fn(ctx, c)
		if err == nil {
			c.commits()
		}
		return err
	})
	if c.committing {
		c.committed()
		readsOf(ctx).wrote()
	}
	if err != nil && c.committing && !isAnswer(err) {
		return nil, fmt.Errorf("%w: %w", errUncertain, err)
	}
	if err != nil {
		return nil, err
	}
	return c.notices, nil
}

// snapshot runs fn in a transaction whose queries all see the same state.
func (s *Store) snapshot(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return translate(s.read.RunInTx(ctx, s.dialect.snapshot(), fn))
}

// time returns the present as both databases store it: in UTC, in whole microseconds.
func (s *Store) time() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// backoff returns the pause before another attempt. It is random, so that changes which met do not
// meet again.
func backoff(attempt int) time.Duration {
	return rand.N(time.Duration(min(attempt, 10)) * 20 * time.Millisecond)
}

// pause waits, and reports whether ctx still holds then.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// affected reports whether a statement changed any row, which bun does not treat as an error.
func affected(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// mustAffect returns ErrNotFound when a statement changed no row.
func mustAffect(res sql.Result, err error) error {
	ok, err := affected(res, err)
	if err == nil && !ok {
		return ErrNotFound
	}
	return err
}
