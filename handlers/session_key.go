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

// KeepSessionKey returns the content of the file at path, a hexadecimal session key. Where there is
// no file it writes one with a new key first; of several processes that do so at the same time, one
// succeeds and all return its key.
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
	// Unlike a write or a rename, a link is whole or absent, and never replaces a file.
	if err := os.Link(fresh.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// HouseName returns a name that all processes with the same session key share, and that does not
// reveal the key. It keeps services apart that use the same NATS server.
func HouseName(key []byte) string {
	name := hmac.New(sha256.New, key)
	name.Write([]byte("subjects of NATS"))
	return hex.EncodeToString(name.Sum(nil)[:8])
}
