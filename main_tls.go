package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// encryption is how the program speaks TLS itself, without a proxy.
type encryption struct {
	config *tls.Config // nil: it speaks plain HTTP
	// challenge wraps the handler of plain HTTP, which answers what the authority asks for there.
	challenge func(http.Handler) http.Handler
}

// encrypts reports whether the program speaks TLS itself.
func (cfg config) encrypts() bool { return cfg.tls == "auto" || cfg.cert != "" }

// encryption returns the certificates that the settings name: two files, or what an authority signs
// for the host of BASE_URL by ACME (RFC 8555).
func (cfg config) encryption(log *slog.Logger) (encryption, error) {
	plain := func(next http.Handler) http.Handler { return next }
	switch {
	case !cfg.encrypts():
		return encryption{}, nil
	case cfg.cert != "":
		files := &certificateFiles{cert: cfg.cert, key: cfg.certKey, log: log}
		if _, err := files.get(nil); err != nil {
			return encryption{}, wrong("TLS_CERT: %w", err)
		}
		return encryption{&tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: files.get}, plain}, nil
	}
	public, err := url.Parse(cfg.baseURL)
	if err != nil {
		return encryption{}, wrong("BASE_URL: %w", err)
	}
	manager := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(filepath.Join(cfg.dataDir, "certificates")),
		HostPolicy: autocert.HostWhitelist(public.Hostname()),
		Client:     &acme.Client{DirectoryURL: cfg.acme},
	}
	settings := manager.TLSConfig()
	settings.MinVersion = tls.VersionTLS12
	ask := settings.GetCertificate
	settings.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := ask(hello)
		if err != nil && strings.EqualFold(hello.ServerName, public.Hostname()) {
			log.Warn("no certificate", "host", public.Hostname(), "err", err)
		}
		return cert, err
	}
	return encryption{settings, manager.HTTPHandler}, nil
}

// checkTLS checks the settings of TLS, and completes ADDR.
func (cfg *config) checkTLS() error {
	switch {
	case (cfg.cert == "") != (cfg.certKey == ""):
		return wrong("TLS_CERT and TLS_KEY: one needs the other")
	case cfg.cert != "" && cfg.tls == "auto":
		return wrong("TLS: auto gets certificates itself, TLS_CERT names one: only one of them can be")
	case cfg.tls == "auto" && !namesHost(cfg.baseURL):
		return wrong("TLS: auto needs BASE_URL with https and a public name, like https://chat.example.org")
	case cfg.encrypts() && strings.HasPrefix(cfg.baseURL, "http:"):
		return wrong("BASE_URL: %q begins with http, but TLS makes it https", cfg.baseURL)
	}
	if cfg.addr == "" {
		cfg.addr = "localhost:8080"
		if cfg.encrypts() {
			cfg.addr = ":443"
		}
	}
	return nil
}

// namesHost reports whether an address is one of HTTPS with the name of a host for which an
// authority may sign.
func namesHost(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && net.ParseIP(u.Hostname()) == nil && strings.Contains(u.Hostname(), ".")
}

// certificateFiles is a certificate in two files. They are read again when they have changed, so
// that a renewed certificate needs no restart.
type certificateFiles struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed [2]time.Time // of the files when they were read
}

// get returns the certificate; the one read before where the files cannot be used any more.
func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	changed, err := changeTimes(f.cert, f.key)
	if err == nil && changed == f.changed {
		return f.loaded, nil
	}
	var read tls.Certificate
	if err == nil {
		read, err = tls.LoadX509KeyPair(f.cert, f.key)
	}
	switch {
	case err == nil:
		f.loaded, f.changed = &read, changed
	case f.loaded == nil:
		return nil, err
	case changed != f.changed: // said once for each change
		f.log.Warn("the certificate cannot be read, the one before is used", "err", err)
		f.changed = changed
	}
	return f.loaded, nil
}

func changeTimes(names ...string) (times [2]time.Time, err error) {
	for i, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return times, err
		}
		times[i] = info.ModTime()
	}
	return times, nil
}

// redirect answers plain HTTP at HTTP_ADDR by the same address of HTTPS until stop is called. Where
// the usual port cannot be had, the service does without.
func (cfg config) redirect(own encryption, bound net.Addr, log *slog.Logger) (stop func(), err error) {
	if own.config == nil || cfg.httpAddr == "off" {
		return func() {}, nil
	}
	addr := cfg.httpAddr
	if addr == "" {
		addr = ":80"
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil && cfg.httpAddr == "" {
		log.Warn("plain HTTP is not redirected", "err", err)
		return func() {}, nil
	}
	if err != nil {
		return nil, wrong("HTTP_ADDR: %w", err)
	}
	server := &http.Server{
		Handler:     own.challenge(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { cfg.toHTTPS(w, r, bound) })),
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 10 * time.Second,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Warn("plain HTTP is not redirected any more", "err", err)
		}
	}()
	return func() {
		if err := server.Shutdown(context.Background()); err != nil {
			log.Warn("the redirect did not stop", "err", err)
		}
	}, nil
}

// toHTTPS redirects a request that reads. One that writes has told its secrets already, and is
// refused, so that somebody notices.
func (cfg config) toHTTPS(w http.ResponseWriter, r *http.Request, bound net.Addr) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Connection", "close")
		http.Error(w, "This service speaks HTTPS.", http.StatusForbidden)
		return
	}
	to, _ := cfg.splitBase()
	if to == "" {
		to = "https://" + hostWithPort(r.Host, bound)
	}
	w.Header().Set("Location", to+r.URL.RequestURI())
	w.WriteHeader(http.StatusPermanentRedirect)
	fmt.Fprintln(w, "This service speaks HTTPS.")
}

// hostWithPort returns a host of a request with the port of another listener.
func hostWithPort(host string, bound net.Addr) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	_, port, _ := net.SplitHostPort(bound.String())
	switch {
	case port != "443":
		return net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	}
	return host
}
