package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"sarangbang/db"
)

func TestASecondProcessOnTheSameFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	unlock, err := db.Lock("sqlite:" + filepath.Join(folder, "sarangbang.db"))
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{"ADDR": "127.0.0.1:0", "DATA_DIR": folder}
	getenv := func(name string) string { return settings[name] }
	err = run(t.Context(), nil, getenv, io.Discard)
	var setting *settingError
	if !errors.As(err, &setting) || !errors.Is(err, db.ErrInUse) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line about a setting: the database is in use", err)
	}
	unlock()
	ended, stop := context.WithCancel(t.Context())
	stop()
	if err := run(ended, nil, getenv, io.Discard); errors.Is(err, db.ErrInUse) {
		t.Errorf("error %v after the lock has ended", err)
	}
}
