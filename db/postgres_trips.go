package db

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/uptrace/bun/driver/pgdriver"
)

// savingTrips connects to PostgreSQL so that BEGIN travels with the first statement of a transaction, and COMMIT with the last where
// that is known. Each round trip saved is time in which nobody else gets the locks of the transaction.
type savingTrips struct{ *pgdriver.Connector }

func (c savingTrips) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &tripSaver{Conn: conn.(*pgdriver.Conn)}, nil
}

// tripSaver is such a connection. Like any it is used by one goroutine at a time.
type tripSaver struct {
	*pgdriver.Conn
	begin string // what begins the transaction, until it has been sent
	open  bool   // the transaction has begun in the database
}

// lastStatement marks the context of a statement that is the last of its transaction, so that COMMIT may travel with it. When the
// statement fails with an answer of the database nothing is committed; with any other error nobody knows.
type lastStatement struct{}

func (c *tripSaver) BeginTx(_ context.Context, o driver.TxOptions) (driver.Tx, error) {
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

// began is called before a statement is sent and puts the beginning of the transaction before it.
func (c *tripSaver) began(query string) string {
	if c.begin == "" {
		return query
	}
	query, c.begin, c.open = c.begin+"; "+query, "", true
	return query
}

func (c *tripSaver) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	query = c.began(query)
	last := c.open && ctx.Value(lastStatement{}) != nil
	if last {
		query += "; COMMIT"
	}
	result, err := c.Conn.ExecContext(ctx, query, args)
	if last && err == nil {
		c.open = false
	}
	return result, err
}

func (c *tripSaver) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.QueryContext(ctx, c.began(query), args)
}

// PrepareContext begins the transaction first: a statement is prepared alone.
func (c *tripSaver) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if c.begin != "" {
		if _, err := c.ExecContext(ctx, "SELECT 1", nil); err != nil {
			return nil, err
		}
	}
	return c.Conn.PrepareContext(ctx, query)
}

func (c *tripSaver) Commit() error { return c.end("COMMIT") }

func (c *tripSaver) Rollback() error { return c.end("ROLLBACK") }

// end ends the transaction, which the database may know nothing of, not yet or no longer.
func (c *tripSaver) end(how string) error {
	open := c.open
	c.begin, c.open = "", false
	if !open {
		return nil
	}
	_, err := c.Conn.ExecContext(context.Background(), how, nil)
	return err
}
