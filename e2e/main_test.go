// Package e2e uses the program as people and operators do: in a real browser, as several processes,
// restarted and killed. It has tests only.
package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"

	"sarangbang/db/dbtest"
	_ "sarangbang/handlers" // a change of what the program is made of is a change of these tests,
	_ "sarangbang/live/bus" // so that go test does not take their old results for new ones
)

// program is the path of the binary that the tests run.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "sarangbang-e2e-")
		if err == nil {
			defer os.RemoveAll(folder)
			program = filepath.Join(folder, "sarangbang")
			err = build(program)
		}
		if err == nil {
			err = flag.Set("test.parallel", strconv.Itoa(testsAtOnce))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return dbtest.Main(m)
	}())
}

// testsAtOnce is how many tests run at the same time, unless -parallel says otherwise: more than
// there may be processors, because processes that were killed or cut off are waited for.
const testsAtOnce = 3

// build compiles the program as the README says, and with the race detector where the tests have it
// too. The tag e2e makes processes tell each other more often who is online, and hashing passwords
// cheap.
func build(binary string) error {
	if err := readSources(); err != nil {
		return err
	}
	args := []string{"build", "-o", binary, "-trimpath", "-tags", "nomsgpack,e2e", "-ldflags", "-s -w"}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, "sarangbang")...).CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return nil
}

// readSources reads package main, which cannot be imported: go test sees which files a test opens,
// and runs it again when they change.
func readSources() error {
	sources, err := filepath.Glob("../*.go")
	for _, path := range sources {
		if err == nil {
			_, err = os.ReadFile(path)
		}
	}
	return err
}
