// Sarangbang is a chat service that people run for themselves: one program, opened with any browser
// or with curl.
package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // the machine may have no time zones of its own

	"sarangbang/db"
	"sarangbang/handlers"
	"sarangbang/internal/descriptors"
	"sarangbang/live"
	"sarangbang/views"
)

const (
	// stopWithin bounds how long posts under way may take when the program is told to stop.
	stopWithin = 4 * time.Second
	// databaseWithin is how long a database may come after the program, where both are started at
	// the same time.
	databaseWithin = 30 * time.Second
	// requestWithin bounds how long a request may take to arrive, but for bodies that a handler
	// reads: they have a pace of their own.
	requestWithin = 30 * time.Second
	// streamsPerUser and streams bound the open streams of one person and of the process.
	streamsPerUser = 64
	streams        = 1_000_000
	// streamsPerConnection bounds the requests at a time on one connection of HTTP/2: those of all
	// tabs of a browser.
	streamsPerConnection = 100
	// silentWithin is the time in which a connection of HTTP/2 answers a ping, or takes a byte.
	silentWithin = 30 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	tuneRuntime(os.Getenv)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	var wrong *settingError
	switch {
	case errors.As(err, &wrong):
		fmt.Fprintln(os.Stderr, "sarangbang:", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "sarangbang:", err)
		os.Exit(1)
	}
}

// run is the whole program: it serves until ctx ends, and prints its address when it is ready, or
// does what the command among the arguments says.
func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	cfg, err := readConfig(args, getenv, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if cfg.command != nil {
		return cfg.command(cfg, ctx, stdout)
	}
	return cfg.run(ctx, stdout)
}

func (cfg config) run(ctx context.Context, stdout io.Writer) error {
	log, made := cfg.logger(os.Stderr), readBuild()
	log.Info("starting", "version", made.version, "commit", made.commit, "modified", made.modified, "go", made.compiler)
	unlock, err := db.Lock(cfg.databaseURL())
	if err != nil {
		return wrong("%s: %w", cfg.databaseSetting(), err)
	}
	defer unlock()
	if err := cfg.checkDatabase(); err != nil {
		return err
	}
	metrics := handlers.NewMetrics()
	store, err := db.Open(ctx, db.Options{
		URL: cfg.databaseURL(), Logger: log, ObservePosts: metrics.ObservePosts, SlowQuery: cfg.slow, WaitFor: databaseWithin,
	})
	if errors.Is(err, db.ErrUnavailable) {
		return err
	}
	if err != nil {
		return wrong("DATABASE_URL: %w", err)
	}
	defer store.Close()
	key, err := cfg.sessionKey() // not before there is a database, see checkDatabase
	if err != nil {
		return err
	}
	bus, err := cfg.bus(store, key, log)
	if err != nil {
		return err
	}
	if bus != nil {
		defer bus.Close()
	}
	kept, err := cfg.storage(ctx)
	if err != nil {
		return err
	}
	watch := descriptors.NewWatch(descriptors.Limit(), log)
	handler, hub, err := assemble(cfg, log, key, store, kept, bus, watch)
	if err != nil {
		return err
	}
	metrics.Register(hub.Metrics())
	if cfg.metricsAddr != "" {
		stop, err := metrics.Listen(cfg.metricsAddr, log)
		if err != nil {
			return wrong("METRICS_ADDR: %w", err)
		}
		defer stop()
	}
	own, err := cfg.encryption(log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.addr)
	if err != nil {
		return wrong("ADDR: %w", err)
	}
	stopRedirect, err := cfg.redirect(own, listener.Addr(), log)
	if err != nil {
		return err
	}
	defer stopRedirect()
	if cfg.baseURL == "" && !loopback(listener.Addr()) {
		log.Warn("without BASE_URL every name that leads to this address is answered: set it to the public address")
	}
	if err := cfg.greet(ctx, stdout, store, key, listener.Addr()); err != nil {
		return err
	}
	sweeping, stopSweeping := context.WithCancel(ctx)
	var swept sync.WaitGroup
	swept.Go(func() { sweep(sweeping, store, kept, log) })
	defer swept.Wait() // before the store is closed
	defer stopSweeping()
	return serve(ctx, listener, own.config, handler, hub, watch, log)
}

