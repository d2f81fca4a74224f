package dbtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// cluster is a PostgreSQL server that ends with this process. It is not durable.
type cluster struct {
	dir   string
	port  int
	life  io.WriteCloser // while it is open, the server lives
	ended chan struct{}
}

// script runs the server as long as its standard input is open. That ends with this process,
// however it ends, and then the server and its files go as well.
//
// The first signal ends a server that is only just beginning, the second does not wait for clients.
const script = `
"$1/initdb" -D "$2/data" -U house -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 || exit
"$1/postgres" -D "$2/data" -k "$2" -p "$3" -c listen_addresses=127.0.0.1 -c max_connections=500 -c jit=off \
	-c fsync=off -c synchronous_commit=off -c full_page_writes=off \
	-c wal_level=minimal -c max_wal_senders=0 -c min_wal_size=32MB -c max_wal_size=64MB \
	-c ssl=on -c ssl_cert_file="$2/server.crt" -c ssl_key_file="$2/server.key" >>"$2/log" 2>&1 &
read -r line
kill -TERM $!
kill -QUIT $!
wait $!
rm -rf "$2"
`

// startAttempts is how often another port is tried: another process may take a free one before the
// server does.
const startAttempts = 3

func startCluster() (c *cluster, err error) {
	binaries, err := findBinaries()
	if err != nil {
		return nil, err
	}
	for range startAttempts {
		if c, err = tryCluster(binaries); err == nil {
			return c, nil
		}
	}
	return nil, err
}

func tryCluster(binaries string) (*cluster, error) {
	c := &cluster{ended: make(chan struct{})}
	var err error
	if c.dir, err = os.MkdirTemp(scratch(), "sarangbang-postgres-"); err != nil {
		return nil, err
	}
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	if err := WriteCertificates(c.dir); err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", script, "sh", binaries, c.dir, strconv.Itoa(c.port))
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	if err := asPostgres(cmd, c.dir); err != nil {
		return nil, err
	}
	if c.life, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = cmd.Wait()
		close(c.ended)
	}()
	return c, c.await()
}

// await returns when the server accepts connections.
func (c *cluster) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	s := newServer(c.url("postgres"))
	defer s.pool.Close()
	for {
		if s.exec(ctx, "SELECT 1") == nil {
			return nil
		}
		select {
		case <-tick.C:
			if !c.failed() {
				continue
			}
		case <-c.ended:
		case <-ctx.Done():
		}
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		c.stop()
		return fmt.Errorf("PostgreSQL did not start: %s", log)
	}
}

// failed reports whether the server has given up, as it does when another process took the port
// meanwhile.
func (c *cluster) failed() bool {
	log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
	return bytes.Contains(log, []byte("FATAL:  could not create any"))
}

func (c *cluster) stop() {
	_ = c.life.Close()
	<-c.ended
	_ = os.RemoveAll(c.dir)
}

func (c *cluster) url(database string) *url.URL {
	return &url.URL{
		Scheme: "postgres", User: url.User("house"), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path: "/" + database, RawQuery: "sslmode=disable",
	}
}

// findBinaries returns the folder of initdb and postgres: that on the PATH, or Debian's newest.
func findBinaries() (string, error) {
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.SortFunc(candidates, func(a, b string) int { return version(a) - version(b) })
	if path, err := exec.LookPath("postgres"); err == nil {
		candidates = append(candidates, filepath.Dir(path))
	}
	for _, dir := range slices.Backward(candidates) {
		if isProgram(filepath.Join(dir, "initdb")) && isProgram(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", errNoPostgres
}

// version returns the number in /usr/lib/postgresql/15/bin.
func version(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}
