//go:build !unix

package dbtest

import (
	"errors"
	"os/exec"
)

// asPostgres refuses: the script that starts the server needs a Unix shell.
func asPostgres(*exec.Cmd, string) error {
	return errors.New("tests start their own PostgreSQL on Unix only; set TEST_POSTGRES_URL")
}