// greet prints the address of the service, and how to make its first account where there is none.
func (cfg config) greet(ctx context.Context, stdout io.Writer, store *db.Store, key []byte, bound net.Addr) error {
	greeting := fmt.Sprintf("Sarangbang is ready: %s\n", cfg.publicURL(bound))
	has, err := store.HasUsers(ctx)
	if err != nil {
		return err
	}
	if !has {
		code, err := handlers.SetupCode(key)
		if err != nil {
			return err
		}
		greeting += fmt.Sprintf("The first account is the administrator's. From elsewhere it is made here: %s%s\n",
			cfg.publicURL(bound), handlers.FirstAccountPath(code))
	}
	_, err = io.WriteString(stdout, greeting)
	return err
}

// assemble wires the service: renderer → hub → handlers, what the database commits to the hub, and
// the hub to the other processes. bus is nil where there are none.
func assemble(
	cfg config, log *slog.Logger, key []byte, store *db.Store, kept storage, bus closingBus, watch *descriptors.Watch,
) (http.Handler, *live.Hub, error) {
	liveNonce := rand.Text()
	_, base := cfg.splitBase()
	renderer, err := views.New(liveNonce, base)
	if err != nil {
		return nil, nil, err
	}
	bounds := live.Options{
		Store: store, Presenter: handlers.NewPresenter(renderer, log, time.Now), Logger: log,
		AnnounceEvery: announceEvery, OnChurn: releaseMemory(),
		Scarce: watch.Scarce, TakenOver: watch.TakenOver,
	}
	if cfg.rateLimits == "on" {
		bounds.StreamsPerUser, bounds.Streams = streamsPerUser, streams
	}
	if bus != nil {
		bounds.Bus = bus
	}
	hub := live.New(bounds)
	store.OnCommit(func(notices []db.Notice) { hub.Notify(notices...) })
	code, err := handlers.SetupCode(key)
	if err != nil {
		return nil, nil, err
	}
	handler, err := handlers.New(handlers.Options{
		Store: store, Views: renderer, Hub: hub, Logger: log,
		SessionKey: key, SetupCode: code, BaseURL: cfg.baseURL, Registration: handlers.Registration(cfg.registration),
		TrustedProxies: cfg.proxies(), RateLimits: cfg.rateLimits == "on", LiveNonce: liveNonce,
		Storage: kept, Aside: kept.aside, MaxFile: cfg.maxFileBytes, MaxStorage: cfg.maxStorageBytes,
		CheapPasswords: cheapPasswords,
	})
	if err != nil {
		return nil, nil, wrong("%w", err)
	}
	return handler, hub, nil
}

// serve answers requests until ctx ends. Then it stops accepting, lets posts finish and ends
// streams.
func serve(
	ctx context.Context, listener net.Listener, own *tls.Config, handler http.Handler, hub *live.Hub,
	watch *descriptors.Watch, log *slog.Logger,
) error {
	server := &http.Server{
		Handler:   handler,
		TLSConfig: own,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: streamsPerConnection, MaxReadFrameSize: 64 << 10,
			SendPingTimeout: silentWithin, PingTimeout: silentWithin, WriteByteTimeout: silentWithin,
		},
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       requestWithin,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ConnState:         watch.ConnState,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	// Shutdown waits for every request to end, and some streams are requests: they end first.
	server.RegisterOnShutdown(hub.Close)
	listener = watch.Listener(listener)
	failed := make(chan error, 1)
	go func() {
		if own != nil {
			failed <- server.ServeTLS(listener, "", "")
		} else {
			failed <- server.Serve(listener)
		}
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping")
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err := server.Shutdown(patience)
	hub.Close() // waits for the streams whose connections the server does not know any more
	if err != nil {
		log.Warn("some requests did not end in time", "err", err)
		return server.Close()
	}
	return nil
}
