package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sarangbang/db/dbtest"
	"sarangbang/handlers/webtest"
)

// readmeLine returns the line of the README's section on backups that begins with a command.
func readmeLine(t *testing.T, command string) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Backup\n")
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "    "+command) {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("the README does not say %q", command)
	return ""
}

// shell executes a line of the README in a folder that has the program, with the settings of a
// process, and returns what it printed and its status.
func shell(t *testing.T, p *process, folder, line string) (out string, status int) {
	t.Helper()
	if err := os.Symlink(program(t), filepath.Join(folder, "sarangbang")); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = folder
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range p.settings {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	text, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

func TestBackup_IsRestoredAfterAPowerCutAsTheReadmeSays(t *testing.T) {
	t.Parallel()
	for kind, lines := range map[string][3]string{
		"sqlite":   {"./sarangbang backup", "./sarangbang restore "},
		"postgres": {"pg_dump", "pg_restore", "./sarangbang restored"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("pg_restore"); err != nil && kind == "postgres" {
				t.Skip("pg_restore is not installed")
			}
			settings := map[string]string{"REGISTRATION": "open"}
			if kind == "postgres" {
				settings["DATABASE_URL"] = dbtest.URL(t, kind)
			}
			backupStory(t, start(t, settings), lines)
		})
	}
}

// backupStory saves and restores a house with three lines of the README.
func backupStory(t *testing.T, p *process, lines [3]string) {
	folder := t.TempDir()
	do := func(command string) {
		t.Helper()
		if command == "" {
			return
		}
		if out, status := shell(t, p, folder, readmeLine(t, command)); status != 0 {
			t.Fatalf("%s: status %d\n%s", command, status, out)
		}
	}
	jimin := webtest.SignUp(t, p.url, "jimin", "")
	room := jimin.Post("/rooms", webtest.Form{"title": "마당"}).Location()
	jimin.Post(room+"/messages", webtest.Form{"body": "before"}).Wants(http.StatusSeeOther)
	program := jimin.WithToken()
	do(lines[0])
	lost := webtest.SignUp(t, p.url, "boram", "")
	var last said
	for i := range 300 {
		program.Post(room+"/messages", webtest.Form{"body": fmt.Sprintf("%d: %s", i, strings.Repeat("lost ", 400))}).JSON(&last)
	}
	p.kill()
	do(lines[1])
	do(lines[2])
	p.start()

	if got := history(jimin, room); got[lastOf(got)].Body != "before" {
		t.Errorf("the newest message is %q, want the one from before the backup", got[lastOf(got)].Body)
	}
	program.Post(room+"/messages", webtest.Form{"body": "next"}).Wants(http.StatusCreated)
	program.Header.Set("Last-Event-ID", strconv.FormatInt(last.Revision, 10))
	program.Open(room + "/stream").UntilNamed("reset")
	webtest.SignUp(t, p.url, "seoyeon", "") // gets the id that boram had
	lost.AsProgram().Get("/rooms").Wants(http.StatusUnauthorized)
}

// lastOf returns the highest position.
func lastOf(messages map[int64]said) (last int64) {
	for position := range messages {
		last = max(last, position)
	}
	return last
}

func TestRestore_ChangesNothingWhereItRefuses(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	jimin := webtest.SignUp(t, p.url, "jimin", "")
	folder := t.TempDir()
	if out, status := shell(t, p, folder, "./sarangbang backup good.tar"); status != 0 {
		t.Fatalf("status %d\n%s", status, out)
	}
	info, err := os.Stat(filepath.Join(folder, "good.tar"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, want mode 0600", info, err)
	}
	left, _ := os.ReadDir(folder)
	if len(left) != 2 { // the program and the backup
		t.Errorf("the folder holds %v", left)
	}
	if out, status := shell(t, p, folder, "./sarangbang restore good.tar"); status != 2 || !strings.Contains(out, "another process") {
		t.Errorf("while the service runs: status %d, want 2\n%s", status, out)
	}
	p.stop()
	content, err := os.ReadFile(filepath.Join(folder, "good.tar"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"cut.tar":     content[:len(content)/2],
		"garbage.tar": []byte(strings.Repeat("no backup ", 500)),
		"empty.tar":   {},
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, status := shell(t, p, folder, "./sarangbang restore "+name); status != 1 || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: status %d, want 1 and one line\n%s", name, status, out)
		}
	}
	entries, err := os.ReadDir(p.settings["DATA_DIR"])
	if err != nil || len(entries) != 4 { // database, lock, key and files
		t.Errorf("the data folder holds %v, %v", entries, err)
	}
	p.start()
	jimin.Get("/").Wants(http.StatusOK)
}

func TestProgram_DoesNotBeginAnEmptyHouseWhereTheOldOneIsMissing(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	p.stop()
	path := filepath.Join(p.settings["DATA_DIR"], "sarangbang.db")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if out, status := shell(t, p, t.TempDir(), "./sarangbang"); status != 2 || !strings.Contains(out, "NEW_DATABASE") {
		t.Errorf("status %d, want 2\n%s", status, out)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a database")
	}
	p.settings["NEW_DATABASE"] = "on"
	p.start()
}
