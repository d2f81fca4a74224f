package password

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what computing one hash takes.
type cost struct {
	memory  uint32 // KiB
	time    uint32 // passes over the memory
	threads uint8  // lanes
}

var (
	// serviceCost is the second of the equivalent configurations in OWASP's Password Storage
	// Cheat Sheet: 19 MiB, two passes.
	serviceCost = cost{memory: 19_456, time: 2, threads: 1}
	cheapCost   = cost{memory: 16, time: 1, threads: 1}
	// maxCost bounds what a stored hash may ask for, so that a damaged or planted one cannot stop
	// the process.
	maxCost = cost{memory: 256 << 10, time: 16, threads: 16}
)

// maxPHCLength is more than the length, in bytes, of any hash this program has written or accepts.
const maxPHCLength = 256

// phcHash is a parsed PHC string of argon2id.
type phcHash struct {
	cost
	salt, hash []byte
}

func (p phcHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.threads,
		b64.EncodeToString(p.salt), b64.EncodeToString(p.hash))
}

// parsePHC parses a PHC string of argon2id, in the canonical form that phcHash.String writes. The
// only error is ErrMalformedHash, also for hashes that cost more than maxCost.
func parsePHC(stored string) (phcHash, error) {
	var p phcHash
	fields := strings.Split(stored, "$")
	if len(stored) > maxPHCLength || len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" ||
		fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, ErrMalformedHash
	}
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return p, ErrMalformedHash
	}
	b64 := base64.RawStdEncoding.Strict()
	var saltErr, hashErr error
	p.salt, saltErr = b64.DecodeString(fields[4])
	p.hash, hashErr = b64.DecodeString(fields[5])
	if saltErr != nil || hashErr != nil || !p.withinBounds() || p.String() != stored {
		return p, ErrMalformedHash
	}
	return p, nil
}

// withinBounds reports whether a hash respects the limits of RFC 9106, section 3.1, and maxCost.
func (p phcHash) withinBounds() bool {
	return p.threads >= 1 && p.threads <= maxCost.threads &&
		p.time >= 1 && p.time <= maxCost.time &&
		p.memory >= 8*uint32(p.threads) && p.memory <= maxCost.memory &&
		len(p.salt) >= 8 && len(p.salt) <= 64 && len(p.hash) >= 16 && len(p.hash) <= 64
}
