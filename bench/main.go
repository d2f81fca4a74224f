// Bench measures the real program against the limits of the machine it runs on, both in the same
// run.
//
// It builds and starts the program, drives it over sockets from other processes, checks every
// response, and prints one table in which each figure stands beside its limit: what a server of a
// few lines reaches that does only the thing in question.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// Roles of this program's other processes.
const (
	roleReaders   = "readers"
	roleBarePaced = "bare-paced"
	roleBarePlain = "bare-plain"
	roleBarePages = "bare-pages"
	roleWrites    = "writes"
	roleFlood     = "flood"
)

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		exit(attempt(func() { runRole(role, os.Stdin, os.Stdout) }))
	}
	p, err := choosePlacement()
	if err != nil {
		exit(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(run(ctx, p, os.Args[1:], os.Stdout, os.Stderr))
}

// exit ends with status 1 after an error. A goal that was missed is none, since machines are noisy.
func exit(err error) {
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runRole is the main function of another process. It ends as a part does.
func runRole(role string, in io.Reader, out io.Writer) {
	switch role {
	case roleReaders:
		check(runReaders(in, out))
	case roleBarePaced:
		serveBare(bareServer(newPaced()), out)
	case roleBarePlain:
		serveBare(bareServer(newPlain), out)
	case roleBarePages:
		servePage(in, out)
	case roleWrites:
		runWrites(in, out)
	case roleFlood:
		runFlood(in, out)
	}
}

// bench is one run.
type bench struct {
	options
	placement placement
	dir       string // of everything the run leaves; removed at the end
	program   string // the executable
	stderr    io.Writer
	table     table
	databases int // made so far
}

// run measures the parts that were chosen and prints the table, as far as it came.
func run(ctx context.Context, p placement, args []string, stdout, stderr io.Writer) (err error) {
	b := &bench{placement: p, stderr: stderr}
	if b.options, err = readOptions(args, stderr); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp(b.temp, "sarangbang-bench-"); err != nil {
		return err
	}
	defer func() {
		if err == nil && !b.keep {
			os.RemoveAll(b.dir)
		} else {
			fmt.Fprintln(stderr, "logs and data are in", b.dir)
		}
	}()
	b.logf("building the program")
	if err := attempt(b.buildProgram); err != nil {
		return err
	}
	start := time.Now()
	err = attempt(func() { b.measure(ctx) })
	b.table.Machine = b.machine()
	b.table.Seconds = time.Since(start).Seconds()
	return errors.Join(err, b.table.print(stdout, b.json))
}

// measure runs the parts one after the other.
func (b *bench) measure(ctx context.Context) {
	for _, part := range parts {
		if b.wants(part.name) {
			b.measurePart(ctx, part)
		}
	}
}

// measurePart adds the rows of a part to the table. An interrupted part leaves none: its figures
// would be of a time in which nothing was measured.
func (b *bench) measurePart(ctx context.Context, p part) {
	check(ctx.Err())
	b.logf("%s: %s", p.name, p.meaning)
	before := len(b.table.Rows)
	err := attempt(func() { step(p.name, func() { p.measure(ctx, b) }) })
	if ctx.Err() != nil {
		b.table.Rows = b.table.Rows[:before]
		check(ctx.Err())
	}
	if errors.Is(err, errUnknown) {
		b.logf("  what it looks at is %v", err)
		return
	}
	check(err)
}

// logf prints on the standard error how far the run has come.
func (b *bench) logf(format string, args ...any) {
	fmt.Fprintf(b.stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// add puts a row into the table, and prints it at once.
func (b *bench) add(r row) {
	r.judge()
	b.table.Rows = append(b.table.Rows, r)
	b.logf("  %s", strings.Join(r.columns(), " | "))
}
