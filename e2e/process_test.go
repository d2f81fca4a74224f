package e2e

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"sarangbang/db/dbtest"
	"sarangbang/handlers"
)

// process is the program, running.
type process struct {
	tb       testing.TB
	settings map[string]string
	url      string
	cmd      *exec.Cmd
	log      bytes.Buffer // complete when the process has ended
}

// startServer starts the program with a database that needs nothing installed.
func startServer(tb testing.TB) *process {
	tb.Helper()
	return start(tb, map[string]string{"DATABASE_URL": dbtest.URL(tb, "sqlite")})
}

// start starts the program at a free port, and returns when it takes requests. It ends with the
// test, which fails when the process finds a data race or panics.
func start(tb testing.TB, settings map[string]string) *process {
	tb.Helper()
	p := &process{tb: tb, settings: map[string]string{"ADDR": "127.0.0.1:0", "DATA_DIR": tb.TempDir(), "RATE_LIMITS": "off"}}
	for name, value := range settings {
		p.settings[name] = value
	}
	tb.Cleanup(func() {
		p.kill()
		for _, trouble := range []string{"DATA RACE", "panic:"} {
			if strings.Contains(p.log.String(), trouble) {
				tb.Errorf("a process had trouble: %s", trouble)
			}
		}
		if tb.Failed() {
			tb.Logf("%s said:\n%s", p.url, p.troubles())
		}
	})
	p.start()
	return p
}

var readyLine = regexp.MustCompile(`ready: (https?://\S+)`)

// start starts a process that has ended again, at the same address and with the same data.
func (p *process) start() {
	p.tb.Helper()
	p.cmd = exec.Command(program(p.tb))
	p.cmd.SysProcAttr = endsWithTest
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range p.settings {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stderr = &p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		p.tb.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.tb.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if found := readyLine.FindStringSubmatch(lines.Text()); found != nil {
			if p.url == "" { // else it has the address it had before, and others are using that
				p.url = found[1]
				if p.settings["BASE_URL"] == "" {
					p.settings["ADDR"] = strings.TrimPrefix(p.url, "http://")
				}
			}
			return
		}
	}
	p.tb.Fatalf("the process is not ready: %v\n%s", p.cmd.Wait(), p.log.String())
}

// setupCode returns the code with which the first account is made from elsewhere.
func (p *process) setupCode() string {
	text, err := os.ReadFile(filepath.Join(p.settings["DATA_DIR"], "session.key"))
	if err != nil {
		p.tb.Fatal(err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		p.tb.Fatal(err)
	}
	code, err := handlers.SetupCode(key)
	if err != nil {
		p.tb.Fatal(err)
	}
	return code
}

// troubles returns what the process has logged, but for the requests.
func (p *process) troubles() string {
	var troubles strings.Builder
	for line := range strings.Lines(p.log.String()) {
		if !strings.Contains(line, "level=INFO") {
			troubles.WriteString(line)
		}
	}
	return troubles.String()
}

// kill ends the process as a power cut does.
func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// signal sends a signal to the process.
func (p *process) signal(s os.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.tb.Fatal(err)
	}
}

// stop asks the process to end, waits until it has, and fails the test unless it ends well.
func (p *process) stop() {
	p.tb.Helper()
	p.signal(syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		p.tb.Errorf("the process ended with %v", err)
	}
}

// restart stops the process and starts it again.
func (p *process) restart() {
	p.tb.Helper()
	p.stop()
	p.start()
}
