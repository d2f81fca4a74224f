package main

import (
	"runtime"
	"runtime/debug"
)

const (
	// leastThreads run at once even on one processor: while SQLite waits for the disk, Go's
	// scheduler would give the only one to others just when it looks next, which may be
	// milliseconds later.
	leastThreads = 2
	// garbage is the percentage of garbage (GOGC, which wins where it is set) that may gather
	// before it is collected: a quarter more posts a second than with Go's 100, for some megabytes.
	garbage = 200
	// churnGarbage is that percentage while many streams open or end: what remains of a stream lies
	// between what does not, and the later that is collected, the more of it stays in memory.
	churnGarbage = 100
)

// tuneRuntime sets the number of threads and the percentage of garbage for the whole process.
func tuneRuntime(getenv func(string) string) {
	runtime.GOMAXPROCS(max(leastThreads, runtime.GOMAXPROCS(0)))
	if getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}

// releaseMemory returns the hub's OnChurn: it collects garbage sooner while many streams open or
// end, and gives the memory back to the system when that is over. To open a stream takes ten times
// what remains of it, and Go's runtime would keep that for minutes, just when the next process may
// need it.
func releaseMemory() func(busy bool) {
	before := 0
	return func(busy bool) {
		if busy {
			before = debug.SetGCPercent(churnGarbage)
			return
		}
		debug.SetGCPercent(before)
		go debug.FreeOSMemory() // collects all garbage; the hub's end is not to wait for it
	}
}
