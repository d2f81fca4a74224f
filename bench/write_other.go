//go:build !unix

package main

import "syscall"

// writeNow takes nothing at once: the backlog's goroutine writes.
func writeNow(uintptr, []byte) (int, error) { return 0, syscall.EAGAIN }
