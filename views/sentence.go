package views

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// sentence is a text in one language. In the files it is a string, or {"one": …, "other": …} where
// the language has a form of its own for a single thing.
type sentence struct {
	one   string // empty: the same as other
	other string
}

// UnmarshalJSON reads both forms.
func (s *sentence) UnmarshalJSON(raw []byte) error {
	*s = sentence{}
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, &s.other)
	}
	var forms struct{ One, Other string }
	if err := json.Unmarshal(raw, &forms); err != nil {
		return err
	}
	if forms.One == "" || forms.Other == "" {
		return fmt.Errorf("text %s: needs one and other", raw)
	}
	s.one, s.other = forms.One, forms.Other
	return nil
}

// format returns the sentence with args in it, as Text describes.
func (s sentence) format(args []any) string {
	if len(args) == 0 {
		return s.other
	}
	text, grouped := s.other, make([]any, len(args))
	for i, arg := range args {
		n, ok := wholeNumber(arg)
		if !ok {
			grouped[i] = arg
			continue
		}
		grouped[i] = n
		if n == 1 && s.one != "" {
			text = s.one
		}
	}
	return fmt.Sprintf(text, grouped...)
}

func wholeNumber(arg any) (number, bool) {
	switch n := arg.(type) {
	case int:
		return number(n), true
	case int64:
		return number(n), true
	}
	return 0, false
}

// number is a whole number that is written with separators, whatever the verb: 10,000.
type number int64

// Format writes n for fmt.
func (n number) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, n.String()) }

func (n number) String() string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
