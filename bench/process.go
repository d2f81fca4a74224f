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

// startServer starts a command on the server's core and waits until it says where it listens. Like
// all that starts a process, it ends the part when that fails.
func (b *bench) startServer(cmd *exec.Cmd, name string) *server {
	out := must(cmd.StdoutPipe())
	b.start(cmd, name, b.placement.server)
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
	var err error
	select {
	case s.address = <-ready:
		return s
	case err = <-s.ended:
	case <-time.After(startWithin):
		err = errors.New("it is not ready in time")
		cmd.Process.Kill()
	}
	check(fmt.Errorf("%s: %w (see %s)", name, err, b.logFile(name)))
	return nil
}

// start starts a command on some cores, with its standard error in a file.
func (b *bench) start(cmd *exec.Cmd, name string, cores []int) {
	log := must(os.OpenFile(b.logFile(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600))
	defer log.Close()
	cmd.Stderr = log
	check(startOn(cmd, cores))
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
func roleCommand(role string, input any) *exec.Cmd {
	cmd := exec.Command(must(os.Executable()))
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	if input != nil {
		cmd.Stdin = bytes.NewReader(must(json.Marshal(input)))
	}
	return cmd
}

// startBare starts one of the servers that show a limit.
func (b *bench) startBare(role string, input any) *server {
	return b.startServer(roleCommand(role, input), role)
}

// startProgram starts the real program on a database, at an address that may be any, or one that it
// had before, with other settings than those of a measurement where some are given.
func (b *bench) startProgram(database, address string, settings ...string) *server {
	cmd := exec.Command(b.program)
	cmd.Env = append(os.Environ(), "ADDR="+address, "DATA_DIR="+b.dir, "DATABASE_URL="+database,
		"RATE_LIMITS=off", "REGISTRATION=open", "NATS_URL=", "METRICS_ADDR=", "SESSION_KEY=", "BASE_URL=",
		"TRUSTED_PROXIES=", "LOG_FORMAT=", "SLOW_QUERY=")
	cmd.Env = append(cmd.Env, settings...)
	return b.startServer(cmd, "sarangbang")
}

// buildProgram builds the real program as the README says.
func (b *bench) buildProgram() {
	b.program = filepath.Join(b.dir, "sarangbang")
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "nomsgpack", "-ldflags", "-s -w",
		"-o", b.program, "sarangbang")
	if out, err := cmd.CombinedOutput(); err != nil {
		check(fmt.Errorf("building the program: %w\n%s", err, out))
	}
}
