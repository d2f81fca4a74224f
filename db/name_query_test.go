package db

import (
	_ "embed"
	"encoding/json"
	"testing"
)

// nameQueries is the table of what queries find. A story in the browser has the scripts go through
// the same one (package e2e).
//
//go:embed testdata/name_query.json
var nameQueries []byte

func TestNameQuery_SkipsBlanksAndPunctuation(t *testing.T) {
	var cases []struct {
		Name       string
		Found, Not []string
	}
	if err := json.Unmarshal(nameQueries, &cases); err != nil || len(cases) == 0 {
		t.Fatal(len(cases), err)
	}
	for _, c := range cases {
		name := foldName(c.Name)
		for _, query := range c.Found {
			if !newNameQuery(query).matches(name) {
				t.Errorf("%q does not find %q", query, c.Name)
			}
		}
		for _, query := range c.Not {
			if newNameQuery(query).matches(name) {
				t.Errorf("%q finds %q", query, c.Name)
			}
		}
	}
}
