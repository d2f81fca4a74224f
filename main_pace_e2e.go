//go:build e2e

package main

import "time"

const (
	// announceEvery makes the death of a process known within seconds, so that tests need not wait
	// longer.
	announceEvery = time.Second
	// cheapPasswords makes hashing fast and insecure: most tests only want somebody signed in.
	cheapPasswords = true
)
