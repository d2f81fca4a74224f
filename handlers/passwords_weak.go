package handlers

import (
	"strings"
	"unicode"

	"github.com/ccojocar/zxcvbn-go"
	"github.com/ccojocar/zxcvbn-go/match"
	"github.com/ccojocar/zxcvbn-go/matching"
	"golang.org/x/text/unicode/norm"
)

const (
	// weakBits is where a password stops being well known: about 10,000 guesses, which is what lists of the usual ones hold.
	weakBits = 13.3
	// maxJudged bounds what is judged, and by it the time, to a tenth of a second. A password that is weak so far may be weak after it.
	maxJudged = 64
	// maxDisguises is how many different digits and signs may stand for letters (pa$$w0rd). Trying all of them takes exponential time.
	maxDisguises = 6
	disguises    = "4@8({[<3691!|705$+%2"
)

// koreanFavourites are words that Korean passwords are made of, commonest first. Most people type them with the keyboard left in Latin,
// so that 비밀번호 is qlalfqjsgh, and lists of known passwords from elsewhere lack them in either form.
var koreanFavourites = keystrokesOf("비밀번호", "사랑해", "가나다라", "안녕하세요", "안녕", "가나다", "사랑", "대한민국", "관리자", "암호", "사랑방",
	"행복", "가나다라마", "가나다라마바사", "비번", "컴퓨터", "바보", "우리집", "감사합니다", "고양이", "강아지", "엄마", "아빠", "친구", "한국", "서울",
	"테스트", "홍길동", "김민수", "사랑해요", "나는나", "천사", "공주", "하늘", "바다", "화이팅")

// weakPassword tells whether a password is well known or trivial to guess: one of the lists, a run on the keyboard, the same few
// characters again and again, or the account's own name and nothing but digits and signs.
func weakPassword(password, name string) bool {
	password = opaque(password)
	if fewCharacters(password) || onlyName(password, name) {
		return true
	}
	typed := []rune(keystrokes(password))
	if len(typed) > maxJudged {
		typed = typed[:maxJudged]
	}
	judged := string(typed)
	return zxcvbn.PasswordStrength(judged, koreanFavourites, func(m match.Matcher) bool {
		return m.ID == matching.L33TMatcherName && disguised(judged) > maxDisguises
	}).Entropy < weakBits
}

// fewCharacters tells whether a password has at most two different characters.
func fewCharacters(password string) bool {
	different := map[rune]bool{}
	for _, r := range strings.ToLower(password) {
		if different[r] = true; len(different) > 2 {
			return false
		}
	}
	return true
}

// onlyName tells whether a password is the name, once or more, with digits, signs and spaces around: alice, Alice-alice, alice1987.
func onlyName(password, name string) bool {
	password, name = strings.ToLower(password), strings.ToLower(opaque(name))
	if name == "" || !strings.Contains(password, name) {
		return false
	}
	return !strings.ContainsFunc(strings.ReplaceAll(password, name, ""), unicode.IsLetter)
}

// disguised counts the different characters that may stand for a letter.
func disguised(password string) int {
	n := 0
	for _, r := range disguises {
		if strings.ContainsRune(password, r) {
			n++
		}
	}
	return n
}

// The keys of the Korean standard keyboard (KS X 5002) by the order of Unicode's initial, medial and final jamo.
var (
	initialKeys = strings.Fields("r R s e E f a q Q t T d w W c z x v g")
	medialKeys  = strings.Fields("k o i O j p u P h hk ho hl y n nj np nl b m ml l")
	finalKeys   = strings.Fields("r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g")
)

// Hangul syllables in Unicode, 3.12: initial, medial and final in order, 19 × 21 × 28, the first final being none.
const (
	firstSyllable = '가'
	lastSyllable  = '힣'
	finals        = 28
	medials       = 21
)

// keystrokes writes Hangul as the keys that type it, which is how attackers' lists have it, and leaves the rest as it is.
func keystrokes(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		if r < firstSyllable || r > lastSyllable {
			b.WriteRune(r)
			continue
		}
		n := int(r - firstSyllable)
		b.WriteString(initialKeys[n/finals/medials])
		b.WriteString(medialKeys[n/finals%medials])
		if final := n % finals; final > 0 {
			b.WriteString(finalKeys[final-1])
		}
	}
	return b.String()
}

// keystrokesOf writes words as the keys that type them.
func keystrokesOf(words ...string) []string {
	for i, w := range words {
		words[i] = keystrokes(w)
	}
	return words
}
