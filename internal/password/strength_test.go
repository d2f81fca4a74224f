package password

import (
	"strings"
	"testing"
	"time"
)

func TestIsWeak_RefusesKnownPasswords(t *testing.T) {
	for _, password := range []string{
		"password1", "12345678", "qwerty123", "11111111", "rkskek123", "iloveyou", "abcd1234", "1q2w3e4r", "qwer1234", "asdf1234",
		"P@ssw0rd", "Password1!", "passw0rd", "letmein123", "admin123", "trustno1", "football", "abababab", "12121212", "aaaaaaaab",
		"alicealice", "alice123", "Alice-Alice", "alice1987", "1234alice", "test1234", "welcome1", "qwertyuiop",
		"qlalfqjsgh", "비밀번호비밀번호", "비밀번호1234", "사랑해사랑해사랑해", "가가가가가가가가", "가나다라마바사아", "dkssudgktpdy", "tkfkdgo1", "안녕하세요!!!",
		strings.Repeat("a", 128), strings.Repeat("ab", 64), strings.Repeat("alice", 25),
		"sarangbang2024", "사랑방-사랑방-12",
	} {
		if !IsWeak(password, "alice", "sarangbang", "사랑방") {
			t.Errorf("%.40s is accepted", password)
		}
	}
}

func TestIsWeak_AcceptsOthers(t *testing.T) {
	for _, password := range []string{
		"secret-house-42", "correct horse", "correct horse battery staple", "correcthorse", "blue-kettle", "alice-wonderland-7", "hunter22-house",
		"사랑방에서만나요", "우리 집 고양이는 초록색", "빨간우산세개", "tkfkdqkddptjaksk", "Tr0ub4dor&3", "kx7$Qp2!", "ひみつのいえ", "тайный-дом",
		"🦊🐢🍉🚲🎻🌵🧊🪁", "password-of-alice", strings.Repeat("the house by the river ", 5),
	} {
		if IsWeak(password, "alice", "sarangbang", "사랑방") {
			t.Errorf("%s is refused", password)
		}
	}
}

func TestIsWeak_TakesBoundedTime(t *testing.T) {
	for _, part := range []string{"a", "1", "가", "4@8({[<3691!|705$+7%2", "691!|7", "ひ", "1.1.", "qwerty", "\U0001F98A", "19990101"} {
		password := string([]rune(strings.Repeat(part, 128))[:128])
		took := fastest(func() { IsWeak(password, "alice", "sarangbang", "사랑방") })
		if took > time.Second {
			t.Errorf("%.20s… takes %v", password, took)
		}
	}
}
