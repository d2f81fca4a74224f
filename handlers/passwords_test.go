package handlers

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPasswordIsVerified(t *testing.T) {
	p := newPasswords(true)
	stored, err := p.hash(t.Context(), "비밀의 집 42")
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
			got, err := p.verify(t.Context(), c.password, stored)
			if err != nil || got != c.want {
				t.Errorf("got %v and %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestPasswordKeepsCharactersApart(t *testing.T) {
	p := newPasswords(true)
	stored, err := p.hash(t.Context(), "half is ½")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := p.verify(t.Context(), "half is 1⁄2", stored); ok {
		t.Error("a compatibility form is taken for the character itself")
	}
}

func TestStoredHashSaysWhatItCost(t *testing.T) {
	stored, err := newPasswords(false).hash(t.Context(), "secret-house-42")
	if err != nil {
		t.Fatal(err)
	}
	if prefix := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(stored, prefix) {
		t.Errorf("got %s, want it to begin with %s", stored, prefix)
	}
	// A service whose parameters have changed still knows the passwords from before.
	if ok, err := newPasswords(true).verify(t.Context(), "secret-house-42", stored); !ok || err != nil {
		t.Errorf("with other parameters: got %v and %v", ok, err)
	}
}

func TestSamePasswordIsStoredDifferently(t *testing.T) {
	p := newPasswords(true)
	one, _ := p.hash(t.Context(), "secret-house-42")
	two, _ := p.hash(t.Context(), "secret-house-42")
	if one == two {
		t.Error("two people with one password can be told by their hashes")
	}
}

// TestHashOfOthers takes a hash that the reference implementation made:
// echo -n secret-house-42 | argon2 sarangbang-salt -id -t 2 -k 64 -p 2 -l 32 -e
func TestHashOfOthers(t *testing.T) {
	const theirs = "$argon2id$v=19$m=64,t=2,p=2$c2FyYW5nYmFuZy1zYWx0$I0tYUpGekjJVCA7+QzQLv06Cour/5nx6aDPsjZOXKhU"
	if ok, err := newPasswords(true).verify(t.Context(), "secret-house-42", theirs); !ok || err != nil {
		t.Errorf("got %v and %v, want true", ok, err)
	}
}

func TestMalformedHashesAreRefused(t *testing.T) {
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
			if ok, err := newPasswords(true).verify(t.Context(), "secret-house-42", phc); ok || !errors.Is(err, errPasswordHash) {
				t.Errorf("got %v and %v, want %v", ok, err, errPasswordHash)
			}
		})
	}
}

func FuzzStoredHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c2FyYW5nYmFuZy1zYWx0$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE")
	f.Fuzz(func(t *testing.T, phc string) {
		s, err := parsePHC(phc)
		if err == nil && (s.String() != phc || s.memory > maxParameters.memory || s.time > maxParameters.time) {
			t.Errorf("read %q as %v", phc, s)
		}
	})
}

func TestHashingWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPasswords(true)
		for range runtime.NumCPU() {
			p.turns <- struct{}{}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 2)
		go func() { done <- p.verifyNothing(ctx, "secret-house-42") }()
		go func() { _, err := p.hash(t.Context(), "secret-house-42"); done <- err }()
		synctest.Wait()
		if len(done) != 0 {
			t.Fatal("somebody did not wait")
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("who went away got %v, want %v", err, context.Canceled)
		}
		<-p.turns
		if err := <-done; err != nil {
			t.Errorf("who waited got %v", err)
		}
		if _, err := p.hash(ctx, "secret-house-42"); !errors.Is(err, context.Canceled) {
			t.Errorf("with a turn free, who had gone got %v", err)
		}
	})
}

// TestUnknownNamesTakeAsLong allows for a busy machine; without the hash the answer would come thousands of times sooner.
func TestUnknownNamesTakeAsLong(t *testing.T) {
	p := newPasswords(false)
	stored, err := p.hash(t.Context(), "secret-house-42")
	if err != nil {
		t.Fatal(err)
	}
	known := fastest(func() { p.verify(t.Context(), "secret-house-43", stored) })
	unknown := fastest(func() { p.verifyNothing(t.Context(), "secret-house-43") })
	if unknown < known/4 || unknown > known*4 {
		t.Errorf("an unknown name takes %v, a known one %v", unknown, known)
	}
}

// fastest is the shortest of several runs, which other programs disturb least.
func fastest(f func()) time.Duration {
	least := time.Hour
	for range 5 {
		start := time.Now()
		f()
		least = min(least, time.Since(start))
	}
	return least
}

func TestWeakPasswords(t *testing.T) {
	for _, password := range []string{
		"password1", "12345678", "qwerty123", "11111111", "rkskek123", "iloveyou", "abcd1234", "1q2w3e4r", "qwer1234", "asdf1234",
		"P@ssw0rd", "Password1!", "passw0rd", "letmein123", "admin123", "trustno1", "football", "abababab", "12121212", "aaaaaaaab",
		"alicealice", "alice123", "Alice-Alice", "alice1987", "1234alice", "test1234", "welcome1", "qwertyuiop",
		"qlalfqjsgh", "비밀번호비밀번호", "비밀번호1234", "사랑해사랑해사랑해", "가가가가가가가가", "가나다라마바사아", "dkssudgktpdy", "tkfkdgo1", "안녕하세요!!!",
		strings.Repeat("a", 128), strings.Repeat("ab", 64), strings.Repeat("alice", 25),
	} {
		if !weakPassword(password, "alice") {
			t.Errorf("%.40s is accepted", password)
		}
	}
}

func TestPasswordsThatAreNotWeak(t *testing.T) {
	for _, password := range []string{
		"secret-house-42", "correct horse", "correct horse battery staple", "correcthorse", "blue-kettle", "alice-wonderland-7", "hunter22-house",
		"사랑방에서만나요", "우리 집 고양이는 초록색", "빨간우산세개", "tkfkdqkddptjaksk", "Tr0ub4dor&3", "kx7$Qp2!", "ひみつのいえ", "тайный-дом",
		"🦊🐢🍉🚲🎻🌵🧊🪁", "password-of-alice", strings.Repeat("the house by the river ", 5),
	} {
		if weakPassword(password, "alice") {
			t.Errorf("%s is refused", password)
		}
	}
}

func TestWeaknessTakesBoundedTime(t *testing.T) {
	for _, part := range []string{"a", "1", "가", "4@8({[<3691!|705$+7%2", "691!|7", "ひ", "1.1.", "qwerty", "\U0001F98A", "19990101"} {
		password := string([]rune(strings.Repeat(part, 128))[:128])
		took := fastest(func() { weakPassword(password, "alice") })
		if took > time.Second {
			t.Errorf("%.20s… takes %v", password, took)
		}
	}
}

func TestKeystrokes(t *testing.T) {
	for hangul, want := range map[string]string{
		"비밀번호": "qlalfqjsgh", "사랑해": "tkfkdgo", "값": "rkqt", "까치": "Rkcl", "왜": "dho", "의자": "dmlwk", "값1a": "rkqt1a",
		"가": "rk", "힣": "glg",
	} {
		if got := keystrokes(hangul); got != want {
			t.Errorf("%s is typed %s, want %s", hangul, got, want)
		}
	}
}

func BenchmarkPassword(b *testing.B) {
	for _, cheap := range []bool{false, true} {
		b.Run(fmt.Sprintf("cheap %v", cheap), func(b *testing.B) {
			p := newPasswords(cheap)
			b.ReportAllocs()
			for b.Loop() {
				p.hash(b.Context(), "secret-house-42")
			}
		})
	}
}
