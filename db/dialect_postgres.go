package db

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
)

// signUpLock is the advisory lock of somebody who signs up.
const signUpLock = 7_364_210_992

// postgresDialect works with locks of rows, because any number of connections and processes write.
type postgresDialect struct{ postgresPosts }

func (postgresDialect) shared() bool { return true }

func (postgresDialect) snapshot() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}

func (postgresDialect) forUpdate(q *bun.SelectQuery) *bun.SelectQuery { return q.For("UPDATE") }

func (postgresDialect) lockSignUp(ctx context.Context, tx bun.Tx) error {
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", signUpLock)
	return err
}

// The list is one value, which costs the planner nothing however long it is.
func (postgresDialect) headsSQL() string {
	return `SELECT r.id, r.revision FROM json_array_elements_text(?::json) AS wanted (id) JOIN rooms AS r ON r.id = wanted.id::uuid`
}

func (postgresDialect) rowsIn() string { return "?" }

// The server does by itself what has to be done in the background.

func (postgresDialect) committed(int) {}

func (postgresDialect) wait() {}
