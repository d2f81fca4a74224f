package db

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	// tokenPrefix lets people and secret scanners recognise a token.
	tokenPrefix = "sb_"
	tokenBytes  = 32
	codeLength  = 16
)

// newSecret returns the secret of a token: 256 random bits in hexadecimal, after tokenPrefix.
func newSecret() string {
	b := make([]byte, tokenBytes)
	rand.Read(b) // never fails
	return tokenPrefix + hex.EncodeToString(b)
}

// hashSecret returns what is stored of a secret. A fast hash without salt is enough for something
// that random.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// newCode returns the code of an invitation: 80 random bits as letters and digits, so that programs
// that look for links in a text find all of it.
func newCode() string { return strings.ToLower(rand.Text()[:codeLength]) }
