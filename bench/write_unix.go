//go:build unix

package main

import "syscall"

// writeNow writes to a descriptor what it takes without waiting.
func writeNow(fd uintptr, b []byte) (int, error) { return syscall.Write(int(fd), b) }
