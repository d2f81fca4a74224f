package db

import (
	"strings"
	"testing"
)

func TestWithoutValues(t *testing.T) {
	for query, want := range map[string]string{
		`SELECT "u"."id" FROM users AS u WHERE name = 'it''s' AND id = 42`: `SELECT "u"."id" FROM users AS u WHERE name = ?? AND id = ?`,
		`SELECT a1, md5(x) FROM t2 LIMIT 10`:                               `SELECT a1, md5(x) FROM t2 LIMIT ?`,
		`VALUES (X'00ff', -1.5, '', '2026-01-01 00:00:00+00:00')`:          `VALUES (X?, -?.?, ?, ?)`,
		`SELECT 'never closed`:                                             `SELECT ?`,
		`SELECT '`:                                                         `SELECT ?`,
	} {
		if got := withoutValues(query); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", query, got, want)
		}
	}
	if got := len(withoutValues(strings.Repeat("?, ", sqlBytes))); got > sqlBytes {
		t.Errorf("%d bytes, want %d at most", got, sqlBytes)
	}
}
