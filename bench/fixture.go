package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/pgdriver"

	"sarangbang/db"
)

const (
	// fixtureWriters is how many people take turns to write; each is in every room.
	fixtureWriters = 16
	// rowsAtOnce is how many rows one statement inserts.
	rowsAtOnce = 1000
	// messageInterval is how far apart the messages of a history are: a few in a row share a
	// header.
	messageInterval = time.Minute
)

// fixture is what the real program finds in its database.
type fixture struct {
	database string // DATABASE_URL
	rooms    []string
	readers  []string // tokens: reader i is in room i/readers of the shape, and nowhere else
	writers  []string // tokens
}

// newFixture makes rooms with their readers, people who write in all of them, and that many
// messages in each room, which nobody has read yet.
func (b *bench) newFixture(ctx context.Context, name string, s shape, messages int) *fixture {
	f, build := b.emptyFixture(ctx, name)
	defer finish(build.db.Close)
	build.fill(ctx, f, s, messages)
	build.analyze(ctx, b)
	return f
}

// emptyFixture makes a database with its tables, and a builder that fills it.
func (b *bench) emptyFixture(ctx context.Context, name string) (*fixture, *builder) {
	f := &fixture{database: b.database}
	if f.database == "" {
		b.databases++
		f.database = "sqlite:" + filepath.Join(b.dir, fmt.Sprintf("%s-%d.db", name, b.databases))
	}
	check(must(db.Open(ctx, db.Options{URL: f.database})).Close()) // makes the tables
	return f, &builder{
		db: must(openDatabase(f.database, false, 1)),
		at: time.Now().UTC().Truncate(time.Microsecond), tag: strings.ToLower(rand.Text()[:8]),
	}
}

// analyze lets PostgreSQL plan its queries for what is there. It does that by itself in time;
// SQLite never does.
func (b *builder) analyze(ctx context.Context, of *bench) {
	if of.database != "" {
		must(b.db.ExecContext(ctx, "ANALYZE"))
	}
}

// builder fills a database before the program starts, many rows at a time, because ten thousand
// people would need minutes to sign up.
type builder struct {
	db  *bun.DB
	at  time.Time
	tag string // part of all names, which differ from those of other fixtures in the same database
}

func (b *builder) fill(ctx context.Context, f *fixture, s shape, messages int) {
	users, tokens := b.people(ctx, fixtureWriters+s.streams())
	f.writers, f.readers = tokens[:fixtureWriters], tokens[fixtureWriters:]
	writers, readers := users[:fixtureWriters:fixtureWriters], users[fixtureWriters:]
	var rooms []*db.Room
	var members []*db.UsersOnRoom
	for i := range s.rooms {
		room := b.room(i, writers[0].ID, int64(messages))
		rooms = append(rooms, room)
		f.rooms = append(f.rooms, room.ID.String())
		for _, u := range append(writers, readers[i*s.readers:(i+1)*s.readers]...) {
			members = append(members, &db.UsersOnRoom{RoomID: room.ID, UserID: u.ID, JoinedAt: b.at, Notify: "all"})
		}
	}
	check(insert(ctx, b.db, rooms))
	check(insert(ctx, b.db, members))
	for _, room := range rooms {
		b.messages(ctx, room, writers)
	}
}

// people makes accounts that cannot sign in, each with a token.
func (b *builder) people(ctx context.Context, n int) (users []*db.User, secrets []string) {
	for i := range n {
		name := fmt.Sprintf("%s.%d", b.tag, i)
		users = append(users, &db.User{
			Name: name, NameKey: name, DisplayName: "Guest " + name, Language: "en", TimeZone: "UTC",
			Role: db.RoleMember, Epoch: 1, Version: 1, RoomOrder: db.OrderByActivity, CreatedAt: b.at,
		})
	}
	check(insert(ctx, b.db, users, "display_key"))
	tokens := make([]*db.Token, n)
	for i, u := range users {
		secret := "sb_" + rand.Text() + rand.Text()
		hash := sha256.Sum256([]byte(secret))
		tokens[i] = &db.Token{UserID: u.ID, Title: "bench", Hash: hash[:], CreatedAt: b.at, LastUsedAt: &b.at}
		secrets = append(secrets, secret)
	}
	check(insert(ctx, b.db, tokens))
	return users, secrets
}

