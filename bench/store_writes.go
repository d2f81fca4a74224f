package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"sarangbang/db"
)

// Ways to write messages. The first two are the limits of posting: one INSERT for each commit, and
// one INSERT and one commit for all that wait. The last is no way of the process that writes.
const (
	writeOne   = "one-by-one"
	writeGroup = "group-commit"
	writeStore = "store"
	writeHTTP  = "HTTP"
)

// writeTask is the input of the process that writes. Its output is a throughput.
type writeTask struct {
	Way      string
	Database string
	Room     uuid.UUID
	Writers  int
	Size     int           // of a body
	Span     time.Duration // of measuring
}

// roomWriter writes messages into one room.
type roomWriter struct {
	writeTask
	author *db.User
	last   atomic.Int64 // position
}

// runWrites is the main function of the process that writes.
func runWrites(in io.Reader, out io.Writer) error {
	w := &roomWriter{author: new(db.User)}
	if err := json.NewDecoder(in).Decode(&w.writeTask); err != nil {
		return err
	}
	pool, err := openDatabase(w.Database, true, min(w.Writers, 32))
	if err != nil {
		return err
	}
	defer pool.Close()
	err = pool.NewSelect().Model(w.author).Join("JOIN users_on_room AS m ON m.user_id = u.id").
		Where("m.room_id = ?", w.Room).OrderExpr("u.id").Limit(1).Scan(context.Background())
	if err != nil {
		return err
	}
	write := func(ctx context.Context, body string) error {
		return insert(ctx, pool, []*db.Message{w.message(body)})
	}
	switch w.Way {
	case writeGroup:
		write = (&groupCommit{roomWriter: w, pool: pool}).write
	case writeStore:
		store, err := db.Open(context.Background(), db.Options{URL: w.Database})
		if err != nil {
			return err
		}
		defer store.Close()
		write = func(ctx context.Context, body string) error {
			_, _, err := store.PostMessage(ctx, w.author, w.Room, body, "")
			return err
		}
	}
	open := func(int) (operation, error) {
		n := int64(0)
		return operation{close: func() {}, do: func(context.Context) error {
			n++
			body := appendBody(nil, n, time.Now().UnixNano(), w.Size)
			return write(context.Background(), string(body)) // a write is never given up half-way
		}}, nil
	}
	result, err := measureThroughput(context.Background(), os.Getpid(), w.Span, w.Writers, open)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

func (w *roomWriter) message(body string) *db.Message {
	position := w.last.Add(1)
	return &db.Message{
		RoomID: w.Room, Position: position, Revision: position + 1, AuthorID: w.author.ID, Body: body,
		PostedAt: time.Now().UTC().Truncate(time.Microsecond),
	}
}

// groupMost is how many rows are committed together, at most.
const groupMost = 256

// groupCommit commits together what waits while the last group is committed.
type groupCommit struct {
	*roomWriter
	pool *bun.DB

	mu      sync.Mutex
	waiting []pendingRow
	busy    bool // a goroutine commits
}

type pendingRow struct {
	message *db.Message
	done    chan error
}

func (g *groupCommit) write(_ context.Context, body string) error {
	row := pendingRow{g.message(body), make(chan error, 1)}
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

// commit commits groups until nothing waits.
func (g *groupCommit) commit() {
	for {
		g.mu.Lock()
		group := g.waiting[:min(len(g.waiting), groupMost)]
		g.waiting = append([]pendingRow(nil), g.waiting[len(group):]...)
		g.busy = len(group) > 0
		g.mu.Unlock()
		if len(group) == 0 {
			return
		}
		rows := make([]*db.Message, len(group))
		for i, row := range group {
			rows[i] = row.message
		}
		err := insert(context.Background(), g.pool, rows)
		for _, row := range group {
			row.done <- err
		}
	}
}
