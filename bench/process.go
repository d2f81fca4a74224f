package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// roleVariable tells this program, started again as another process, what it is to be there.
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
	if err := b.start(cmd, name, b.placing.server); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, ended: make(chan error, 1)}
	said := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if found := readyLine.FindStringSubmatch(lines.Text()); found != nil {
				said <- found[1]
			}
		}
		s.ended <- cmd.Wait()
	}()
	select {
	case s.address = <-said:
		return s, nil
	case err = <-s.ended:
	case <-time.After(startWithin):
		err = errors.New("it is not ready in time")
		cmd.Process.Kill()
	}
	return nil, fmt.Errorf("%s: %w (see %s)", name, err, b.log(name))
}

// start starts a command on some cores. What it has to say goes into a file.
func (b *bench) start(cmd *exec.Cmd, name string, cores []int) error {
	log, err := os.OpenFile(b.log(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stderr = log
	return startOn(cmd, cores)
}

func (b *bench) log(name string) string { return filepath.Join(b.dir, name+".log") }

// stop ends the server as an operator would; it must end in order and in time.
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

// self is a command that starts this program again in another role, with arguments.
func self(role string, args ...string) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	return cmd, nil
}

// startProgram starts the real program on a database, at an address that may be free or one it had before.
func (b *bench) startProgram(database, address string) (*server, error) {
	cmd := exec.Command(b.program)
	cmd.Env = append(os.Environ(), "ADDR="+address, "DATA_DIR="+b.dir, "DATABASE_URL="+database,
		"RATE_LIMITS=off", "REGISTRATION=open", "NATS_URL=", "METRICS_ADDR=", "SESSION_KEY=", "BASE_URL=", "TRUSTED_PROXIES=", "LOG_FORMAT=")
	return b.startServer(cmd, "sarangbang")
}

// startBare starts one of the servers that show a limit.
func (b *bench) startBare(role string, args ...string) (*server, error) {
	cmd, err := self(role, args...)
	if err != nil {
		return nil, err
	}
	return b.startServer(cmd, role)
}

// buildProgram builds the real program.
func (b *bench) buildProgram() error {
	b.program = filepath.Join(b.dir, "sarangbang")
	out, err := exec.Command("go", "build", "-o", b.program, "sarangbang").CombinedOutput()
	if err != nil {
		return fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return nil
}
