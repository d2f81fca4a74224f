package password

import (
	"context"
	"strings"
	"unicode"

	"github.com/ccojocar/zxcvbn-go"
	"github.com/ccojocar/zxcvbn-go/match"
	"github.com/ccojocar/zxcvbn-go/matching"
)

const (
	// weakBits is the entropy below which a password counts as well known: about 10,000 guesses,
	// which is the size of lists of common passwords.
	weakBits = 13.3
	// maxJudged is how many characters of a password are judged. It bounds the time. A longer
	// password whose beginning is weak counts as weak.
	maxJudged = 32
	// maxLeet is how many different leet characters are resolved (pa$$w0rd); the time to try all
	// their readings grows exponentially.
	maxLeet = 6
	// leetCharacters are the digits and signs that zxcvbn reads as letters.
	leetCharacters = "4@8({[<3691!|705$+%2"
)

// commonKorean are words that Korean passwords are made of, commonest first, as keystrokes. Most
// people type them with the keyboard left in Latin, so that 비밀번호 is qlalfqjsgh, and lists of
// known passwords from elsewhere lack them in either form.
var commonKorean = keystrokesOf("비밀번호", "사랑해", "가나다라", "안녕하세요", "안녕", "가나다", "사랑", "대한민국",
	"관리자", "암호", "사랑방", "행복", "가나다라마", "가나다라마바사", "비번", "컴퓨터", "바보", "우리집", "감사합니다", "고양이",
	"강아지", "엄마", "아빠", "친구", "한국", "서울", "테스트", "홍길동", "김민수", "사랑해요", "나는나", "천사", "공주", "하늘",
	"바다", "화이팅")

// IsWeak is IsWeak in the turns of hashing: judging a password that was made for it takes longer
// than hashing it. The only possible error is that of ctx.
func (h *Hasher) IsWeak(ctx context.Context, password string, names ...string) (bool, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	return IsWeak(password, names...), nil
}

// IsWeak reports whether a password is well known or trivial to guess: it is on a list of common
// passwords, follows the keyboard, repeats one or two characters, or is one of names with nothing
// but digits and signs around it. names are the account's own name and that of the service.
func IsWeak(password string, names ...string) bool {
	password = normalize(password)
	if hasFewCharacters(password) {
		return true
	}
	for _, name := range names {
		if isOnlyName(password, name) {
			return true
		}
	}
	typed := []rune(keystrokes(password))
	if len(typed) > maxJudged {
		typed = typed[:maxJudged]
	}
	judged := string(typed)
	return zxcvbn.PasswordStrength(judged, commonKorean, func(m match.Matcher) bool {
		return m.ID == matching.L33TMatcherName && countLeet(judged) > maxLeet
	}).Entropy < weakBits
}

// hasFewCharacters reports whether a password has at most two different characters.
func hasFewCharacters(password string) bool {
	different := map[rune]bool{}
	for _, r := range strings.ToLower(password) {
		if different[r] = true; len(different) > 2 {
			return false
		}
	}
	return true
}

// isOnlyName reports whether a password is name, once or more, with digits, signs and spaces around
// it: alice, Alice-alice, alice1987. The password is normalized already.
func isOnlyName(password, name string) bool {
	password, name = strings.ToLower(password), strings.ToLower(normalize(name))
	if name == "" || !strings.Contains(password, name) {
		return false
	}
	return !strings.ContainsFunc(strings.ReplaceAll(password, name, ""), unicode.IsLetter)
}

// countLeet returns how many different leet characters a password has.
func countLeet(password string) int {
	n := 0
	for _, r := range leetCharacters {
		if strings.ContainsRune(password, r) {
			n++
		}
	}
	return n
}
