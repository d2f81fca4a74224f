package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/uptrace/bun/driver/pgdriver"
)

// piggybackConnector opens connections to PostgreSQL on which a transaction costs no round trips
// of its own: BEGIN is sent together with the first statement, and COMMIT together with a
// statement whose text ends in andCommit. A batch of posts takes two round trips instead of four,
// and one writer alone waits a sixth less (docs/performance.md). Other writers wait less as well:
// the rooms are locked for as long as the round trips after the first take.
type piggybackConnector struct{ *pgdriver.Connector }

// andCommit is the end of the last statement of a transaction. If the database answers that
// statement with an error nothing is committed; after any other error nobody knows.
const andCommit = "; COMMIT"

func (c piggybackConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &piggybackConn{Conn: conn.(*pgdriver.Conn)}, nil
}

// piggybackConn is such a connection and its own transaction. Like all connections of database/sql
// it is used by one goroutine at a time.
type piggybackConn struct {
	*pgdriver.Conn
	begin string // BEGIN with its options, until it is sent
	open  bool   // BEGIN was sent, and neither COMMIT nor ROLLBACK
}

func (c *piggybackConn) BeginTx(_ context.Context, o driver.TxOptions) (driver.Tx, error) {
	if !c.IsValid() {
		return nil, driver.ErrBadConn
	}
	c.begin = "BEGIN"
	if level := sql.IsolationLevel(o.Isolation); level != sql.LevelDefault {
		c.begin += " ISOLATION LEVEL " + level.String()
	}
	if o.ReadOnly {
		c.begin += " READ ONLY"
	}
	return c, nil
}

// afterBegin returns a statement that is about to be sent, behind a BEGIN that has not been sent.
func (c *piggybackConn) afterBegin(query string) string {
	if c.begin != "" {
		query, c.begin, c.open = c.begin+"; "+query, "", true
	}
	return query
}

func (c *piggybackConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.Conn.ExecContext(ctx, c.afterBegin(query), args)
	if err == nil && strings.HasSuffix(query, andCommit) {
		c.open = false
	}
	return result, err
}

func (c *piggybackConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.QueryContext(ctx, c.afterBegin(query), args)
}

// PrepareContext sends BEGIN by itself: only one statement can be prepared at a time.
func (c *piggybackConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if c.begin != "" {
		if _, err := c.ExecContext(ctx, "SELECT 1", nil); err != nil {
			return nil, err
		}
	}
	return c.Conn.PrepareContext(ctx, query)
}

func (c *piggybackConn) Commit() error { return c.end("COMMIT") }

func (c *piggybackConn) Rollback() error { return c.end("ROLLBACK") }

// end ends the transaction, of which the database may not know yet, or no longer.
func (c *piggybackConn) end(statement string) error {
	open := c.open
	c.begin, c.open = "", false
	if !open {
		return nil
	}
	_, err := c.Conn.ExecContext(context.Background(), statement, nil)
	return err
}
