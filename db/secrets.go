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

// newSecret makes a token's secret: 256 random bits.
func newSecret() string {
	b := make([]byte, tokenBytes)
	rand.Read(b) // never fails
	return tokenPrefix + hex.EncodeToString(b)
}

// hashSecret is what is stored of a secret. It is random enough that a fast hash without salt gives nothing away.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// newCode makes the code of an invitation: 80 random bits, in letters and digits alone, so that programs which look for links
// in a text find all of it.
func newCode() string { return strings.ToLower(rand.Text()[:codeLength]) }
