// Sarangbang is a chat service that people run for themselves: one program, opened with any browser or with curl.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // the machine may have no time zones of its own

	"sarangbang/db"
	"sarangbang/handlers"
	"sarangbang/live"
	"sarangbang/views"
)

const (
	// stopWithin is how long posts under way may take when the program is told to stop.
	stopWithin = 4 * time.Second
	// leastThreads run at once even on one processor: while SQLite waits for the disk, Go's scheduler would give the only one to
	// others just when it looks next, which may be milliseconds later.
	leastThreads = 2
	// garbage is how much may gather, as a percentage of what is in use, before it is collected (GOGC, which wins where it is set): a
	// quarter more posts a second than with Go's 100, for some megabytes while there is much to do.
	garbage = 200
	// requestWithin bounds how long a request may take to arrive: a photo over a slow line.
	requestWithin = 2 * time.Minute
	// streamsPerUser and streams bound the open streams of one person and of the process.
	streamsPerUser = 64
	streams        = 1_000_000
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	runtime.GOMAXPROCS(max(leastThreads, runtime.GOMAXPROCS(0)))
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
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

// settingError is a setting that cannot be used; the program ends with status 2.
type settingError struct{ err error }

func (e *settingError) Error() string { return e.err.Error() }
func (e *settingError) Unwrap() error { return e.err }

func wrong(format string, args ...any) error { return &settingError{fmt.Errorf(format, args...)} }

// run is the whole program: it serves until ctx ends, and prints its address when it is ready.
func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	cfg, err := readConfig(args, getenv, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	return cfg.run(ctx, stdout)
}

func (cfg config) run(ctx context.Context, stdout io.Writer) error {
	log, made := cfg.logger(os.Stderr), readBuild()
	log.Info("starting", "version", made.version, "commit", made.commit, "modified", made.modified, "go", made.compiler)
	key, err := cfg.sessionKey()
	if err != nil {
		return err
	}
	metrics := handlers.NewMetrics()
	slow, err := time.ParseDuration(cfg.slowQuery)
	if err != nil {
		return err
	}
	store, err := db.Open(ctx, db.Options{URL: cfg.databaseURL(), Logger: log, ObservePosts: metrics.ObservePosts, SlowQuery: slow})
	if err != nil {
		return wrong("DATABASE_URL: %w", err)
	}
	defer store.Close()
	letters, err := cfg.bus(store, key, log)
	if err != nil {
		return err
	}
	if letters != nil {
		defer letters.Close()
	}
	handler, hub, err := assemble(cfg, log, key, store, letters)
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
	listener, err := net.Listen("tcp", cfg.addr)
	if err != nil {
		return wrong("ADDR: %w", err)
	}
	fmt.Fprintf(stdout, "Sarangbang is ready: %s\n", cfg.publicURL(listener.Addr()))
	return serve(ctx, listener, handler, hub, log)
}

// assemble wires the house: views → hub → handlers, what the database commits to the hub, and the hub to the other processes.
func assemble(cfg config, log *slog.Logger, key []byte, store *db.Store, letters closingBus) (http.Handler, *live.Hub, error) {
	liveNonce := rand.Text()
	renderer, err := views.New(liveNonce)
	if err != nil {
		return nil, nil, err
	}
	bounds := live.Options{
		Store: store, Presenter: handlers.NewPresenter(renderer, log, time.Now), Logger: log,
		AnnounceEvery: announceEvery, OnChurn: releaseMemory(),
	}
	if cfg.rateLimits == "on" {
		bounds.StreamsPerUser, bounds.Streams = streamsPerUser, streams
	}
	if letters != nil {
		bounds.Bus = letters
	}
	hub := live.New(bounds)
	store.OnCommit(func(notices []db.Notice) { hub.Notify(notices...) })
	handler, err := handlers.New(handlers.Options{
		Store: store, Views: renderer, Hub: hub, Logger: log,
		SessionKey: key, BaseURL: cfg.baseURL, Registration: handlers.Registration(cfg.registration),
		TrustedProxies: cfg.proxies(), RateLimits: cfg.rateLimits == "on", LiveNonce: liveNonce,
	})
	if err != nil {
		return nil, nil, wrong("%w", err)
	}
	return handler, hub, nil
}

// serve answers requests until ctx ends; then it stops accepting, lets posts finish and ends streams.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, hub *live.Hub, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       requestWithin,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	// Shutdown waits for every request to end, and some streams are requests: they end first.
	server.RegisterOnShutdown(hub.Close)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
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

// config is what the operator sets, by environment variables or flags of the same name.
type config struct {
	addr, dataDir, database, nats, key, baseURL, registration, trusted, metricsAddr, rateLimits, logFormat, slowQuery string
}

// readConfig returns flag.ErrHelp when the arguments ask for the settings or the version, which it
// has printed then.
func readConfig(args []string, getenv func(string) string, stdout io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("sarangbang", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, v := range []struct {
		to                    *string
		name, absent, meaning string
	}{
		{&cfg.addr, "ADDR", "localhost:8080", "where to listen"},
		{&cfg.dataDir, "DATA_DIR", "data", "folder of the SQLite file and the generated session key"},
		{&cfg.database, "DATABASE_URL", "", "sqlite:PATH or postgres://…; without it a SQLite file in DATA_DIR"},
		{&cfg.nats, "NATS_URL", "", "nats://host:4222 or tls://…, through which the processes tell each other what happens; without it through PostgreSQL"},
		{&cfg.key, "SESSION_KEY", "", "key of the cookies, hexadecimal, 32 bytes or more; without it one is made once in DATA_DIR"},
		{&cfg.baseURL, "BASE_URL", "", "public address, like https://chat.example.org; without it taken from each request"},
		{&cfg.registration, "REGISTRATION", "invite", "who may sign up: invite, open or closed"},
		{&cfg.trusted, "TRUSTED_PROXIES", "", "CIDRs, separated by commas, whose X-Forwarded-* are believed"},
		{&cfg.metricsAddr, "METRICS_ADDR", "", "where to answer Prometheus with /metrics, like localhost:9090; without it nowhere"},
		{&cfg.rateLimits, "RATE_LIMITS", "on", "on, or off for measuring"},
		{&cfg.logFormat, "LOG_FORMAT", "text", "text or json"},
		{&cfg.slowQuery, "SLOW_QUERY", "200ms", "from how long on a statement of the database is logged, like 200ms or 1s; 0: none is"},
	} {
		value := v.absent
		if set := getenv(v.name); set != "" {
			value = set
		}
		flags.StringVar(v.to, strings.ReplaceAll(strings.ToLower(v.name), "_", "-"), value, v.meaning+" (`"+v.name+"`)")
	}
	version := flags.Bool("version", false, "print version, commit and Go version, and end")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stdout, "Sarangbang: chat that you run yourself. Every flag can also be set as an environment variable.")
			flags.SetOutput(stdout)
			flags.PrintDefaults()
			return cfg, err
		}
		return cfg, wrong("%w", err)
	}
	if *version {
		fmt.Fprintln(stdout, readBuild())
		return cfg, flag.ErrHelp
	}
	if flags.NArg() > 0 {
		return cfg, wrong("unexpected argument %q", flags.Arg(0))
	}
	return cfg, cfg.check()
}

