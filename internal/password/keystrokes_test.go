package password

import "testing"

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
