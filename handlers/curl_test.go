package handlers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarangbang/handlers/webtest"
)

// terminal is a person with curl and a cookie jar.
type terminal struct {
	tb   testing.TB
	url  string
	args []string // of every call
}

func newTerminal(tb testing.TB, url string) *terminal {
	tb.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatal("curl is not installed")
		}
		tb.Skip("curl is not installed")
	}
	jar := filepath.Join(tb.TempDir(), "jar")
	return &terminal{tb: tb, url: url, args: []string{"-sS", "--noproxy", "*", "--max-time", "20", "-b", jar, "-c", jar}}
}

// withToken returns a terminal with a token instead of the jar.
func (c *terminal) withToken(token string) *terminal {
	return &terminal{tb: c.tb, url: c.url, args: []string{"-sS", "--noproxy", "*", "--max-time", "20", "-H", "Authorization: Bearer " + token}}
}

// curl calls an address and returns what is printed.
func (c *terminal) curl(path string, args ...string) string {
	c.tb.Helper()
	cmd := exec.CommandContext(c.tb.Context(), "curl", append(append(append([]string{}, c.args...), args...), c.url+path)...)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		c.tb.Fatalf("curl %s: %v %s", path, err, failed.String())
	}
	return string(out)
}

// json calls an address and decodes the answer.
func (c *terminal) json(into any, path string, args ...string) {
	c.tb.Helper()
	text := c.curl(path, args...)
	if err := json.Unmarshal([]byte(text), into); err != nil {
		c.tb.Fatalf("curl %s: %v in %s", path, err, text)
	}
}

// lines returns the lines of a text as they arrive.
func lines(r io.Reader) iter.Seq[string] {
	return func(yield func(string) bool) {
		for text := bufio.NewScanner(r); text.Scan() && yield(text.Text()); {
		}
	}
}

// follow starts a command that does not end by itself, and returns a channel of what it prints, as
// read splits it. The channel is closed when the command ends.
func follow[T any](tb testing.TB, cmd *exec.Cmd, read func(io.Reader) iter.Seq[T]) <-chan T {
	tb.Helper()
	cmd.Env = append(os.Environ(), "NO_PROXY=*", "no_proxy=*")
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	printed := make(chan T, 1024)
	go func() {
		defer close(printed)
		for piece := range read(out) {
			printed <- piece
		}
	}()
	tb.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			tb.Error(err)
		}
		_ = cmd.Wait() // it says that it was killed
	})
	return printed
}

// untilPrinted returns the first printed piece that matches.
func untilPrinted[T any](tb testing.TB, printed <-chan T, match func(T) bool) T {
	tb.Helper()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	for {
		select {
		case piece, ok := <-printed:
			if !ok {
				tb.Fatal("it ended before it printed what was wanted")
			}
			if match(piece) {
				return piece
			}
		case <-timeout.C:
			tb.Fatal("what was wanted was not printed")
		}
	}
}

func TestCurl_TellsTheWholeStory(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		c := newTerminal(t, s.url)
		if got := c.curl("/signup", "-o", os.DevNull, "-w", "%{http_code} %{redirect_url}", "--data-urlencode", "name=지민", "--data-urlencode", "password="+webtest.Password); !strings.HasPrefix(got, "303 "+s.url+"/rooms/") {
			t.Fatalf("signing up: %s", got)
		}
		if page := c.curl("/"); !strings.Contains(page, "<!doctype html>") || !strings.Contains(page, "지민") {
			t.Errorf("home: %s", page)
		}
		accept := []string{"-H", "Accept: application/json"}
		var room roomShape
		c.json(&room, "/rooms", append(accept, "--data-urlencode", "title=터미널")...)
		path := roomPath(room.ID)
		var m messageShape
		c.json(&m, path+"/messages", append(accept, "--data-urlencode", "body=첫 마디", "-d", "key=k")...)
		c.json(&m, path+"/messages", append(accept, "--data-urlencode", "body=첫 마디", "-H", "Idempotency-Key: k")...)
		c.json(&m, path+"/messages/1", append(accept, "--data-urlencode", "body=고친 마디")...)
		if m.Position != 1 || m.Body != "고친 마디" || m.EditedAt == nil {
			t.Errorf("edited: %+v", m)
		}
		var token tokenShape
		c.json(&token, "/tokens", append(accept, "-d", "title=script")...)
		script := c.withToken(token.Token)
		events := follow(t, exec.CommandContext(t.Context(), "curl", append(script.args, "-N", s.url+path+"/stream")...), webtest.Events)
		untilPrinted(t, events, func(e webtest.Event) bool { return e.Name == "ready" })
		text := follow(t, curlLine(t, c.curl(path+"/settings"), token.Token), lines)

		script.json(&m, path+"/messages", "-H", "Content-Type: application/json", "-d", `{"body":"둘째 **마디**"}`)
		e := untilPrinted(t, events, func(e webtest.Event) bool { return e.Name == "message" })
		var live messageShape
		if err := json.Unmarshal([]byte(e.Data), &live); err != nil || live.Body != "둘째 **마디**" || e.ID != itoa(m.Revision) {
			t.Errorf("event %+v, %v", e, err)
		}
		// The line of the settings begins with what was said before. It comes while others speak.
		said := 2
		for line := ""; line == ""; said++ {
			script.json(&m, path+"/messages", "--data-urlencode", "body=또 한 마디")
			select {
			case line = <-text:
			case <-time.After(200 * time.Millisecond):
			}
			if line != "" && !strings.HasSuffix(line, " 지민  고친 마디 (edited)") {
				t.Errorf("line %q", line)
			}
		}

		var history []messageShape
		script.json(&history, path+"/messages?after=0")
		if len(history) != said || history[0].Body != "고친 마디" || history[1].Body != "둘째 **마디**" {
			t.Errorf("history %+v", history)
		}
		if got := c.curl("/logout", "-X", "POST", "-o", os.DevNull, "-w", "%{http_code}"); got != "303" {
			t.Errorf("signing out: %s", got)
		}
		if got := c.curl("/rooms", "-o", os.DevNull, "-w", "%{http_code}"); got != "303" {
			t.Errorf("signed out: %s", got)
		}
	})
}

// curlLine returns the command that a room's page shows for terminals, with a token filled in.
func curlLine(t *testing.T, page, token string) *exec.Cmd {
	t.Helper()
	line := parse(t, page).Find("main pre").Text()
	if !strings.HasPrefix(line, "curl ") || !strings.Contains(line, "TOKEN") {
		t.Fatalf("the page's line is %q", line)
	}
	return exec.CommandContext(t.Context(), "sh", "-c", "exec "+strings.Replace(line, "TOKEN", token, 1))
}
