package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"

	"sarangbang/migrations"
)

const (
	// postgresConnections is the size of the pool. A few processes fit into PostgreSQL's default of
	// 100.
	postgresConnections = 20
	postgresIdle        = 5 * time.Minute
	postgresLifetime    = time.Hour
	postgresDial        = 5 * time.Second
	postgresRetry       = 500 * time.Millisecond
	// postgresAnswer is how long the driver waits for an answer. The server gives up a little
	// earlier, so that it can say why.
	postgresAnswer = 32 * time.Second
	// migrationAnswer is how long one migration may take, or the wait for that of another process.
	migrationAnswer = 10 * time.Minute
)

// postgresSession are the settings of every connection. What is acknowledged is durable, whatever
// the server's default is, and a process that hangs does not hold the lock of a room for ever.
var postgresSession = map[string]any{
	"synchronous_commit":                  "on",
	"timezone":                            "UTC",
	"statement_timeout":                   "30s",
	"idle_in_transaction_session_timeout": "30s",
}

// openPostgres connects to a server, which may come up for some time yet.
func (s *Store) openPostgres(ctx context.Context, address string, wait time.Duration) error {
	options, err := postgresOptions(address)
	if err != nil {
		return err
	}
	if err := s.awaitPostgres(ctx, options, wait); err != nil {
		return fmt.Errorf("database: %w", explainTLS(err))
	}
	if err := migratePostgres(ctx, options); err != nil {
		return fmt.Errorf("database: %w", explainTLS(err))
	}
	options = append(options, pgdriver.WithConnParams(postgresSession),
		pgdriver.WithReadTimeout(postgresAnswer), pgdriver.WithResetSessionFunc(alive))
	pool := sql.OpenDB(piggybackConnector{pgdriver.NewConnector(options...)})
	pool.SetMaxOpenConns(postgresConnections)
	pool.SetMaxIdleConns(postgresConnections)
	pool.SetConnMaxIdleTime(postgresIdle)
	pool.SetConnMaxLifetime(postgresLifetime)
	s.write = s.bun(pool, pgdialect.New())
	s.read = s.write
	s.dialect = postgresDialect{}
	s.cache = newCache(queriedVersions{s.read}, false)
	return nil
}

// awaitPostgres waits until a server can be reached, which is asked again after postgresRetry.
// Errors: ErrUnavailable when it could not be for so long; what it answers else, at once.
func (s *Store) awaitPostgres(ctx context.Context, options []pgdriver.Option, wait time.Duration) error {
	pool := sql.OpenDB(pgdriver.NewConnector(options...))
	defer pool.Close()
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for attempt := 0; ; attempt++ {
		err := pool.PingContext(ctx)
		switch {
		case err == nil || !isUnavailable(err):
			return err
		case attempt == 0 && wait > 0:
			s.logger.Warn("waiting for the database", "at_most", wait, "error", err)
		}
		if !pause(waiting, postgresRetry) {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
}

// migratePostgres brings the schema up to date, over connections of its own, which wait longer.
func migratePostgres(ctx context.Context, options []pgdriver.Option) error {
	options = append(options[:len(options):len(options)], pgdriver.WithReadTimeout(migrationAnswer))
	pool := sql.OpenDB(pgdriver.NewConnector(options...))
	defer pool.Close()
	pool.SetMaxOpenConns(2)
	return migrations.Up(ctx, bun.NewDB(pool, pgdialect.New()))
}
