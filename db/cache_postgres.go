package db

import (
	"context"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Scope is what a request reads about. On PostgreSQL one query reads the versions of that, and of
// nothing else.
type Scope struct {
	User    int64     // who asks
	Session string    // the session it is known by; empty for a token
	Room    uuid.UUID // the room in the request's address; uuid.Nil: none, and open rooms may be listed
}

// versionsSQL reads the versions of everything that a page may depend on. Users change seldom: one
// counter is enough for all of them.
const versionsSQL = `SELECT u.version,
	EXISTS (SELECT 1 FROM ended_sessions AS e WHERE e.id = ?),
	coalesce((SELECT md5(string_agg(concat_ws(' ', m.room_id, m.read_position, m.activity_seen, m.favourite, r.revision), ',' ORDER BY m.room_id))
		FROM users_on_room AS m JOIN rooms AS r ON r.id = m.room_id WHERE m.user_id = ?), ''),
	coalesce((SELECT r.revision FROM rooms AS r WHERE r.id = ?), 0),
	CASE WHEN ? THEN coalesce((SELECT md5(string_agg(concat_ws(' ', r.id, r.revision), ',' ORDER BY r.id)) FROM rooms AS r WHERE r.kind = 'open'), '')
		ELSE '' END
FROM users_version AS u`

// queriedVersions reads the versions of tags from the database, for PostgreSQL, where other
// processes write as well: once for each request.
type queriedVersions struct{ db *bun.DB }

// requestVersions is the state that one request is answered from. It is read before the first
// cached result.
type requestVersions struct {
	scope           Scope
	known, outdated bool // it was read; the request has written since

	users    uint64 // counts changes of users
	ended    bool   // the session was signed out
	rooms    uint64 // digest of the user's rooms, with their revisions, its read marks and favourites
	revision uint64 // of the room in the scope, where one is
	open     uint64 // digest of all open rooms, where none is
}

// now reports false for requests that are not tracked or have written something.
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

// changing does nothing: the versions change in the database, with the commit.
func (queriedVersions) changing([]tag) (done func()) { return func() {} }

func (v *requestVersions) query(ctx context.Context, db *bun.DB) error {
	var rooms, open string
	row := db.QueryRowContext(ctx, versionsSQL, v.scope.Session, v.scope.User, v.scope.Room, v.scope.Room == uuid.Nil)
	err := row.Scan(&v.users, &v.ended, &rooms, &v.revision, &open)
	v.rooms, v.open = digest(rooms), digest(open)
	return err
}

// digest returns the first half of an MD5 sum in hexadecimal; 0 for an empty one.
func digest(sum string) uint64 {
	if len(sum) < 16 {
		return 0
	}
	n, _ := strconv.ParseUint(sum[:16], 16, 64) // PostgreSQL writes hexadecimal digits
	return n
}

// version knows the tags within the scope of the request.
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
	case tagMemberships, tagReadMark, tagActivities: // each change of activities is one of a room, or of a member's marks
		return v.rooms, t.user != 0 && t.user == v.scope.User
	case tagAnyRoom:
		return v.open, v.scope.Room == uuid.Nil
	}
	return 0, false
}
