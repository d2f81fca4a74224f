package main

import (
	"log/slog"

	"sarangbang/db"
	"sarangbang/handlers"
	"sarangbang/live"
	"sarangbang/live/bus"
)

// closingBus is a bus that main closes, after the hub.
type closingBus interface {
	live.Bus
	Close()
}

// bus returns the connection to the other processes: NATS where NATS_URL is set, else the database
// where processes can share it, else nil. key is the one that all processes share.
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
