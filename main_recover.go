package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"sarangbang/db"
	"sarangbang/handlers"
)

// recover prints a link by which the user of a name sets a new password, once and within a day. The
// service may run meanwhile. Without BASE_URL the link has the address that the service listens at.
func (cfg config) recover(ctx context.Context, name string, stdout io.Writer) error {
	store, err := db.Open(ctx, db.Options{URL: cfg.databaseURL()})
	if err != nil {
		return wrong("%s: %w", cfg.databaseSetting(), err)
	}
	defer store.Close()
	user, err := store.UserByName(ctx, name)
	if errors.Is(err, db.ErrNotFound) {
		return wrong("nobody active is called %q", name)
	}
	if err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	address, err := net.ResolveTCPAddr("tcp", cfg.addr)
	if err != nil {
		return wrong("ADDR: %w", err)
	}
	recovery, code, err := store.CreateRecovery(ctx, nil, user.ID)
	if err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	fmt.Fprintf(stdout, "A link to a new password for %s, which works once, until %s:\n%s%s\n",
		user.Name, recovery.ExpiresAt.Local().Format("2006-01-02 15:04"), cfg.publicURL(address), handlers.RecoveryPath(code))
	return nil
}
