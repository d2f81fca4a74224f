package db

import (
	"context"
	"maps"
	"sync"
	"time"
)

// tokenUsed is the precision with which the time of a token's last use is stored.
const tokenUsed = time.Hour

// tokenUses are the uses of tokens that are not stored yet. They are stored by a goroutine: who
// reads with a token does not wait for a write. What could not be stored is tried again together
// with the next use.
type tokenUses struct {
	working sync.WaitGroup

	mu      sync.Mutex
	pending map[int64]tokenUse // by token; guarded by mu
	storing bool               // a goroutine is at work; guarded by mu
}

type tokenUse struct {
	user int64
	hour time.Time
}

// noteUse returns a token with the present hour as that of its last use, and has it stored where it
// is not.
func (s *Store) noteUse(token Token) *Token {
	hour := s.time().Truncate(tokenUsed)
	if token.LastUsedAt != nil && !token.LastUsedAt.Before(hour) {
		return &token
	}
	token.LastUsedAt = &hour
	u := &s.tokenUses
	u.mu.Lock()
	defer u.mu.Unlock()
	if noted, ok := u.pending[token.ID]; ok && !noted.hour.Before(hour) {
		return &token
	}
	if u.pending == nil {
		u.pending = map[int64]tokenUse{}
	}
	u.pending[token.ID] = tokenUse{token.UserID, hour}
	if !u.storing {
		u.storing = true
		u.working.Go(s.storeUses)
	}
	return &token
}

// notStored returns the uses that are not stored yet, by token.
func (u *tokenUses) notStored() map[int64]tokenUse {
	u.mu.Lock()
	defer u.mu.Unlock()
	return maps.Clone(u.pending)
}

// storeUses stores what is pending, until nothing is or storing fails.
func (s *Store) storeUses() {
	u := &s.tokenUses
	for {
		u.mu.Lock()
		uses := maps.Clone(u.pending)
		u.storing = len(uses) > 0
		u.mu.Unlock()
		if len(uses) == 0 {
			return
		}
		err := s.storeTokenUses(uses)
		u.mu.Lock()
		if err != nil {
			u.storing = false
			u.mu.Unlock()
			s.logger.Warn("the last use of tokens is not stored", "tokens", len(uses), "err", err)
			return
		}
		for id, use := range uses {
			if u.pending[id] == use {
				delete(u.pending, id)
			}
		}
		u.mu.Unlock()
	}
}

func (s *Store) storeTokenUses(uses map[int64]tokenUse) error {
	return s.change(context.Background(), func(ctx context.Context, c *change) error {
		for id, use := range uses {
			c.invalidate(tokensTag(use.user))
			_, err := c.NewUpdate().Model((*Token)(nil)).Set("last_used_at = ?", use.hour).Where("id = ?", id).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
