package handlers

import (
	"os"
	"path/filepath"
	"testing"
)

func TestKeepSessionKey_WritesNothingWhereThereIsAKey(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(folder, "session.key")
	first, err := KeepSessionKey(path)
	if err != nil || len(first) != 65 {
		t.Fatalf("key %q, %v", first, err)
	}
	// A file that is made changes the time of its folder, also where it is removed again.
	before, err := os.Stat(folder)
	if err != nil {
		t.Fatal(err)
	}
	again, err := KeepSessionKey(path)
	if err != nil || again != first {
		t.Errorf("key %q, %v, want the first one", again, err)
	}
	after, err := os.Stat(folder)
	if err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the folder was written to at %v, want nothing written after %v; %v", after.ModTime(), before.ModTime(), err)
	}
}
