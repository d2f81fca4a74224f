package handlers

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// argonParameters is what a hash costs: memory in KiB, passes over it, lanes.
type argonParameters struct {
	memory, time uint32
	threads      uint8
}

var (
	// realParameters are the second of the equivalent choices of OWASP's Password Storage Cheat Sheet: 19 MiB, two passes.
	realParameters = argonParameters{memory: 19_456, time: 2, threads: 1}
	// cheapParameters are for tests.
	cheapParameters = argonParameters{memory: 16, time: 1, threads: 1}
	// maxParameters bound what a stored hash may ask for, so that a damaged or a planted one cannot stop the process.
	maxParameters = argonParameters{memory: 256 << 10, time: 16, threads: 16}
)

const (
	saltLength = 16
	hashLength = 32
	// maxPHCLength is more than any hash this program has written or will read.
	maxPHCLength = 256
)

// errPasswordHash is about a stored hash that cannot be read.
var errPasswordHash = errors.New("stored password hash is malformed")

// passwords hashes passwords with argon2id, at most one per processor at once: each needs 19 MiB and all of a processor for some 20 ms,
// and many people signing in at once shall wait for each other rather than exhaust the machine. Its methods may be called by many
// goroutines; they wait for their turn as long as ctx lives. Callers bound the length of passwords.
type passwords struct {
	parameters argonParameters
	turns      chan struct{}
}

// newPasswords returns the hashing of the service, or one that costs next to nothing, for tests.
func newPasswords(cheap bool) *passwords {
	p := &passwords{parameters: realParameters, turns: make(chan struct{}, runtime.NumCPU())}
	if cheap {
		p.parameters = cheapParameters
	}
	return p
}

// hash returns what is to be stored for a password, in the PHC string format: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
// The only error is that of ctx.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	stored := storedHash{argonParameters: p.parameters, salt: make([]byte, saltLength)}
	rand.Read(stored.salt) // never fails: the program ends where there is no randomness
	var err error
	if stored.hash, err = p.key(ctx, password, stored, hashLength); err != nil {
		return "", err
	}
	return stored.String(), nil
}

// verify tells whether phc is stored for password. An error is that of ctx, or errPasswordHash.
func (p *passwords) verify(ctx context.Context, password, phc string) (bool, error) {
	stored, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	key, err := p.key(ctx, password, stored, uint32(len(stored.hash)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, stored.hash) == 1, nil
}

// verifyNothing takes the time of verify, for a name that nobody has, so that the time tells nobody which names exist.
func (p *passwords) verifyNothing(ctx context.Context, password string) error {
	nobody := storedHash{argonParameters: p.parameters, salt: make([]byte, saltLength)}
	_, err := p.key(ctx, password, nobody, hashLength)
	return err
}

// key waits for a turn and computes.
func (p *passwords) key(ctx context.Context, password string, s storedHash, length uint32) ([]byte, error) {
	if err := ctx.Err(); err != nil { // select chooses at random when both are possible
		return nil, err
	}
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.turns }()
	return argon2.IDKey([]byte(opaque(password)), s.salt, s.time, s.memory, s.threads, length), nil
}

// opaque prepares a password as the profile OpaqueString does (RFC 8265, 4.2): every space is the ASCII space, then NFC. So the same
// keys give the same password on a Mac, which may send decomposed Hangul, and on a Japanese keyboard, whose space is U+3000. NFKC
// would go on to confuse characters that people chose as different ones, ½ and 1⁄2, and shrink what is to be guessed. Unlike the profile
// it refuses nothing: which characters are assigned depends on the version of Unicode, and a password has to survive an update.
func opaque(password string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, password))
}

// storedHash is a PHC string, taken apart.
type storedHash struct {
	argonParameters
	salt, hash []byte
}

func (s storedHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, s.memory, s.time, s.threads,
		b64.EncodeToString(s.salt), b64.EncodeToString(s.hash))
}

// parsePHC reads a stored hash and refuses what costs more than maxParameters.
func parsePHC(phc string) (storedHash, error) {
	var s storedHash
	fields := strings.Split(phc, "$")
	if len(phc) > maxPHCLength || len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" ||
		fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return s, errPasswordHash
	}
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &s.memory, &s.time, &s.threads); err != nil {
		return s, errPasswordHash
	}
	b64 := base64.RawStdEncoding.Strict()
	var saltErr, hashErr error
	s.salt, saltErr = b64.DecodeString(fields[4])
	s.hash, hashErr = b64.DecodeString(fields[5])
	if saltErr != nil || hashErr != nil || !s.sound() || s.String() != phc {
		return s, errPasswordHash
	}
	return s, nil
}

// sound tells whether a hash is within the bounds of RFC 9106, 3.1, and of maxParameters.
func (s storedHash) sound() bool {
	return s.threads >= 1 && s.threads <= maxParameters.threads &&
		s.time >= 1 && s.time <= maxParameters.time &&
		s.memory >= 8*uint32(s.threads) && s.memory <= maxParameters.memory &&
		len(s.salt) >= 8 && len(s.salt) <= 64 && len(s.hash) >= 16 && len(s.hash) <= 64
}