// room has the counters that it would have if each message had been posted and nothing else had
// happened since it was made.
func (b *builder) room(i int, creator, messages int64) *db.Room {
	return &db.Room{
		ID: uuid.New(), Title: fmt.Sprintf("Room %s %d", b.tag, i), Kind: db.KindOpen,
		CreatedBy: creator, CreatedAt: b.at, ActiveAt: b.at,
		LastPosition: messages, Revision: 1 + messages, RoomRevision: 1,
	}
}

// messages fills a room with messages, the last of them a minute old.
func (b *builder) messages(ctx context.Context, r *db.Room, authors []*db.User) {
	rows := make([]*db.Message, 0, rowsAtOnce)
	var previous *db.Message
	for position := int64(1); position <= r.LastPosition; position++ {
		m := &db.Message{
			RoomID: r.ID, Position: position, Revision: 1 + position,
			AuthorID: authors[position/3%int64(len(authors))].ID, Body: sampleText(position),
			PostedAt: b.at.Add(time.Duration(position-r.LastPosition-1) * messageInterval),
		}
		if previous != nil {
			m.PreviousAt, m.Continues = &previous.PostedAt, previous.AuthorID == m.AuthorID
		}
		previous = m
		if rows = append(rows, m); len(rows) == rowsAtOnce || position == r.LastPosition {
			check(insert(ctx, b.db, rows))
			rows = rows[:0]
		}
	}
}

// sampleText returns a message as people write it: mostly short, some of it marked up.
func sampleText(position int64) string {
	n := int(position * 37 % 90)
	text := fmt.Sprintf("%d: %s", position, strings.TrimSpace(words[n:min(n+20+n%60, len(words))]))
	switch position % 10 {
	case 3:
		return text + " **안녕하세요** 오늘 회의는 몇 시인가요?"
	case 7:
		return text + "\n\nhttps://example.org/" + fmt.Sprint(position)
	}
	return text
}

// openDatabase opens a database past the store. If durable is set, it has the settings of the
// store, with which a commit survives a power cut; without it rows can be written by the thousand.
// conns bounds the connections to PostgreSQL; SQLite has one.
func openDatabase(database string, durable bool, conns int) (*bun.DB, error) {
	path, isSQLite := strings.CutPrefix(database, "sqlite:")
	if !isSQLite {
		options := []pgdriver.Option{pgdriver.WithDSN(database)}
		if durable {
			options = append(options, pgdriver.WithConnParams(map[string]any{"synchronous_commit": "on"}))
		}
		pool := sql.OpenDB(pgdriver.NewConnector(options...))
		pool.SetMaxOpenConns(conns)
		pool.SetMaxIdleConns(conns)
		return bun.NewDB(pool, pgdialect.New()), nil
	}
	settings := url.Values{"_timezone": {"UTC"}, "_pragma": {"busy_timeout(10000)", "synchronous(off)"}}
	if durable {
		settings = url.Values{"_timezone": {"UTC"}, "_txlock": {"immediate"}, "_pragma": {
			"busy_timeout(10000)", "foreign_keys(1)", "cache_size(-8192)", "temp_store(memory)", "journal_mode(wal)",
			"synchronous(full)"}}
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+settings.Encode())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return bun.NewDB(pool, sqlitedialect.New()), nil
}

// insert writes rows in batches. The columns named in empty get the empty text, which will do
// there.
func insert[Row any](ctx context.Context, db bun.IDB, rows []*Row, empty ...string) error {
	for len(rows) > 0 {
		batch := rows[:min(len(rows), rowsAtOnce)]
		rows = rows[len(batch):]
		q := db.NewInsert().Model(&batch)
		for _, column := range empty {
			q.Value(column, "''")
		}
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
