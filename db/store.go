// Package db stores users, rooms and messages, in SQLite or PostgreSQL through bun. Each exported
// method of Store that writes is one transaction, and what it returns is durable.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Store is the database. Its methods may be called by many goroutines.
type Store struct {
	// write is for changes, read for everything else. On PostgreSQL they are the same pool; on
	// SQLite write is a single connection, because SQLite has one writer, and waiting in Go is
	// fairer than waiting in SQLite.
	write, read *bun.DB
	logger      *slog.Logger
	now         func() time.Time
	committed   func([]Notice)
	observe     func(PostCommit)
	posts       commitQueue[*post]
	reactions   commitQueue[*reaction]
	tokenUses   tokenUses
	cache       *cache
	dialect     dialect
	slow        *slowLog
	ownRoom     *sqliteRoomView // nil on PostgreSQL
	file        *sqliteFile     // nil on PostgreSQL
	restored    bool            // the database was put back from a backup at least once; see InGap
}

// Options open a store. Only URL is needed.
type Options struct {
	// URL is "sqlite:PATH" or "postgres://…".
	URL    string
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now
	// ObservePosts is called after every attempt to commit posts, for measuring. It must not block.
	ObservePosts func(PostCommit)
	// WaitFor is how long Open waits for a PostgreSQL server that cannot be reached yet.
	WaitFor time.Duration
	// SlowQuery is the time from which on a statement is logged, without its values. 0: none is.
	SlowQuery time.Duration
}

// Open connects, checks the connection and brings the schema up to date. The caller closes the
// store. Errors: ErrUnavailable where the server cannot be reached; no error names a password,
// whatever the URL looks like.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{logger: o.Logger, now: o.Now, observe: o.ObservePosts, committed: func([]Notice) {}}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.observe == nil {
		s.observe = func(PostCommit) {}
	}
	s.slow = &slowLog{s.logger, o.SlowQuery}
	s.posts.commit = s.commitPosts
	s.reactions.commit = s.commitReactions
	if err := s.connect(ctx, o); err != nil {
		return nil, err
	}
	err := s.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM revision_gaps)").Scan(&s.restored)
	if err != nil {
		return nil, errors.Join(translate(err), s.Close())
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, o Options) error {
	if path, ok := strings.CutPrefix(o.URL, "sqlite:"); ok {
		return s.openSQLite(ctx, path)
	}
	if strings.HasPrefix(o.URL, "postgres://") || strings.HasPrefix(o.URL, "postgresql://") {
		return s.openPostgres(ctx, o.URL, o.WaitFor)
	}
	return errors.New(`database URL: it must begin with "sqlite:" or "postgres://"`)
}

// bun returns a pool of connections with the names of columns and the log of slow statements.
func (s *Store) bun(pool *sql.DB, d schema.Dialect) *bun.DB {
	db := withColumns(bun.NewDB(pool, d)).WithQueryHook(queryTracker{})
	if s.slow.over > 0 {
		db = db.WithQueryHook(s.slow)
	}
	return db
}

// Ready returns an error unless the database answers and takes changes.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.file.check(); err != nil {
		return err
	}
	for _, db := range []*bun.DB{s.read, s.write} {
		if _, err := db.ExecContext(ctx, "SELECT 1"); err != nil {
			return fmt.Errorf("database: %w", err)
		}
	}
	return nil
}

// Shared reports whether processes on other machines may work with the same database.
func (s *Store) Shared() bool { return s.dialect.shared() }

// Close waits for what is being committed and closes all connections. No other method
// may be called after it.
func (s *Store) Close() error {
	s.posts.wait()
	s.reactions.wait()
	s.tokenUses.working.Wait()
	s.dialect.wait()
	return errors.Join(s.read.Close(), s.write.Close())
}
