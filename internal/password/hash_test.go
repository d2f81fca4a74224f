package password

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestHasher_VerifiesItsHashes(t *testing.T) {
	h := NewCheapHasher()
	stored, err := h.Hash(t.Context(), "비밀의 집 42")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		password string
		want     bool
	}{
		"the same":                  {"비밀의 집 42", true},
		"decomposed, as on a Mac":   {"\u1107\u1175\u1106\u1175\u11af\u110b\u1174 \u110c\u1175\u11b8 42", true},
		"with an ideographic space": {"비밀의\u3000집 42", true},
		"another":                   {"비밀의 집 43", false},
		"longer":                    {"비밀의 집 42 ", false},
		"none":                      {"", false},
		"the stored hash itself":    {stored, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := h.Verify(t.Context(), c.password, stored)
			if err != nil || got != c.want {
				t.Errorf("got %v and %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestHasher_KeepsCompatibilityFormsApart(t *testing.T) {
	h := NewCheapHasher()
	stored, err := h.Hash(t.Context(), "half is ½")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := h.Verify(t.Context(), "half is 1⁄2", stored); ok {
		t.Error("a compatibility form is taken for the character itself")
	}
}

func TestHasher_StoresItsCost(t *testing.T) {
	stored, err := NewHasher().Hash(t.Context(), "secret-house-42")
	if err != nil {
		t.Fatal(err)
	}
	if prefix := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(stored, prefix) {
		t.Errorf("got %s, want it to begin with %s", stored, prefix)
	}
	// A service whose parameters have changed still knows the passwords from before.
	if ok, err := NewCheapHasher().Verify(t.Context(), "secret-house-42", stored); !ok || err != nil {
		t.Errorf("with other parameters: got %v and %v", ok, err)
	}
}

func TestHasher_SaltsEachHash(t *testing.T) {
	h := NewCheapHasher()
	one, _ := h.Hash(t.Context(), "secret-house-42")
	two, _ := h.Hash(t.Context(), "secret-house-42")
	if one == two {
		t.Error("two people with one password can be told by their hashes")
	}
}

// The hash was made by argon2 of the reference implementation:
// echo -n secret-house-42 | argon2 sarangbang-salt -id -t 2 -k 64 -p 2 -l 32 -e
func TestHasher_VerifiesHashesOfTheReferenceImplementation(t *testing.T) {
	const theirs = "$argon2id$v=19$m=64,t=2,p=2$c2FyYW5nYmFuZy1zYWx0$I0tYUpGekjJVCA7+QzQLv06Cour/5nx6aDPsjZOXKhU"
	if ok, err := NewCheapHasher().Verify(t.Context(), "secret-house-42", theirs); !ok || err != nil {
		t.Errorf("got %v and %v, want true", ok, err)
	}
}

func TestHasher_RefusesMalformedHashes(t *testing.T) {
	const salt, hash = "c2FyYW5nYmFuZy1zYWx0", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"
	for name, phc := range map[string]string{
		"empty":              "",
		"text":               "hello",
		"bcrypt":             "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"argon2i":            "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + hash,
		"old version":        "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + hash,
		"gigabytes":          "$argon2id$v=19$m=4194304,t=1,p=1$" + salt + "$" + hash,
		"overflow":           "$argon2id$v=19$m=99999999999,t=1,p=1$" + salt + "$" + hash,
		"negative":           "$argon2id$v=19$m=-1,t=1,p=1$" + salt + "$" + hash,
		"for ever":           "$argon2id$v=19$m=64,t=4294967295,p=1$" + salt + "$" + hash,
		"no passes":          "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + hash,
		"no lanes":           "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + hash,
		"too many lanes":     "$argon2id$v=19$m=8192,t=1,p=255$" + salt + "$" + hash,
		"too little memory":  "$argon2id$v=19$m=7,t=1,p=1$" + salt + "$" + hash,
		"no salt":            "$argon2id$v=19$m=64,t=1,p=1$$" + hash,
		"no hash":            "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$",
		"short hash":         "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$MDEy",
		"long hash":          "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("MDEy", 30),
		"padded":             "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + hash + "=",
		"no base64":          "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("!", 43),
		"more after it":      "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + hash + "$x",
		"more in the middle": "$argon2id$v=19$m=64,t=1,p=1,x=2$" + salt + "$" + hash,
		"leading zero":       "$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + hash,
	} {
		t.Run(name, func(t *testing.T) {
			if ok, err := NewCheapHasher().Verify(t.Context(), "secret-house-42", phc); ok || !errors.Is(err, ErrMalformedHash) {
				t.Errorf("got %v and %v, want %v", ok, err, ErrMalformedHash)
			}
		})
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c2FyYW5nYmFuZy1zYWx0$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE")
	f.Fuzz(func(t *testing.T, phc string) {
		s, err := parsePHC(phc)
		if err == nil && (s.String() != phc || s.memory > maxCost.memory || s.time > maxCost.time) {
			t.Errorf("read %q as %v", phc, s)
		}
	})
}

func TestHasher_WaitsForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewCheapHasher()
		for range runtime.NumCPU() {
			h.slots <- struct{}{}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 2)
		go func() { done <- h.VerifyDummy(ctx, "secret-house-42") }()
		go func() { _, err := h.Hash(t.Context(), "secret-house-42"); done <- err }()
		synctest.Wait()
		if len(done) != 0 {
			t.Fatal("somebody did not wait")
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("who went away got %v, want %v", err, context.Canceled)
		}
		<-h.slots
		if err := <-done; err != nil {
			t.Errorf("who waited got %v", err)
		}
		if _, err := h.Hash(ctx, "secret-house-42"); !errors.Is(err, context.Canceled) {
			t.Errorf("with a turn free, who had gone got %v", err)
		}
	})
}

// The bounds allow for a busy machine: without hashing, the answer would come thousands of times
// sooner.
func TestVerifyDummy_TakesAsLongAsVerify(t *testing.T) {
	h := NewHasher()
	stored, err := h.Hash(t.Context(), "secret-house-42")
	if err != nil {
		t.Fatal(err)
	}
	known := fastest(func() { h.Verify(t.Context(), "secret-house-43", stored) })
	unknown := fastest(func() { h.VerifyDummy(t.Context(), "secret-house-43") })
	if unknown < known/4 || unknown > known*4 {
		t.Errorf("an unknown name takes %v, a known one %v", unknown, known)
	}
}

// fastest returns the duration of the fastest of several runs, which other programs disturb least.
func fastest(f func()) time.Duration {
	least := time.Hour
	for range 5 {
		start := time.Now()
		f()
		least = min(least, time.Since(start))
	}
	return least
}

func BenchmarkHasher(b *testing.B) {
	for name, h := range map[string]*Hasher{"service": NewHasher(), "cheap": NewCheapHasher()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.Hash(b.Context(), "secret-house-42")
			}
		})
	}
}
