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

// KeepSessionKey returns the content of the file at path, a hexadecimal session key. It writes one
// with a new key only where there is no file, so that a full disk does not keep a service from
// starting.
func KeepSessionKey(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if err := makeSessionKey(path); err != nil {
			return "", err
		}
		text, err = os.ReadFile(path)
	}
	return string(text), err
}

// makeSessionKey writes a file with a new key, unless there is one by then: of several processes
// that do so at the same time, one succeeds.
func makeSessionKey(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	key := make([]byte, 32)
	rand.Read(key)
	fresh, err := os.CreateTemp(filepath.Dir(path), "session.key.*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(fresh.Name())
	_, err = fresh.WriteString(hex.EncodeToString(key) + "\n")
	if err := errors.Join(err, fresh.Sync(), fresh.Close()); err != nil {
		return err
	}
	// Unlike a write or a rename, a link is whole or absent, and never replaces a file.
	if err := os.Link(fresh.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// HouseName returns a name that all processes with the same session key share, and that does not
// reveal the key. It keeps services apart that use the same NATS server.
func HouseName(key []byte) string {
	name := hmac.New(sha256.New, key)
	name.Write([]byte("subjects of NATS"))
	return hex.EncodeToString(name.Sum(nil)[:8])
}
