package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// roleVariable tells this program, started again as another process, which role it has there.
const roleVariable = "BENCH_ROLE"

// anyPort is an address on this machine that is free.
const anyPort = "127.0.0.1:0"

const (
	startWithin = time.Minute
	stopWithin  = 20 * time.Second
)

// server is a process that listens.
type server struct {
	address string // host and port
	cmd     *exec.Cmd
	ended   chan error
}

var readyLine = regexp.MustCompile(`ready: http://(\S+)`)

// startServer starts a command on the server's core and waits until it says where it listens.
func (b *bench) startServer(cmd *exec.Cmd, name string) (*server, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := b.start(cmd, name, b.placement.server); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, ended: make(chan error, 1)}
	ready := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if found := readyLine.FindStringSubmatch(lines.Text()); found != nil {
				ready <- found[1]
			}
		}
		s.ended <- cmd.Wait()
	}()
	select {
	case s.address = <-ready:
		return s, nil
	case err = <-s.ended:
	case <-time.After(startWithin):
		err = errors.New("it is not ready in time")
		cmd.Process.Kill()
	}
	return nil, fmt.Errorf("%s: %w (see %s)", name, err, b.logFile(name))
}

// start starts a command on some cores, with its standard error in a file.
func (b *bench) start(cmd *exec.Cmd, name string, cores []int) error {
	log, err := os.OpenFile(b.logFile(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stderr = log
	return startOn(cmd, cores)
}

func (b *bench) logFile(name string) string { return filepath.Join(b.dir, name+".log") }

// stop ends the server as an operator would. It must end in order and in time.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-s.ended:
		return err
	case <-time.After(stopWithin):
		s.cmd.Process.Kill()
		return errors.New("a server does not stop")
	}
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// roleCommand returns a command that starts this program again in another role, with input as JSON
// on its standard input, unless that is nil.
func roleCommand(role string, input any) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	if input != nil {
		text, err := json.Marshal(input)
		if err != nil {
			return nil, err
		}
		cmd.Stdin = bytes.NewReader(text)
	}
	return cmd, nil
}

// startBare starts one of the servers that show a limit.
func (b *bench) startBare(role string, input any) (*server, error) {
	cmd, err := roleCommand(role, input)
	if err != nil {
		return nil, err
	}
	return b.startServer(cmd, role)
}

// startProgram starts the real program on a database, at an address that may be any, or one that it
// had before.
func (b *bench) startProgram(database, address string) (*server, error) {
	cmd := exec.Command(b.program)
	cmd.Env = append(os.Environ(), "ADDR="+address, "DATA_DIR="+b.dir, "DATABASE_URL="+database,
		"RATE_LIMITS=off", "REGISTRATION=open", "NATS_URL=", "METRICS_ADDR=", "SESSION_KEY=", "BASE_URL=",
		"TRUSTED_PROXIES=", "LOG_FORMAT=", "SLOW_QUERY=")
	return b.startServer(cmd, "sarangbang")
}

// buildProgram builds the real program as the README says.
func (b *bench) buildProgram() error {
	b.program = filepath.Join(b.dir, "sarangbang")
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "nomsgpack", "-ldflags", "-s -w",
		"-o", b.program, "sarangbang")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return nil
}
