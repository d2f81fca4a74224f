//go:build e2e

package main

import "time"

// announceEvery makes the death of a process known within seconds, so that tests need not wait
// longer.
const announceEvery = time.Second
