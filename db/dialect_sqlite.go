package db

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
)

// sqliteDialect needs no locks: there is one connection that writes, so that transactions which
// write follow one another.
type sqliteDialect struct {
	*sqlitePosts
	*checkpoints
}

func (sqliteDialect) shared() bool { return false }

func (sqliteDialect) snapshot() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

func (sqliteDialect) forUpdate(q *bun.SelectQuery) *bun.SelectQuery { return q }

func (sqliteDialect) lockSignUp(context.Context, bun.Tx) error { return nil }

// The list is one value, which costs the planner nothing however long it is.
func (sqliteDialect) headsSQL() string {
	return `SELECT r.id, r.revision FROM json_each(?) AS wanted CROSS JOIN rooms AS r ON r.id = wanted.value`
}

func (sqliteDialect) rowsIn() string { return "VALUES ?" }
