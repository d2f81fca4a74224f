package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/db/dbtest"
	"sarangbang/files"
)

// TestBackup_HasTheFiles restores a backup into an empty folder.
func TestBackup_HasTheFiles(t *testing.T) {
	source, target := config{dataDir: t.TempDir()}, config{dataDir: filepath.Join(t.TempDir(), "restored")}
	if err := os.Mkdir(target.dataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(source.keyPath(), []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	kept, err := source.storage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store := dbtest.Open(t, db.Options{URL: source.databaseURL()})
	jimin := dbtest.User(t, store, "jimin")
	room := dbtest.Room(t, store, db.KindOpen, jimin)
	hash := strings.Repeat("0c", 32)
	if _, err := store.AddFile(t.Context(), jimin, room, db.File{Name: "a.txt", Size: 6}, hash, 0); err != nil {
		t.Fatal(err)
	}
	nameless := strings.Repeat("0d", 32)
	for _, name := range append(files.Names(hash), nameless) {
		if err := kept.Put(t.Context(), name, strings.NewReader("안녕"), 6); err != nil {
			t.Fatal(err)
		}
	}

	var out bytes.Buffer
	archive := filepath.Join(t.TempDir(), "backup.tar")
	if err := source.backup(t.Context(), archive, &out); err != nil {
		t.Fatal(err)
	}
	if err := target.restore(t.Context(), archive, &out); err != nil {
		t.Fatal(err)
	}
	folder, _ := target.filesFolder()
	for _, name := range files.Names(hash) {
		if got, err := os.ReadFile(files.Place(folder, name)); string(got) != "안녕" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := os.Stat(files.Place(folder, nameless)); err == nil {
		t.Error("what no file names is in the backup")
	}
	if err := target.restore(t.Context(), archive, &out); err != nil {
		t.Errorf("restored over itself: %v", err)
	}
}

func TestReadBytes(t *testing.T) {
	for text, want := range map[string]int64{"1KB": 1 << 10, "100MB": 100 << 20, "2GB": 2 << 30, "3TB": 3 << 40} {
		if got, err := readBytes("X", text); got != want || err != nil {
			t.Errorf("%s is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "100", "MB", "0MB", "-1MB", "1.5GB", "1mb", "9999999999TB"} {
		if _, err := readBytes("X", text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}
