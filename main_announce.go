//go:build !e2e

package main

// announceEvery is how often a process tells the others who is online there. 0 leaves it to package
// live.
const announceEvery = 0
