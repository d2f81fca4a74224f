package main

import (
	"log/slog"

	"sarangbang/db"
	"sarangbang/handlers"
	"sarangbang/live"
	"sarangbang/live/bus"
)

// closingBus is what reaches the other processes, until it is closed.
type closingBus interface {
	live.Bus
	Close()
}

// bus is NATS where it is set, and else the database where other processes may share it; nil: this process is alone.
func (cfg config) bus(store *db.Store, key []byte, log *slog.Logger) (closingBus, error) {
	switch {
	case cfg.nats != "":
		b, err := bus.DialNATS(bus.NATSOptions{URL: cfg.nats, House: handlers.HouseName(key), Logger: log})
		if err != nil {
			return nil, wrong("NATS_URL: %w", err)
		}
		return b, nil
	case store.Shared():
		return bus.NewPostgres(store, log), nil
	}
	return nil, nil
}
