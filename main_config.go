package main

import (
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"sarangbang/db"
	"sarangbang/handlers"
)

// settingError is a setting that cannot be used; the program ends with status 2.
type settingError struct{ err error }

func (e *settingError) Error() string { return e.err.Error() }
func (e *settingError) Unwrap() error { return e.err }

func wrong(format string, args ...any) error { return &settingError{fmt.Errorf(format, args...)} }

// config is what the operator sets, by environment variables or flags of the same name.
type config struct {
	addr, dataDir, database, nats, key, baseURL, registration, trusted, metricsAddr, rateLimits, logFormat, slowQuery string
	newDatabase                                                                                                       string
	tls, cert, certKey, httpAddr, acme                                                                                string
	files, maxFile, maxStorage                                                                                        string

	maxFileBytes, maxStorageBytes int64 // maxFile and maxStorage, once they have been checked

	slow    time.Duration                                  // slowQuery, once it has been checked
	command func(config, context.Context, io.Writer) error // nil: serve
}

// setting is a field of config with the name, the default and the meaning that operators see.
type setting struct {
	to                    *string
	name, absent, meaning string
}

func (cfg *config) settings() []setting {
	return []setting{
		{&cfg.addr, "ADDR", "", "where to listen; without it localhost:8080, with TLS :443"},
		{&cfg.dataDir, "DATA_DIR", "data", "folder of the SQLite file and the generated session key"},
		{&cfg.database, "DATABASE_URL", "", "sqlite:PATH or postgres://…; without it a SQLite file in DATA_DIR"},
		{&cfg.files, "FILES_URL", "", "file:PATH or s3://KEY:SECRET@host/bucket?region=…, where the files of messages are kept; without it the folder files in DATA_DIR"},
		{&cfg.maxFile, "MAX_FILE", "100MB", "the largest file of a message"},
		{&cfg.maxStorage, "MAX_STORAGE", "", "how much all files may take together, like 200GB; without it as much as there is"},
		{&cfg.nats, "NATS_URL", "", "nats://host:4222 or tls://…, through which the processes tell each other what happens; without it through PostgreSQL"},
		{&cfg.key, "SESSION_KEY", "", "key of the cookies, hexadecimal, 32 bytes or more; without it one is made once in DATA_DIR"},
		{&cfg.baseURL, "BASE_URL", "", "public address, like https://chat.example.org or https://example.org/chat; without it taken from each request"},
		{&cfg.registration, "REGISTRATION", "invite", "who may sign up: invite, open or closed"},
		{&cfg.trusted, "TRUSTED_PROXIES", "", "CIDRs, separated by commas, of proxies whose X-Forwarded-* and Forwarded are believed"},
		{&cfg.tls, "TLS", "off", "auto: speak HTTPS with a certificate that is got and renewed for the host of BASE_URL"},
		{&cfg.cert, "TLS_CERT", "", "file of one's own certificate with its chain, PEM: speak HTTPS with it"},
		{&cfg.certKey, "TLS_KEY", "", "file of the private key of TLS_CERT, PEM"},
		{&cfg.httpAddr, "HTTP_ADDR", "", "where plain HTTP is redirected to HTTPS, or off; without it :80 with TLS"},
		{&cfg.acme, "ACME_URL", "https://acme-v02.api.letsencrypt.org/directory", "the authority that TLS=auto asks for certificates"},
		{&cfg.metricsAddr, "METRICS_ADDR", "", "where to answer Prometheus with /metrics, like localhost:9090; without it nowhere"},
		{&cfg.rateLimits, "RATE_LIMITS", "on", "on, or off for measuring"},
		{&cfg.logFormat, "LOG_FORMAT", "text", "text or json"},
		{&cfg.slowQuery, "SLOW_QUERY", "200ms", "from how long on a statement of the database is logged, like 200ms or 1s; 0: none is"},
		{&cfg.newDatabase, "NEW_DATABASE", "off", "on begins an empty SQLite database where there is a session key and no database"},
	}
}

// readConfig returns flag.ErrHelp when the arguments ask for the settings or the version, which it
// has printed then.
func readConfig(args []string, getenv func(string) string, stdout io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("sarangbang", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, v := range cfg.settings() {
		value := v.absent
		if set := getenv(v.name); set != "" {
			value = set
		}
		flags.StringVar(v.to, strings.ReplaceAll(strings.ToLower(v.name), "_", "-"), value, v.meaning+" (`"+v.name+"`)")
	}
	version := flags.Bool("version", false, "print version, commit and Go version, and end")
	words, err := parseAll(flags, args)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stdout, "Sarangbang: chat that you run yourself. Every flag can also be set as an environment variable.")
			for _, c := range commands() {
				fmt.Fprintf(stdout, "  sarangbang %s %s\n    \t%s\n", c.name, c.operand, c.meaning)
			}
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
	if cfg.command, err = commandOf(words); err != nil {
		return cfg, err
	}
	return cfg, cfg.check()
}

