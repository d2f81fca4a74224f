package db

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
)

const (
	// checkpointEvery is after how many commits the write-ahead log is copied into the database file.
	checkpointEvery = 64
	// checkpointPages is how many pages the log may hold before a commit has to do that itself: with more, reading gets slower.
	checkpointPages = walLimit / 4096
	// checkpointWithin bounds one copy.
	checkpointWithin = time.Minute
)

// checkpoints copy the write-ahead log into the database file beside the commits: SQLite by itself does it at the end of a commit,
// which then takes several times as long as the others. A goroutine exists only while it copies.
type checkpoints struct {
	db      *bun.DB // any connection but the one that writes
	logger  *slog.Logger
	commits atomic.Int64
	running atomic.Bool
	ended   sync.WaitGroup
}

// committed counts a commit. Nil counts nothing.
func (c *checkpoints) committed() {
	if c == nil || c.commits.Add(1)%checkpointEvery != 0 || !c.running.CompareAndSwap(false, true) {
		return
	}
	c.ended.Go(func() {
		defer c.running.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), checkpointWithin)
		defer cancel()
		// Passive: it waits for nobody, and what a reader or the writer still needs is left to the next one.
		if _, err := c.db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
			c.logger.Warn("checkpoint", "error", err)
		}
	})
}

// wait returns when nothing is being copied.
func (c *checkpoints) wait() {
	if c != nil {
		c.ended.Wait()
	}
}
