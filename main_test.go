package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/handlers"
	"sarangbang/handlers/webtest"
)

func TestWrongSettingsAreOneClearLine(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for name, c := range map[string]struct{ variable, value, says string }{
		"database of another kind":     {"DATABASE_URL", "mysql://localhost/chat", "DATABASE_URL"},
		"database without a file":      {"DATABASE_URL", "sqlite:", "DATABASE_URL"},
		"NATS at no address":           {"NATS_URL", "localhost:4222", "NATS_URL"},
		"unknown registration":         {"REGISTRATION", "maybe", "REGISTRATION"},
		"unknown rate limits":          {"RATE_LIMITS", "some", "RATE_LIMITS"},
		"unknown log format":           {"LOG_FORMAT", "xml", "LOG_FORMAT"},
		"time without a unit":          {"SLOW_QUERY", "200", "SLOW_QUERY"},
		"time that is past":            {"SLOW_QUERY", "-1s", "SLOW_QUERY"},
		"key that is too short":        {"SESSION_KEY", "abcd", "SESSION_KEY"},
		"key that is not hex":          {"SESSION_KEY", strings.Repeat("z", 64), "SESSION_KEY"},
		"base URL with a path of dots": {"BASE_URL", "https://example.org/../chat", "BASE_URL"},
		"base URL with a blank":        {"BASE_URL", "https://example.org/a%20b", "BASE_URL"},
		"base URL without a scheme":    {"BASE_URL", "example.org", "BASE_URL"},
		"proxy that is no CIDR":        {"TRUSTED_PROXIES", "10.0.0.1", "CIDR"},
		"TLS of another kind":          {"TLS", "on", "TLS"},
		"TLS without a name":           {"TLS", "auto", "BASE_URL"},
		"certificate without a key":    {"TLS_CERT", "cert.pem", "TLS_KEY"},
		"metrics' address in use":      {"METRICS_ADDR", busy.Addr().String(), "METRICS_ADDR"},
		"address in use":               {"ADDR", busy.Addr().String(), "ADDR"},
		"data folder that is a file":   {"DATA_DIR", "main.go", "DATA_DIR"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := map[string]string{"ADDR": "127.0.0.1:0", "DATA_DIR": t.TempDir(), c.variable: c.value}
			err := run(t.Context(), nil, func(name string) string { return settings[name] }, io.Discard)
			var setting *settingError
			if !errors.As(err, &setting) {
				t.Fatalf("error %v, want one about a setting", err)
			}
			if text := err.Error(); !strings.Contains(text, c.says) || strings.Contains(text, "\n") {
				t.Errorf("error %q, want one line with %q", text, c.says)
			}
		})
	}
}

func TestHelpNamesEverySetting(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-h"}, func(string) string { return "" }, &out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ADDR", "DATA_DIR", "DATABASE_URL", "NATS_URL", "SESSION_KEY", "BASE_URL", "REGISTRATION", "TRUSTED_PROXIES", "METRICS_ADDR", "RATE_LIMITS", "LOG_FORMAT", "SLOW_QUERY", "TLS", "TLS_CERT", "TLS_KEY", "HTTP_ADDR", "ACME_URL"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("-h does not name %s", name)
		}
	}
}

func TestStoppingEndsStreamsAndTakesNoTime(t *testing.T) {
	url, stop, ended := start(t)
	jimin := webtest.SignUp(t, url, "jimin", "")
	stream := jimin.Open("/stream")
	stream.UntilNamed("ready")
	live := jimin.Open(jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location() + "/live")
	stop()
	stream.Ends()
	live.Ends()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v, want no error", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("still running 5 seconds after it was told to stop")
	}
}

// start runs the whole program in this process, on a database of its own, and returns its address
// when it takes requests. ended gets what run returns after stop.
func start(t *testing.T) (url string, stop context.CancelFunc, ended <-chan error) {
	t.Helper()
	return startWith(t, nil)
}

// startWith is start with more settings.
func startWith(t *testing.T, more map[string]string) (url string, stop context.CancelFunc, ended <-chan error) {
	t.Helper()
	settings := map[string]string{"ADDR": "127.0.0.1:0", "DATA_DIR": t.TempDir(), "RATE_LIMITS": "off"}
	maps.Copy(settings, more)
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	stdout, out := io.Pipe()
	result := make(chan error, 1)
	go func() {
		result <- run(ctx, nil, func(name string) string { return settings[name] }, out)
		out.Close()
	}()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the program is not ready: %v", <-result)
	}
	_, url, _ = strings.Cut(strings.TrimSpace(line), "ready: ")
	return url, stop, result
}

func TestTheFirstAccountIsAnnouncedWhileThereIsNone(t *testing.T) {
	store := dbtest.Open(t, db.Options{URL: dbtest.URL(t, "sqlite")})
	cfg, key := config{baseURL: "https://chat.example.org/talk"}, bytes.Repeat([]byte("k"), 32)
	greeting := func() string {
		var out strings.Builder
		if err := cfg.greet(t.Context(), &out, store, key, &net.TCPAddr{IP: net.IPv4zero, Port: 8080}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	code, err := handlers.SetupCode(key)
	if err != nil {
		t.Fatal(err)
	}
	if got, link := greeting(), "https://chat.example.org/talk/signup?setup_code="+code; !strings.Contains(got, link) {
		t.Errorf("printed %q, want %s in it", got, link)
	}
	dbtest.User(t, store, "jimin")
	if got := greeting(); got != "Sarangbang is ready: https://chat.example.org/talk\n" {
		t.Errorf("printed %q after the first account", got)
	}
}
