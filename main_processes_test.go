package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun/driver/pgdriver"

	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
	"sarangbang/live/bus/bustest"
)

// asProgram in the environment makes the test program the service itself.
const asProgram = "TEST_AS_PROGRAM"

// testAnnounceEvery is how often processes in tests tell who is online there.
const testAnnounceEvery = time.Second

// beProgram is main, which ends when the test has, however that ends, and is not so patient with other processes.
func beProgram() {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg, err := readConfig(nil, os.Getenv, os.Stdout)
	if cfg.announceEvery = testAnnounceEvery; err == nil {
		err = cfg.run(ctx, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// process is the service as a process of its own.
type process struct {
	tb       testing.TB
	settings map[string]string
	url      string
	cmd      *exec.Cmd
	life     io.Closer // while it is open, the process lives
	log      bytes.Buffer
}

// startProcess starts the service, and waits until it says that it is ready.
func startProcess(tb testing.TB, settings map[string]string) *process {
	tb.Helper()
	p := &process{tb: tb, settings: map[string]string{"ADDR": "127.0.0.1:0", asProgram: "yes"}}
	for name, value := range settings {
		p.settings[name] = value
	}
	p.start()
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
	return p
}

func (p *process) start() {
	p.tb.Helper()
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range p.settings {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stderr = &p.log
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		p.tb.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		p.tb.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.tb.Fatal(err)
	}
	p.life = stdin
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if found := readyLine.FindStringSubmatch(lines.Text()); found != nil {
			if p.url == "" { // else it has the address it had before, and others are using that
				p.url = found[1]
				p.settings["ADDR"] = strings.TrimPrefix(p.url, "http://")
			}
			return
		}
	}
	p.tb.Fatalf("the process is not ready: %v\n%s", p.cmd.Wait(), p.log.String())
}

// troubles is what the process has said, but for the requests.
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
	p.life.Close()
}

// stop asks the process to end, and waits until it has.
func (p *process) stop() {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.tb.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.tb.Errorf("the process ended with %v", err)
	}
	p.life.Close()
}

// town is some processes of one service, on one PostgreSQL.
type town struct {
	t        testing.TB
	database string
	nats     *bustest.NATS // nil: the bus is PostgreSQL's
	houses   []*process
	turns    atomic.Int64 // connections that roundRobin has given to houses
}

// eachBus runs a test in a town of so many processes, over each kind of bus.
func eachBus(t *testing.T, processes int, test func(t *testing.T, w *town)) {
	t.Run("postgres", func(t *testing.T) { test(t, newTown(t, processes, nil)) })
	t.Run("nats", func(t *testing.T) { test(t, newTown(t, processes, bustest.StartNATS(t))) })
}

func newTown(tb testing.TB, processes int, nats *bustest.NATS) *town {
	tb.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	w := &town{t: tb, database: dbtest.URL(tb, "postgres"), nats: nats}
	settings := map[string]string{
		"DATABASE_URL": w.database, "DATA_DIR": tb.TempDir(), "SESSION_KEY": hex.EncodeToString(key), "RATE_LIMITS": "off",
	}
	if nats != nil {
		settings["NATS_URL"] = nats.URL()
	}
	for range processes {
		w.houses = append(w.houses, startProcess(tb, settings))
	}
	return w
}

// at is the same person at another process.
func (w *town) at(p *webtest.Person, house int) *webtest.Person {
	there := *p
	there.Base = w.houses[house].url
	return &there
}

// cutBus makes the processes not hear each other until the returned function is called. The database goes on working.
func (w *town) cutBus() (mend func()) {
	w.t.Helper()
	if w.nats != nil {
		w.nats.Stop()
		return w.nats.Start
	}
	pool := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(w.database)))
	ctx, cancel := context.WithCancel(w.t.Context())
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for ctx.Err() == nil {
			_, err := pool.ExecContext(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
			if err != nil && ctx.Err() == nil {
				w.t.Errorf("cutting the bus: %v", err)
			}
			pass(20 * time.Millisecond)
		}
	})
	return func() {
		cancel()
		cutting.Wait()
		pool.Close()
	}
}

// pass lets time go by, for other processes.
func pass(d time.Duration) { <-time.After(d) }

// roundRobin is an address whose connections go to one process after another, whoever connects.
func (w *town) roundRobin() (url string) {
	w.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			turn := int(w.turns.Add(1))
			go join(client, strings.TrimPrefix(w.houses[turn%len(w.houses)].url, "http://"))
		}
	}()
	return "http://" + listener.Addr().String()
}

// join carries bytes both ways until either side ends.
func join(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		defer server.Close()
		io.Copy(server, client)
	}()
	io.Copy(client, server)
}
