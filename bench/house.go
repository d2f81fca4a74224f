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
	// writersInHouse is how many people take turns to write; each is in every room.
	writersInHouse = 16
	// rowsAtOnce is how many rows one statement inserts.
	rowsAtOnce = 1000
)

// house is what the real program finds in its database.
type house struct {
	database string // DATABASE_URL
	rooms    []string
	readers  []string // tokens: reader i is in room i/readers of the shape, and nowhere else
	writers  []string // tokens
}

// builder fills a database before the program starts, many rows at a time: signing up ten thousand people would take minutes.
type builder struct {
	db  *bun.DB
	at  time.Time
	tag string // makes names of this house unlike those of others in the same database
}

// furnish makes a house: rooms with their readers, people who write in all of them, and so many messages in each room that nobody
// has read yet.
func (b *bench) furnish(ctx context.Context, name string, s shape, messages int) (*house, error) {
	h := &house{database: b.database}
	if h.database == "" {
		b.houses++
		h.database = "sqlite:" + filepath.Join(b.dir, fmt.Sprintf("%s-%d.db", name, b.houses))
	}
	store, err := db.Open(ctx, db.Options{URL: h.database}) // makes the tables
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	build := &builder{at: time.Now().UTC().Truncate(time.Microsecond), tag: strings.ToLower(rand.Text()[:8])}
	if build.db, err = openRaw(h.database); err != nil {
		return nil, err
	}
	defer build.db.Close()
	if err := build.house(ctx, h, s, messages); err != nil {
		return nil, fmt.Errorf("filling the database: %w", err)
	}
	if b.database != "" { // PostgreSQL does it by itself in time, SQLite never
		_, err = build.db.ExecContext(ctx, "ANALYZE")
	}
	return h, err
}

// openRaw opens a database past the store, to write rows by the thousand. They need not be safe from a power cut.
func openRaw(database string) (*bun.DB, error) {
	path, lite := strings.CutPrefix(database, "sqlite:")
	if !lite {
		return bun.NewDB(sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(database))), pgdialect.New()), nil
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_timezone=UTC&_pragma=busy_timeout(10000)&_pragma=synchronous(off)")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return bun.NewDB(pool, sqlitedialect.New()), nil
}

func (b *builder) house(ctx context.Context, h *house, s shape, messages int) error {
	users, tokens, err := b.people(ctx, writersInHouse+s.streams())
	if err != nil {
		return err
	}
	h.writers, h.readers = tokens[:writersInHouse], tokens[writersInHouse:]
	writers, readers := users[:writersInHouse], users[writersInHouse:]
	var rooms []*db.Room
	var members []*db.UsersOnRoom
	for i := range s.rooms {
		room := b.room(i, writers[0].ID, int64(messages))
		rooms = append(rooms, room)
		h.rooms = append(h.rooms, room.ID.String())
		for _, u := range append(writers[:writersInHouse:writersInHouse], readers[i*s.readers:(i+1)*s.readers]...) {
			members = append(members, &db.UsersOnRoom{RoomID: room.ID, UserID: u.ID, JoinedAt: b.at, Notify: "all"})
		}
	}
	if err := insert(ctx, b.db, rooms); err != nil {
		return err
	}
	if err := insert(ctx, b.db, members); err != nil {
		return err
	}
	for _, room := range rooms {
		if err := b.messages(ctx, room, writers); err != nil {
			return err
		}
	}
	return nil
}

// people makes accounts that cannot sign in, each with a token.
func (b *builder) people(ctx context.Context, n int) (users []*db.User, secrets []string, err error) {
	for i := range n {
		name := fmt.Sprintf("%s.%d", b.tag, i)
		users = append(users, &db.User{
			Name: name, NameKey: name, DisplayName: "Guest " + name, Language: "en", TimeZone: "UTC",
			Role: db.RoleMember, Epoch: 1, Version: 1, CreatedAt: b.at,
		})
	}
	if err := insert(ctx, b.db, users, "display_key"); err != nil {
		return nil, nil, err
	}
	tokens := make([]*db.Token, n)
	for i, u := range users {
		secret := "sb_" + rand.Text() + rand.Text()
		hash := sha256.Sum256([]byte(secret))
		tokens[i] = &db.Token{UserID: u.ID, Title: "bench", Hash: hash[:], CreatedAt: b.at, LastUsedAt: &b.at}
		secrets = append(secrets, secret)
	}
	return users, secrets, insert(ctx, b.db, tokens)
}

// room has counters as if each message had been posted and nothing else had happened since it was made.
func (b *builder) room(i int, creator, messages int64) *db.Room {
	return &db.Room{
		ID: uuid.New(), Title: fmt.Sprintf("Room %s %d", b.tag, i), Kind: db.KindOpen, CreatedBy: creator, CreatedAt: b.at,
		LastPosition: messages, Revision: 1 + messages, RoomRevision: 1, ActiveAt: b.at,
	}
}

// saidEvery is how far apart the messages of a history are: a few in a row share a header.
const saidEvery = time.Minute

// messages fills a room with what its people said, to a minute ago.
func (b *builder) messages(ctx context.Context, r *db.Room, authors []*db.User) error {
	rows := make([]*db.Message, 0, rowsAtOnce)
	var previous *db.Message
	for position := int64(1); position <= r.LastPosition; position++ {
		m := &db.Message{
			RoomID: r.ID, Position: position, Revision: 1 + position, AuthorID: authors[position/3%int64(len(authors))].ID,
			Body: said(position), PostedAt: b.at.Add(time.Duration(position-r.LastPosition-1) * saidEvery),
		}
		if previous != nil {
			m.PreviousAt, m.Continues = &previous.PostedAt, previous.AuthorID == m.AuthorID
		}
		previous = m
		if rows = append(rows, m); len(rows) == rowsAtOnce || position == r.LastPosition {
			if err := insert(ctx, b.db, rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	return nil
}

// said is what people write: mostly short, some of it marked up.
func said(position int64) string {
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

// insert writes rows in batches, some columns with a value that does not matter.
func insert[Row any](ctx context.Context, db *bun.DB, rows []*Row, empty ...string) error {
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
