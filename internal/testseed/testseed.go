// Package testseed lets what a random test did be done again. Only tests import it.
package testseed

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var given = flag.Uint64("seed", 0, "seed of the random tests, as a failure prints it; 0 takes a new one for each test")

// New returns the seed that the flag -seed sets, or else a new one, and writes it into the test's
// log, which a failure prints:
//
//	go test -run NAME -seed N ./PACKAGE
//
// repeats the test with the same random numbers. The flag exists in packages whose tests import
// this one, so it cannot be given for ./... as a whole.
func New(tb testing.TB) uint64 {
	tb.Helper()
	seed := *given
	if seed == 0 {
		seed = rand.Uint64()
	}
	tb.Logf("replay with -seed %d", seed)
	return seed
}
