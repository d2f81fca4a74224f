package main

import (
	"errors"
	"fmt"
	"runtime"
)

// errUnknown is what is not known about processes but on Linux.
var errUnknown = errors.New("known on Linux alone")

// placing is where processes run: the server alone on one core, everything that measures it on the others.
type placing struct {
	server, load []int // cores; none: wherever they like
}

// String tells it in a sentence.
func (p placing) String() string {
	if len(p.server) == 0 {
		return "server and load on any core"
	}
	return fmt.Sprintf("server on core %d, load on %d", p.server[0], p.load)
}

// machine is what a result depends on.
func machine(p placing, database string) string {
	cores := max(runtime.NumCPU(), len(p.server)+len(p.load))
	return fmt.Sprintf("%d cores (%s), %s %s/%s, %s; %s", cores, processor(), runtime.Version(), runtime.GOOS, runtime.GOARCH, database, p)
}

// databaseName is the database for people, without its address, which may hold a password.
func (b *bench) databaseName() string {
	if b.database == "" {
		return "SQLite"
	}
	return "PostgreSQL"
}
