//go:build linux || darwin

package descriptors

import "syscall"

// Limit returns how many files this process may have open; 0: as many as it likes. Go has raised
// the soft limit to the hard one.
func Limit() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<30 {
		return 0
	}
	return int(limit.Cur)
}
