package main

import (
	"os"
	"testing"
	"time"
)

func TestParseStat_CountsFieldsAfterTheName(t *testing.T) {
	text := "42 (a) name (of (x)) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 1 0 99 1000000 256 18446744073709551615\n"
	got, err := parseStat([]byte(text))
	want := usage{cpu: 2 * time.Second, memory: 256 * int64(os.Getpagesize())}
	if err != nil || got != want {
		t.Errorf("%+v, error %v, want %+v", got, err, want)
	}
	for _, wrong := range []string{"", "42 (a) S 1 2 3", "42 (a) S 1 2 3 4 5 6 7 8 9 10 x 50 0 0 20 0 1 0 99 1 256 0"} {
		if got, err := parseStat([]byte(wrong)); err == nil {
			t.Errorf("%q is taken for %+v", wrong, got)
		}
	}
}

func TestUsageOf_KnowsThisProcess(t *testing.T) {
	got, err := usageOf(os.Getpid())
	if err != nil || got.memory < 1<<20 {
		t.Errorf("%+v, error %v", got, err)
	}
	if n, err := descriptorsOf(os.Getpid()); err != nil || n < 3 {
		t.Errorf("%d descriptors, error %v", n, err)
	}
}
