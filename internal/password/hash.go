// Package password hashes and verifies passwords with argon2id, and recognizes weak ones.
//
// Passwords are compared after Unicode normalization, so that different keyboards and systems
// produce the same password for the same text; see normalize.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"runtime"
	"strings"
	"unicode"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// ErrMalformedHash is returned for a stored hash that cannot be read, or that asks for more memory
// or passes than this package is willing to spend.
var ErrMalformedHash = errors.New("stored password hash is malformed")

const (
	saltLength = 16 // bytes
	hashLength = 32 // bytes
)

// Hasher hashes and verifies passwords, at most one per processor at a time: a hash occupies
// 19 MiB and a whole processor for some 20 ms, and many people who sign in at once shall wait
// for each other instead of exhausting the machine.
//
// All methods may be called concurrently. They wait for a free slot until ctx is done, and return
// the error of ctx then. Callers bound the length of passwords.
type Hasher struct {
	cost  cost
	slots chan struct{} // semaphore
}

// NewHasher returns a Hasher with the cost parameters of the service.
func NewHasher() *Hasher { return newHasher(serviceCost) }

// NewCheapHasher returns a Hasher whose hashes are fast and insecure, for tests.
func NewCheapHasher() *Hasher { return newHasher(cheapCost) }

func newHasher(c cost) *Hasher {
	return &Hasher{cost: c, slots: make(chan struct{}, runtime.NumCPU())}
}

// Hash returns the hash of a password with a random salt, in the PHC string format:
// $argon2id$v=19$m=19456,t=2,p=1$salt$hash. The only possible error is that of ctx.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	phc := phcHash{cost: h.cost, salt: make([]byte, saltLength)}
	rand.Read(phc.salt) // never fails: the program ends where there is no randomness
	var err error
	if phc.hash, err = h.derive(ctx, password, phc, hashLength); err != nil {
		return "", err
	}
	return phc.String(), nil
}

// Verify reports whether stored, a PHC string, is a hash of password. Hashes made with other cost
// parameters than those of h are verified too. Errors: ErrMalformedHash, and that of ctx.
func (h *Hasher) Verify(ctx context.Context, password, stored string) (bool, error) {
	phc, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	derived, err := h.derive(ctx, password, phc, uint32(len(phc.hash)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(derived, phc.hash) == 1, nil
}

// VerifyDummy takes as long as Verify. It is called for the name of an account that does not
// exist, so that response times do not reveal which names exist.
func (h *Hasher) VerifyDummy(ctx context.Context, password string) error {
	_, err := h.derive(ctx, password, phcHash{cost: h.cost, salt: make([]byte, saltLength)}, hashLength)
	return err
}

// derive computes length bytes of argon2id over password, with the salt and cost of phc.
func (h *Hasher) derive(ctx context.Context, password string, phc phcHash, length uint32) ([]byte, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	return argon2.IDKey([]byte(normalize(password)), phc.salt, phc.time, phc.memory, phc.threads, length), nil
}

// acquire waits for a turn, which lasts until release is called. The only possible error is that of
// ctx.
func (h *Hasher) acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil { // select chooses at random when both are possible
		return nil, err
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// normalize prepares a password as the OpaqueString profile does (RFC 8265, section 4.2): every
// space becomes the ASCII space, then NFC is applied. So the same keys give the same password on a
// Mac, which may send decomposed Hangul, and on a Japanese keyboard, whose space is U+3000.
//
// NFKC is not applied: it would merge characters that people chose as different ones, such as ½ and
// 1⁄2, and shrink the space to be guessed. Unlike the profile, normalize refuses nothing: which
// characters are assigned depends on the version of Unicode, and a password has to survive updates.
func normalize(password string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, password))
}
