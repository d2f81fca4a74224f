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
	"sync"
	"testing"

	"sarangbang/db/dbtest"
	"sarangbang/internal/testcache"
)

// folder is where the program is built.
var folder string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if folder, err = os.MkdirTemp("", "sarangbang-e2e-"); err == nil {
			defer os.RemoveAll(folder)
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

// program returns the path of the binary that the tests run.
func program(tb testing.TB) string {
	tb.Helper()
	path, err := build()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// build compiles the program once, as the README says, and with the race detector where the tests
// have it too. The tag e2e makes processes tell each other more often who is online, and hashing
// passwords cheap.
var build = sync.OnceValues(func() (binary string, err error) {
	if err := testcache.DependOnModule(".."); err != nil {
		return "", err
	}
	binary = filepath.Join(folder, "sarangbang")
	args := []string{"build", "-o", binary, "-trimpath", "-tags", "nomsgpack,e2e", "-ldflags", "-s -w"}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, "sarangbang")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return binary, nil
})
