package views

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// costly are units of which texts consist that cost some readers of Markdown more than linear time.
var costly = []string{
	"[a](", "[a](http://x", "[a](http://x(", "[a](http://a.bc) ", "[", "]", "](", "![", "[![a](http://a.bc)](http://a.bc)", "*a", "**a", "**a ", "a** ", "*a **b ", "***a ", "_a ", "~~a ", "||a ", "|| ", "- [ ] a\n", "`", "`a", "`a``b```c", "``` ", "> ", "> > ", "> a\n", ">\n",
	"- a\n", "- a\n  ", "- ", "1. ", "1) a", "1. a\n", "- a\n\n", "```\n", "```a\n", "~~~a\n", "~~~~\n", "a\n", "\n", "\n\na", "http://", "http://a.bc/(", "http://a.bc/[", "http://a.bc ", "www.", "www.a.", "a@", "a@b.", "a@b.cd ", "@가", "&amp;", "<", "<http://", "\\*", "가", "👍", "    ", "\t", "- \t- ",
}

func TestReading_TakesLinearTime(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	took := func(body string) time.Duration {
		best := time.Hour
		for range 7 {
			begin := processorTime(t)
			parseMarkdown(body, mentionWriter{})
			Summary(body)
			best = min(best, processorTime(t)-begin)
		}
		return best
	}
	for _, unit := range costly {
		once, twice := strings.Repeat(unit, 5_000/len([]rune(unit))), strings.Repeat(unit, 10_000/len([]rune(unit)))
		a, b := took(once), took(twice)
		t.Logf("%-32q %8.3f ms, doubled %8.3f ms", unit, a.Seconds()*1000, b.Seconds()*1000)
		if b > 4*a && b > 10*time.Millisecond { // what takes less is in the noise
			t.Errorf("%q: %v for 5,000 characters, %v for 10,000", unit, a, b)
		}
	}
	// Backticks and fences of all lengths, none with a partner.
	var runs, fences strings.Builder
	for n := range 130 {
		runs.WriteString(strings.Repeat("`", 130-n) + "a ")
		fences.WriteString(strings.Repeat("~", 133-n) + "\na\n")
	}
	for _, body := range []string{runs.String(), fences.String()} {
		if d := took(body); d > 20*time.Millisecond {
			t.Errorf("%.20q…: %v", body, d)
		}
	}
}

// processorTime returns for how long this thread has computed so far. Other load of the machine is
// not in it.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
