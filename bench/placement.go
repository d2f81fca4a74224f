package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// errUnknown is the error of looking at processes on a system other than Linux.
var errUnknown = errors.New("known on Linux alone")

// placement is where processes run: the server alone on one core, everything that measures it on
// the others.
type placement struct {
	server, load []int // cores; none: wherever they like
}

func (p placement) String() string {
	if len(p.server) == 0 {
		return "server and load on any core"
	}
	return fmt.Sprintf("server on core %d, load on %d", p.server[0], p.load)
}

// usage is what a process has taken of the machine.
type usage struct {
	cpu    time.Duration // time on a core so far
	memory int64         // resident now, in bytes
}

// machine describes for people what a result depends on. It leaves out the address of the database,
// which may hold a password.
func (b *bench) machine() string {
	p, database := b.placement, "SQLite"
	if b.database != "" {
		database = "PostgreSQL"
	}
	cores := max(runtime.NumCPU(), len(p.server)+len(p.load))
	return fmt.Sprintf("%d cores (%s), %s %s/%s, %s; %s",
		cores, processor(), runtime.Version(), runtime.GOOS, runtime.GOARCH, database, p)
}
