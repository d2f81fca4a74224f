package main

import (
	"context"
	"fmt"
	"io"

	"sarangbang/db"
)

// command is what the program does besides serving.
type command struct {
	name    string
	operand string // what it is for; empty: it takes none
	meaning string
	do      func(cfg config, ctx context.Context, operand string, stdout io.Writer) error
}

// commands returns the commands in the order of the help.
func commands() []command {
	return []command{
		{"backup", "FILE.tar", "write the SQLite database and the session key to a file; the service may run", config.backup},
		{"restore", "FILE.tar", "put back what backup has written; what was there is moved aside", config.restore},
		{"recover", "NAME", "print a link by which somebody sets a new password; the service may run", config.recover},
		{"restored", "", "tell that PostgreSQL was put back from a backup, before the service starts", config.restored},
	}
}

// commandOf returns what the words among the arguments ask for; nil without words, which is to
// serve.
func commandOf(words []string) (func(config, context.Context, io.Writer) error, error) {
	if len(words) == 0 {
		return nil, nil
	}
	for _, c := range commands() {
		switch {
		case c.name != words[0]:
		case c.operand == "" && len(words) == 1:
			return func(cfg config, ctx context.Context, stdout io.Writer) error { return c.do(cfg, ctx, "", stdout) }, nil
		case c.operand != "" && len(words) == 2:
			return func(cfg config, ctx context.Context, stdout io.Writer) error { return c.do(cfg, ctx, words[1], stdout) }, nil
		default:
			return nil, wrong("usage: sarangbang %s %s", c.name, c.operand)
		}
	}
	return nil, wrong("unexpected argument %q", words[0])
}

// restored marks a database that was put back from a backup, see db.Store.BeginLife.
func (cfg config) restored(ctx context.Context, _ string, stdout io.Writer) error {
	unlock, err := db.Lock(cfg.databaseURL())
	if err != nil {
		return wrong("%s: %w", cfg.databaseSetting(), err)
	}
	defer unlock()
	store, err := db.Open(ctx, db.Options{URL: cfg.databaseURL()})
	if err != nil {
		return wrong("%s: %w", cfg.databaseSetting(), err)
	}
	defer store.Close()
	if err := store.BeginLife(ctx); err != nil {
		return fmt.Errorf("restored: %w", err)
	}
	fmt.Fprintln(stdout, "The database has begun a new life. Start the service.")
	return nil
}
