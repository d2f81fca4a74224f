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
	// checkpointEvery is the number of changes after which the write-ahead log is copied into the
	// database file. Each change writes about five pages.
	checkpointEvery = 256
	// checkpointPages is the number of pages in the log from which on a commit copies what is left
	// itself. After that the log is written from its start again; until then each commit makes its
	// file longer, which takes the disk longer than writing over what is there.
	checkpointPages = 4096
	// checkpointWithin bounds one copy.
	checkpointWithin = time.Minute
)

// checkpoints copy the write-ahead log into the database file while commits go on. SQLite by itself
// copies at the end of a commit, which then takes several times as long as the others. The
// goroutine ends with the copy.
type checkpoints struct {
	db      *bun.DB // any connection but the one that writes
	logger  *slog.Logger
	changes atomic.Int64 // since the last copy
	running atomic.Bool
	ended   sync.WaitGroup
}

// committed counts the changes of a commit, and starts a copy when it is time for one.
func (c *checkpoints) committed(changes int) {
	if c.changes.Add(int64(changes)) < checkpointEvery || !c.running.CompareAndSwap(false, true) {
		return
	}
	c.changes.Store(0)
	c.ended.Go(func() {
		defer c.running.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), checkpointWithin)
		defer cancel()
		// Passive: it waits for nobody, and what a reader or the writer still needs is left to the
		// next one.
		if _, err := c.db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
			c.logger.Warn("checkpoint", "error", err)
		}
	})
}

// wait returns when nothing is being copied.
func (c *checkpoints) wait() { c.ended.Wait() }
