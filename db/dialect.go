package db

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
)

// dialect is what differs between SQLite and PostgreSQL beyond what bun translates. A store has
// one, from when it is opened on.
type dialect interface {
	// shared reports whether other processes may write to the same database.
	shared() bool
	// snapshot returns the options of a transaction in which all queries see the same state.
	snapshot() *sql.TxOptions
	// forUpdate keeps others from changing the selected rows until the transaction ends.
	forUpdate(*bun.SelectQuery) *bun.SelectQuery
	// lockSignUp keeps other transactions from signing somebody up until this one ends.
	lockSignUp(context.Context, bun.Tx) error
	// headsSQL selects id and revision of some rooms. Its argument is a JSON list of their ids.
	headsSQL() string
	// rowsIn is what stands in the parentheses of "(a, b) IN ()", with a list of rows as its
	// argument.
	rowsIn() string
	// committed is called after each commit with the number of its changes.
	committed(changes int)
	// wait returns when nothing runs in the background.
	wait()

	postStatements
}

// postStatements are the statements of the posting path. Their texts are the same for one post and
// for hundreds, so that the database parses and plans them once: that takes longer than to execute
// them. bun's builder would make a new text each time.
type postStatements interface {
	// readMembers locks the rooms of posts until the end of the transaction and returns those of
	// the authors who may write there; several posts may share one.
	readMembers(context.Context, bun.Tx, []*post) ([]*memberRow, error)
	// readKeyed returns the messages that were posted with keys before.
	readKeyed(context.Context, bun.Tx, []postKey) ([]*Message, error)
	// writePosts stores what some posts change, as the last statements of the transaction, which it
	// may commit.
	writePosts(context.Context, bun.Tx, postWrites) error
}
