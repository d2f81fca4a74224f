package db

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"
)

// firstEpoch returns a random epoch, so that a cookie belongs to one account alone: after a backup
// was restored, another account may get the id of one that was made after the backup. There is room
// above it for 2^30 later ones.
func firstEpoch() int64 { return rand.Int64N(1<<62-1<<32) + 1<<32 }

// raiseEpoch has an update of a user end its sessions. The step is random, or as many raises after
// a backup was restored would give the epoch of a cookie from before.
func raiseEpoch(q *bun.UpdateQuery) { q.Set("epoch = epoch + ?", 1+rand.Int64N(1<<32)) }

// Session is what a cookie proves: which user, in which session, of which epoch.
type Session struct {
	ID      string // random, one for each signing in
	UserID  int64
	Epoch   int64
	Expires time.Time
}

// SessionUser returns the user of a session. Errors: ErrNotFound when the user is gone or
// deactivated, its epoch is a later one, or the session was ended. The caller checks whether the
// session has expired.
func (s *Store) SessionUser(ctx context.Context, session Session) (*User, error) {
	session.Expires = time.Time{}
	return cached(ctx, s, session, func(ctx context.Context, r *Reads) (*User, error) {
		r.dependsOn(userTag(session.UserID), sessionTag(session.ID))
		r.bytes = userBytes
		u := new(User)
		err := s.read.NewSelect().Model(u).
			Where("u.id = ?", session.UserID).Where("u.epoch = ?", session.Epoch).Where("u.deactivated_at IS NULL").
			Where("NOT EXISTS (SELECT 1 FROM ended_sessions AS e WHERE e.id = ?)", session.ID).Scan(ctx)
		return u, translate(err)
	})
}

// endedKept is how many sessions that were signed out are remembered in any case: a clock that was
// ahead must not let one be forgotten while its cookie is good.
const endedKept = 10_000

// EndSession signs a session out: its cookie is refused from now on, whoever has a copy, and its
// streams end. The record is kept until the session would have expired.
func (s *Store) EndSession(ctx context.Context, viewer *User, session Session) error {
	return s.change(ctx, func(ctx context.Context, c *change) error {
		until := session.Expires.UTC().Truncate(time.Microsecond)
		_, err := c.ExecContext(ctx,
			"INSERT INTO ended_sessions (id, until) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", session.ID, until)
		if err != nil {
			return err
		}
		// whoever signs out clears away what has become useless meanwhile
		_, err = c.ExecContext(ctx,
			"DELETE FROM ended_sessions WHERE until < ? AND until < (SELECT until FROM ended_sessions ORDER BY until DESC LIMIT 1 OFFSET ?)",
			c.at, endedKept)
		if err != nil {
			return err
		}
		c.invalidate(sessionTag(session.ID))
		c.tell(Notice{Ended: []Right{{UserID: viewer.ID, Session: session.ID}}})
		return nil
	})
}
