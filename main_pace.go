//go:build !e2e

package main

const (
	// announceEvery is how often a process tells the others who is online there. 0 leaves it to
	// package live.
	announceEvery = 0
	// cheapPasswords makes hashing fast and insecure.
	cheapPasswords = false
)
