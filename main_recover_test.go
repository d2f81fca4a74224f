package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"regexp"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
)

func TestRecover_PrintsALinkForAName(t *testing.T) {
	folder := t.TempDir()
	store := dbtest.Open(t, db.Options{URL: "sqlite:" + filepath.Join(folder, "sarangbang.db")})
	jimin := dbtest.User(t, store, "jimin")
	settings := map[string]string{"ADDR": ":8080", "DATA_DIR": folder}
	getenv := func(name string) string { return settings[name] }
	var out bytes.Buffer
	if err := run(t.Context(), []string{"recover", "JIMIN"}, getenv, &out); err != nil { // while the service runs
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^http://localhost:8080/recover/([0-9a-z]+)$`).FindStringSubmatch(out.String())
	if found == nil {
		t.Fatalf("printed %q", out.String())
	}
	if user, err := store.RecoveryUser(t.Context(), found[1]); err != nil || user.ID != jimin.ID {
		t.Errorf("the link is for %v, error %v", user, err)
	}
	var setting *settingError
	if err := run(t.Context(), []string{"recover", "nobody"}, getenv, &out); !errors.As(err, &setting) {
		t.Errorf("error %v for an unknown name", err)
	}
}
