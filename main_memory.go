package main

import "runtime/debug"

// churnGarbage is the percentage of garbage (runtime/debug.SetGCPercent) while many streams open or
// end: what remains of a stream lies between what does not, and the later that is collected, the more
// of it stays in memory.
const churnGarbage = 100

// releaseMemory returns the hub's OnChurn: it collects garbage sooner while many streams open or end,
// and gives the memory back to the system when that is over. To open a stream takes ten times what
// remains of it, and Go's runtime would keep that for minutes, just when the next process may need it.
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
