package db

import (
	"context"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Scope is what a request reads about. On PostgreSQL one query learns the versions of just that.
type Scope struct {
	User    int64     // who asks
	Session string    // the session it is known by; empty for a token
	Room    uuid.UUID // the room in the request's address; uuid.Nil: none, and open rooms may be listed
}

// versionsSQL reads the versions of everything that a page of a user may depend on. Users change seldom: one counter for all of them
// is enough.
const versionsSQL = `SELECT p.version,
	EXISTS (SELECT 1 FROM ended_sessions AS e WHERE e.id = ?),
	coalesce((SELECT md5(string_agg(concat_ws(' ', m.room_id, m.read_position, r.revision), ',' ORDER BY m.room_id))
		FROM users_on_room AS m JOIN rooms AS r ON r.id = m.room_id WHERE m.user_id = ?), ''),
	coalesce((SELECT r.revision FROM rooms AS r WHERE r.id = ?), 0),
	CASE WHEN ? THEN coalesce((SELECT md5(string_agg(concat_ws(' ', r.id, r.revision), ',' ORDER BY r.id)) FROM rooms AS r WHERE r.kind = 'open'), '')
		ELSE '' END
FROM people AS p`

// queriedVersions is the versions of tags where other processes write as well: each request asks once for all that it depends on.
type queriedVersions struct{ db *bun.DB }

// requestVersions is the state of things as one request finds it, with its first cached read, and answers it.
type requestVersions struct {
	scope           Scope
	known, outdated bool

	users    uint64 // counts changes of users
	ended    bool   // the session was signed out
	rooms    uint64 // digest of the user's rooms, with their revisions and its read marks
	revision uint64 // of the room in the scope, where one is
	open     uint64 // digest of all open rooms, where none is
}

// now is known to requests that are tracked and have written nothing.
func (q queriedVersions) now(ctx context.Context) (state, bool) {
	r := readsOf(ctx)
	if r == nil || r.request == nil || r.request.outdated {
		return nil, false
	}
	if !r.request.known {
		r.request.known = r.request.query(untracked(ctx), q.db) == nil
	}
	return r.request, r.request.known // where it failed the query that follows fails as well, and says why
}

// changing has nothing to do: the versions change in the database, with the commit.
func (queriedVersions) changing([]tag) (done func()) { return func() {} }

func (v *requestVersions) query(ctx context.Context, db *bun.DB) error {
	var rooms, open string
	row := db.QueryRowContext(ctx, versionsSQL, v.scope.Session, v.scope.User, v.scope.Room, v.scope.Room == uuid.Nil)
	err := row.Scan(&v.users, &v.ended, &rooms, &v.revision, &open)
	v.rooms, v.open = digest(rooms), digest(open)
	return err
}

// digest is the first half of an MD5 sum; 0 where there is none.
func digest(sum string) uint64 {
	if len(sum) < 16 {
		return 0
	}
	n, _ := strconv.ParseUint(sum[:16], 16, 64) // PostgreSQL writes hexadecimal digits
	return n
}

// version knows the tags within the request's scope.
func (v *requestVersions) version(t tag) (uint64, bool) {
	switch t.kind {
	case tagEverything, tagUser, tagAnyUser:
		return v.users, true
	case tagSession:
		ended := uint64(0)
		if v.ended {
			ended = 1
		}
		return ended, t == sessionTag(v.scope.Session)
	case tagRoom:
		if t.room == v.scope.Room {
			return v.revision, true
		}
		fallthrough // one of the user's own rooms, or not known
	case tagMemberships, tagReadMark:
		return v.rooms, t.user != 0 && t.user == v.scope.User
	case tagAnyRoom:
		return v.open, v.scope.Room == uuid.Nil
	}
	return 0, false
}