func (cfg *config) check() error {
	cfg.baseURL = strings.TrimSuffix(cfg.baseURL, "/")
	if cfg.baseURL != "" {
		u, err := url.Parse(cfg.baseURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
			return wrong("BASE_URL: %q is not an address like https://chat.example.org", cfg.baseURL)
		}
	}
	if slow, err := time.ParseDuration(cfg.slowQuery); err != nil || slow < 0 {
		return wrong("SLOW_QUERY: %q is not a time like 200ms or 1s", cfg.slowQuery)
	}
	for _, choice := range []struct{ name, value, words string }{
		{"REGISTRATION", cfg.registration, "invite, open, closed"},
		{"RATE_LIMITS", cfg.rateLimits, "on, off"},
		{"LOG_FORMAT", cfg.logFormat, "text, json"},
	} {
		if !strings.Contains(", "+choice.words+", ", ", "+choice.value+", ") {
			return wrong("%s: %q is none of %s", choice.name, choice.value, choice.words)
		}
	}
	return nil
}

func (cfg config) logger(w io.Writer) *slog.Logger {
	if cfg.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

func (cfg config) databaseURL() string {
	if cfg.database != "" {
		return cfg.database
	}
	return "sqlite:" + filepath.Join(cfg.dataDir, "sarangbang.db")
}

func (cfg config) proxies() []string {
	return strings.FieldsFunc(cfg.trusted, func(r rune) bool { return r == ',' || r == ' ' })
}

// publicURL is the address to open in a browser.
func (cfg config) publicURL(bound net.Addr) string {
	if cfg.baseURL != "" {
		return cfg.baseURL
	}
	host, _, _ := net.SplitHostPort(cfg.addr)
	_, port, _ := net.SplitHostPort(bound.String())
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// sessionKey is the one set, or the one generated on the first start.
func (cfg config) sessionKey() ([]byte, error) {
	text := cfg.key
	if text == "" {
		var err error
		if text, err = handlers.KeepSessionKey(filepath.Join(cfg.dataDir, "session.key")); err != nil {
			return nil, wrong("DATA_DIR: %w", err)
		}
	}
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) < 32 {
		return nil, wrong("SESSION_KEY: needs 64 or more hexadecimal digits")
	}
	return key, nil
}
