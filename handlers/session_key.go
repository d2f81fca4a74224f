package handlers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
)

// KeepSessionKey reads the hexadecimal key in a file, and makes one first where there is none. Of processes that start at once one
// makes it.
func KeepSessionKey(path string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	key := make([]byte, 32)
	rand.Read(key)
	fresh, err := os.CreateTemp(filepath.Dir(path), "session.key.*") // mode 0600
	if err != nil {
		return "", err
	}
	defer os.Remove(fresh.Name())
	_, err = fresh.WriteString(hex.EncodeToString(key) + "\n")
	if err := errors.Join(err, fresh.Sync(), fresh.Close()); err != nil {
		return "", err
	}
	// A link appears whole or not at all, and never replaces another.
	if err := os.Link(fresh.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// HouseName tells the processes of one house from those of others: they have the same key, and no others have it, nor learn it from
// the name.
func HouseName(key []byte) string {
	name := hmac.New(sha256.New, key)
	name.Write([]byte("subjects of NATS"))
	return hex.EncodeToString(name.Sum(nil)[:8])
}
