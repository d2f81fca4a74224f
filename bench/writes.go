package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/driver/pgdriver"
	"golang.org/x/sync/errgroup"

	"sarangbang/db"
)

// Ways to write messages. The first two are the limits of posting: one INSERT for each commit, and one INSERT and one commit for all that
// wait. The last is not this process's.
const (
	writeOne   = "one-by-one"
	writeGroup = "group-commit"
	writeStore = "store"
	writeHTTP  = "HTTP"
)

// groupMost is how many rows are committed together at most.
const groupMost = 256

// writing writes messages into one room as fast as it can.
type writing struct {
	room   uuid.UUID
	author *db.User
	size   int // of a body
	last   atomic.Int64
	write  func(ctx context.Context, body string) error
}

// runWrites is the main function of the process that writes. Its arguments: way, database, room, writers, size of a body, how long.
func runWrites(args []string, out io.Writer) error {
	how, database := args[0], args[1]
	writers, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	span, err := time.ParseDuration(args[5])
	if err != nil {
		return err
	}
	w := &writing{room: uuid.MustParse(args[2]), author: new(db.User)}
	if w.size, err = strconv.Atoi(args[4]); err != nil {
		return err
	}
	closeIt, err := w.open(how, database, writers)
	if err != nil {
		return err
	}
	defer closeIt()
	if _, err := w.run(writers, span/3); err != nil { // the warm-up
		return err
	}
	result, err := w.run(writers, span)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

func (w *writing) open(how, database string, writers int) (closeIt func() error, err error) {
	pool, err := openDurable(database, writers)
	if err != nil {
		return nil, err
	}
	err = pool.NewSelect().Model(w.author).Join("JOIN users_on_room AS m ON m.user_id = u.id").Where("m.room_id = ?", w.room).
		OrderExpr("u.id").Limit(1).Scan(context.Background())
	if err != nil {
		return nil, err
	}
	switch how {
	case writeOne:
		w.write = func(ctx context.Context, body string) error {
			return w.insert(ctx, pool, []*db.Message{w.message(body)})
		}
	case writeGroup:
		g := &grouping{writing: w, pool: pool}
		w.write = g.write
	default:
		store, err := db.Open(context.Background(), db.Options{URL: database})
		w.write = func(ctx context.Context, body string) error {
			_, _, err := store.PostMessage(ctx, w.author, w.room, body, "")
			return err
		}
		return store.Close, err
	}
	return pool.Close, nil
}

// openDurable opens a database with the settings of the store: what is committed survives a power cut.
func openDurable(database string, writers int) (*bun.DB, error) {
	path, lite := strings.CutPrefix(database, "sqlite:")
	if !lite {
		pool := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(database), pgdriver.WithConnParams(map[string]any{"synchronous_commit": "on"})))
		pool.SetMaxOpenConns(min(writers, 32))
		pool.SetMaxIdleConns(min(writers, 32))
		return bun.NewDB(pool, pgdialect.New()), nil
	}
	settings := url.Values{"_timezone": {"UTC"}, "_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(10000)", "foreign_keys(1)", "cache_size(-8192)", "temp_store(memory)", "journal_mode(wal)", "synchronous(full)"}}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+settings.Encode())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return bun.NewDB(pool, sqlitedialect.New()), nil
}

func (w *writing) message(body string) *db.Message {
	position := w.last.Add(1)
	return &db.Message{
		RoomID: w.room, Position: position, Revision: position + 1, AuthorID: w.author.ID, Body: body,
		PostedAt: time.Now().UTC().Truncate(time.Microsecond),
	}
}

func (w *writing) insert(ctx context.Context, pool *bun.DB, rows []*db.Message) error {
	_, err := pool.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// run lets so many writers write at once, each after its last write has been committed.
func (w *writing) run(writers int, span time.Duration) (writes, error) {
	ctx, stop := context.WithTimeout(context.Background(), span)
	defer stop()
	start := time.Now()
	times := make([]histogram, writers)
	var group errgroup.Group
	for i := range writers {
		group.Go(func() error {
			for n := int64(0); ctx.Err() == nil; n++ {
				before := time.Now()
				body := string(appendBody(nil, n, before.UnixNano(), w.size))
				if err := w.write(context.Background(), body); err != nil {
					return fmt.Errorf("a write: %w", err)
				}
				times[i].add(time.Since(before))
			}
			return nil
		})
	}
	err := group.Wait()
	for i := range times[1:] {
		times[0].merge(&times[1+i])
	}
	return writes{PerSecond: float64(times[0].total) / time.Since(start).Seconds(), Times: times[0].spread()}, err
}

// grouping commits together what waits while the last group is committed.
type grouping struct {
	*writing
	pool *bun.DB

	mu      sync.Mutex
	waiting []waitingRow
	busy    bool
}

type waitingRow struct {
	message *db.Message
	done    chan error
}

func (g *grouping) write(_ context.Context, body string) error {
	row := waitingRow{g.message(body), make(chan error, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, row)
	begin := !g.busy
	g.busy = true
	g.mu.Unlock()
	if begin {
		go g.commit()
	}
	return <-row.done
}

func (g *grouping) commit() {
	for {
		g.mu.Lock()
		group := g.waiting[:min(len(g.waiting), groupMost)]
		g.waiting = append([]waitingRow(nil), g.waiting[len(group):]...)
		g.busy = len(group) > 0
		g.mu.Unlock()
		if len(group) == 0 {
			return
		}
		rows := make([]*db.Message, len(group))
		for i, row := range group {
			rows[i] = row.message
		}
		err := g.insert(context.Background(), g.pool, rows)
		for _, row := range group {
			row.done <- err
		}
	}
}
