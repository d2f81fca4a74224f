package e2e

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestProgram_EndsWithAStatusThatSaysWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		argument, prints string
		status           int
	}{
		"help":            {"-h", "DATABASE_URL", 0},
		"version":         {"-version", ", go1.", 0},
		"a wrong setting": {"-registration=maybe", "sarangbang: REGISTRATION", 2},
		"no such setting": {"-colour=red", "sarangbang: flag", 2},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(program(t), c.argument).CombinedOutput()
			status := 0
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				status, err = exit.ExitCode(), nil
			}
			if err != nil || status != c.status || !strings.Contains(string(out), c.prints) {
				t.Errorf("%v, status %d, want %d and %q:\n%s", err, status, c.status, c.prints, out)
			}
		})
	}
}
