package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		beProgram()
	}
	os.Exit(dbtest.Main(m))
}

// program is the whole service, running in this process as main runs it.
type program struct {
	tb      testing.TB
	setting map[string]string
	url     string
	stop    context.CancelFunc
	ended   chan error
}

// start runs the program on a database, and waits until it says that it is ready.
func start(tb testing.TB, databaseURL string, settings ...string) *program {
	tb.Helper()
	p := &program{tb: tb, setting: map[string]string{
		"ADDR": "127.0.0.1:0", "DATA_DIR": tb.TempDir(), "DATABASE_URL": databaseURL, "RATE_LIMITS": "off",
	}}
	for i := 0; i < len(settings); i += 2 {
		p.setting[settings[i]] = settings[i+1]
	}
	p.run()
	tb.Cleanup(func() { p.stop() })
	return p
}

var readyLine = regexp.MustCompile(`ready: (http://\S+)`)

func (p *program) run() {
	p.tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.ended = stop, make(chan error, 1)
	out := &output{wrote: make(chan struct{}, 100)}
	go func() { p.ended <- run(ctx, nil, func(name string) string { return p.setting[name] }, out) }()
	deadline := time.After(time.Minute)
	for {
		select {
		case <-out.wrote:
			if found := readyLine.FindStringSubmatch(out.String()); found != nil {
				p.url = found[1]
				p.setting["ADDR"] = strings.TrimPrefix(p.url, "http://")
				return
			}
		case err := <-p.ended:
			p.tb.Fatalf("the program ended: %v", err)
		case <-deadline:
			p.tb.Fatal("the program is not ready after a minute")
		}
	}
}

// restart stops the program and starts it again at the same address, with the same data.
func (p *program) restart() {
	p.tb.Helper()
	p.stop()
	if err := <-p.ended; err != nil {
		p.tb.Fatalf("the program ended with %v", err)
	}
	p.run()
}

// output collects what the program prints.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{}
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { o.wrote <- struct{}{} }()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// eachDatabase runs a test against SQLite and against PostgreSQL.
func eachDatabase(t *testing.T, test func(t *testing.T, url string)) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) { test(t, dbtest.URL(t, kind)) })
	}
}

// invitation is the code of a link to the service.
func invitation(admin *webtest.Person) string {
	admin.TB.Helper()
	var invite struct{ Code string }
	admin.AsProgram().Post("/invites", nil).Wants(http.StatusCreated).JSON(&invite)
	return invite.Code
}

func TestTheSeedStory(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		house := start(t, url)
		jimin := webtest.SignUp(t, house.url, "jimin", "")
		home := jimin.Get("/").Wants(http.StatusOK)
		home.Shows("main", "/join/")
		boram := webtest.SignUp(t, house.url, "보람", invitation(jimin))

		room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Wants(http.StatusSeeOther).Location()
		boram.Get("/").Wants(http.StatusOK).Lacks("#my-rooms", "마당")
		boram.Get(room).Wants(http.StatusOK).Shows("h1", "마당")
		for _, person := range []*webtest.Person{jimin, boram} {
			person.Get("/").Wants(http.StatusOK).Shows("#my-rooms", "마당")
		}

		jimin.Post(room+"/messages", webtest.Form{"body": "안녕하세요"}).Wants(http.StatusSeeOther)
		boram.Post(room+"/messages", webtest.Form{"body": "반가워요"}).Wants(http.StatusSeeOther)
		jimin.Get(room).Wants(http.StatusOK).Shows("#messages", "반가워요")
		jimin.Get("/").Wants(http.StatusOK).Shows("#my-rooms", "보람: 반가워요")

		house.restart()
		for _, person := range []*webtest.Person{jimin, boram} {
			page := person.Get(room).Wants(http.StatusOK)
			page.Shows("#messages", "안녕하세요").Shows("#messages", "반가워요")
		}
	})
}

func TestWrongSettingsAreOneClearLine(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for name, c := range map[string]struct{ variable, value, says string }{
		"database of another kind":   {"DATABASE_URL", "mysql://localhost/chat", "DATABASE_URL"},
		"database without a file":    {"DATABASE_URL", "sqlite:", "DATABASE_URL"},
		"NATS at no address":         {"NATS_URL", "localhost:4222", "NATS_URL"},
		"NATS that is not there":     {"NATS_URL", "nats://127.0.0.1:1", "NATS_URL"},
		"unknown registration":       {"REGISTRATION", "maybe", "REGISTRATION"},
		"unknown rate limits":        {"RATE_LIMITS", "some", "RATE_LIMITS"},
		"unknown log format":         {"LOG_FORMAT", "xml", "LOG_FORMAT"},
		"key that is too short":      {"SESSION_KEY", "abcd", "SESSION_KEY"},
		"key that is not hex":        {"SESSION_KEY", strings.Repeat("z", 64), "SESSION_KEY"},
		"base URL with a path":       {"BASE_URL", "https://example.org/chat", "BASE_URL"},
		"base URL without a scheme":  {"BASE_URL", "example.org", "BASE_URL"},
		"proxy that is no CIDR":      {"TRUSTED_PROXIES", "10.0.0.1", "CIDR"},
		"metrics' address in use":    {"METRICS_ADDR", busy.Addr().String(), "METRICS_ADDR"},
		"address in use":             {"ADDR", busy.Addr().String(), "ADDR"},
		"data folder that is a file": {"DATA_DIR", "main.go", "DATA_DIR"},
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
	out := &output{wrote: make(chan struct{}, 100)}
	if err := run(t.Context(), []string{"-h"}, func(string) string { return "" }, out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ADDR", "DATA_DIR", "DATABASE_URL", "NATS_URL", "SESSION_KEY", "BASE_URL", "REGISTRATION", "TRUSTED_PROXIES", "METRICS_ADDR", "RATE_LIMITS", "LOG_FORMAT"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("-h does not name %s", name)
		}
	}
}

func TestStoppingEndsStreamsAndTakesNoTime(t *testing.T) {
	house := start(t, dbtest.URL(t, "sqlite"))
	jimin := webtest.SignUp(t, house.url, "jimin", "")
	stream := jimin.Open("/stream")
	stream.UntilNamed("ready")
	live := jimin.Open(jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location() + "/live")
	house.stop()
	stream.Ends()
	live.Ends()
	select {
	case err := <-house.ended:
		if err != nil {
			t.Errorf("ended with %v, want no error", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("still running 5 seconds after it was told to stop")
	}
}