// parseAll sets the flags wherever they stand among the arguments, and returns the other arguments.
func parseAll(flags *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return words, nil
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
}

func (cfg *config) check() error {
	cfg.baseURL = strings.TrimSuffix(cfg.baseURL, "/")
	if cfg.baseURL != "" {
		u, err := url.Parse(cfg.baseURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return wrong("BASE_URL: %q is not an address like https://chat.example.org", cfg.baseURL)
		}
		if u.Path != "" && !plainPath.MatchString(u.EscapedPath()) {
			return wrong("BASE_URL: the path in %q is not a plain one like /chat", cfg.baseURL)
		}
	}
	if cfg.key != "" {
		if _, err := decodeKey(cfg.key); err != nil {
			return err
		}
	}
	err := cfg.checkSizes()
	if err != nil {
		return err
	}
	if cfg.slow, err = time.ParseDuration(cfg.slowQuery); err != nil || cfg.slow < 0 {
		return wrong("SLOW_QUERY: %q is not a time like 200ms or 1s", cfg.slowQuery)
	}
	for _, choice := range []struct{ name, value, words string }{
		{"REGISTRATION", cfg.registration, "invite, open, closed"},
		{"RATE_LIMITS", cfg.rateLimits, "on, off"},
		{"TLS", cfg.tls, "off, auto"},
		{"LOG_FORMAT", cfg.logFormat, "text, json"},
		{"NEW_DATABASE", cfg.newDatabase, "on, off"},
	} {
		if !strings.Contains(", "+choice.words+", ", ", "+choice.value+", ") {
			return wrong("%s: %q is none of %s", choice.name, choice.value, choice.words)
		}
	}
	return cfg.checkTLS()
}

// plainPath matches the paths under which the service can lie: those that are written the same way
// everywhere.
var plainPath = regexp.MustCompile(`^(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

// splitBase returns BASE_URL as the origin, like https://example.org, and the path, like /chat.
func (cfg config) splitBase() (origin, path string) {
	u, err := url.Parse(cfg.baseURL)
	if err != nil { // check has refused it
		return cfg.baseURL, ""
	}
	return strings.TrimSuffix(cfg.baseURL, u.Path), u.Path
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

// databaseSetting returns the name of the setting that says where the database is.
func (cfg config) databaseSetting() string {
	if cfg.database != "" {
		return "DATABASE_URL"
	}
	return "DATA_DIR"
}

func (cfg config) proxies() []string {
	return strings.FieldsFunc(cfg.trusted, func(r rune) bool { return r == ',' || r == ' ' })
}

// loopback reports whether only this machine can reach an address.
func loopback(bound net.Addr) bool {
	tcp, ok := bound.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
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
	if cfg.encrypts() {
		return "https://" + net.JoinHostPort(host, port)
	}
	return "http://" + net.JoinHostPort(host, port)
}

// keyPath returns the file of the generated session key.
func (cfg config) keyPath() string { return filepath.Join(cfg.dataDir, "session.key") }

// sessionKey is the one set, or the one generated on the first start.
func (cfg config) sessionKey() ([]byte, error) {
	text := cfg.key
	if text == "" {
		var err error
		if text, err = handlers.KeepSessionKey(cfg.keyPath()); err != nil {
			return nil, wrong("DATA_DIR: %w", err)
		}
	}
	return decodeKey(text)
}

func decodeKey(text string) ([]byte, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) < 32 {
		return nil, wrong("SESSION_KEY: needs 64 or more hexadecimal digits")
	}
	return key, nil
}

// checkDatabase returns an error where there is a generated session key but no SQLite database: the
// house was there, and whoever comes first to an empty one is its administrator.
func (cfg config) checkDatabase() error {
	path, ok := db.SQLitePath(cfg.databaseURL())
	if !ok || cfg.newDatabase == "on" {
		return nil
	}
	if _, err := os.Stat(cfg.keyPath()); err != nil {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		return nil
	}
	return wrong("%s: there is a session key, %s, but no database %s: is the disk mounted? NEW_DATABASE=on begins an empty one",
		cfg.databaseSetting(), cfg.keyPath(), path)
}
