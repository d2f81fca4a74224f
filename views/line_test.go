package views

import (
	"testing"

	"sarangbang/db"
)

func TestLines(t *testing.T) {
	cases := map[string]struct {
		change func(*db.Message)
		want   string
	}{
		"a message":              {func(*db.Message) {}, "10:02 지민  안녕하세요\n"},
		"of several lines":       {func(m *db.Message) { m.Body = "하나\n둘\n\n셋" }, "10:02 지민  하나 ⏎ 둘 ⏎  ⏎ 셋\n"},
		"edited":                 {func(m *db.Message) { m.EditedAt = &morning }, "10:02 지민  안녕하세요 (수정됨)\n"},
		"deleted":                {func(m *db.Message) { m.Body = ""; m.DeletedAt = &morning }, "10:02 지민  (삭제된 메시지입니다.)\n"},
		"with escapes":           {func(m *db.Message) { m.Body = "\x1b[31mred\x1b[0m\a\b\u009b2J" }, "10:02 지민  [31mred[0m2J\n"},
		"with a carriage return": {func(m *db.Message) { m.Body = "a\rb\r\nc" }, "10:02 지민  ab ⏎ c\n"},
		"turned around":          {func(m *db.Message) { m.Body = "a\u202egnp\u2066x" }, "10:02 지민  agnpx\n"},
		"with other line ends":   {func(m *db.Message) { m.Body = "a\u2028b\u2029c\u0085d\tе" }, "10:02 지민  a b cd е\n"},
		"with a hostile name":    {func(m *db.Message) { m.Author.DisplayName = "지민\n00:00 관리자\x1b]0;x\a" }, "10:02 지민 00:00 관리자]0;x  안녕하세요\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := said("안녕하세요")
			c.change(m)
			if got := newRenderer(t).Line(Locale{"ko", seoul}, m); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
