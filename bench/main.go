// Bench measures the real program against the limits of the machine it runs on, both in the same run.
//
// It builds and starts the program, drives it over sockets from other processes, checks every answer, and prints one table in
// which each figure stands beside its limit: what a server of a few lines reaches that does only the thing in question.
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
)

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		exit(play(role, os.Args[1:], os.Stdin, os.Stdout))
	}
	p, err := choosePlacing()
	if err != nil {
		exit(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(run(ctx, p, os.Args[1:], os.Stdout, os.Stderr))
}

// exit ends with status 1 when something was wrong. Goals that were missed are not wrong: machines are noisy.
func exit(err error) {
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// play is the main function of another process.
func play(role string, args []string, in io.Reader, out io.Writer) error {
	switch role {
	case roleReaders:
		return runReaders(in, out)
	case roleBarePaced:
		return serveBare(bareEngine(newPaced()), out)
	case roleBarePlain:
		return serveBare(bareEngine(newPlain()), out)
	case roleBarePages:
		return servePages(in, out)
	case roleWrites:
		return runWrites(args, out)
	}
	return fmt.Errorf("unknown role %q", role)
}

// bench is one run.
type bench struct {
	options
	placing placing
	dir     string // of everything the run leaves, removed at the end
	program string // the executable
	stderr  io.Writer
	table   table
	houses  int // made so far
}

// run measures the parts that were chosen and prints the table, as far as it came.
func run(ctx context.Context, p placing, args []string, stdout, stderr io.Writer) (err error) {
	b := &bench{placing: p, stderr: stderr}
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
	b.say("building the program")
	if err := b.buildProgram(); err != nil {
		return err
	}
	start := time.Now()
	err = b.measure(ctx)
	b.table.Machine = machine(p, b.databaseName())
	b.table.Seconds = time.Since(start).Seconds()
	return errors.Join(err, b.table.print(stdout, b.json))
}

// measure runs the parts one after the other.
func (b *bench) measure(ctx context.Context) error {
	for _, part := range parts {
		if !b.wants(part.name) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b.say("%s: %s", part.name, part.meaning)
		if err := part.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// say tells how far the run has come.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// add puts a line into the table, and tells it at once.
func (b *bench) add(l line) {
	l.judge()
	b.table.Lines = append(b.table.Lines, l)
	b.say("  %s", strings.Join(l.columns(), " | "))
}
