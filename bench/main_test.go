package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"sarangbang/db/dbtest"
	"sarangbang/internal/testcache"
)

// TestMain lets the test program be the other processes too.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		exit(attempt(func() { runRole(role, os.Stdin, os.Stdout) }))
	}
	os.Exit(dbtest.Main(m))
}

func TestBench_EveryPartMeasuresSomething(t *testing.T) {
	skipWhenShort(t)
	t.Parallel()
	var all []string
	for _, part := range parts {
		all = append(all, part.name)
	}
	wants(t, tiny(t, "-parts", strings.Join(all, ",")), len(parts))
}

func TestBench_JudgesNothingThatWasInterrupted(t *testing.T) {
	b := &bench{stderr: io.Discard}
	whole := part{name: "whole", measure: func(_ context.Context, b *bench) { b.add(row{What: "measured"}) }}
	ctx, interrupt := context.WithCancel(t.Context())
	cut := part{name: "cut", measure: func(_ context.Context, b *bench) {
		interrupt()
		b.add(row{What: "nothing", Unit: unitTime, Goal: goal{Most: 1}})
	}}
	if err := attempt(func() { b.measurePart(ctx, whole); b.measurePart(ctx, cut) }); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ends with %v", err)
	}
	if rows := b.table.Rows; len(rows) != 1 || rows[0].What != "measured" {
		t.Errorf("rows: %+v", rows)
	}
}

func TestBench_MeasuresPostgreSQLToo(t *testing.T) {
	skipWhenShort(t)
	t.Parallel()
	wants(t, tiny(t, "-parts", "fanout,posts,history", "-database", dbtest.BareURL(t, "postgres")), 3)
}

func skipWhenShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("a whole run takes too long for -short")
	}
}

// wants looks for that many rows at least, each with a figure.
func wants(t *testing.T, got table, rows int) {
	t.Helper()
	if len(got.Rows) < rows {
		t.Errorf("%d rows, want %d", len(got.Rows), rows)
	}
	for _, r := range got.Rows {
		if r.Ours < 0 || r.Ours == 0 && r.Unit == unitTime {
			t.Errorf("%s: %v%s", r.What, r.Ours, r.Unit)
		}
	}
}

// tiny runs the program with numbers that measure nothing.
func tiny(t *testing.T, args ...string) table {
	t.Helper()
	if err := testcache.DependOnModule(".."); err != nil {
		t.Fatal(err)
	}
	var out, progress bytes.Buffer
	args = append(args, "-json", "-seconds", "0.1", "-rounds", "1", "-shapes", "3x4", "-streams", "20", "-posters", "8", "-writers", "4",
		"-history", "1000,2000", "-houses", "20x40x10", "-temp", t.TempDir())
	err := run(t.Context(), placement{}, args, &out, &progress)
	t.Log(&progress)
	if err != nil {
		t.Fatal(err)
	}
	var got table
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestOptions_RefuseWhatMakesNoSense(t *testing.T) {
	for name, args := range map[string][]string{
		"unknown part":     {"-parts", "fanout,tea"},
		"shape of words":   {"-shapes", "many"},
		"shape of nothing": {"-shapes", "0x5"},
		"no time":          {"-seconds", "0"},
		"a word too many":  {"now"},
		"a short history":  {"-history", "3"},
		"a small house":    {"-houses", "10x3x4"},
		"no writers":       {"-writers", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			if o, err := readOptions(args, new(bytes.Buffer)); err == nil {
				t.Errorf("taken as %+v", o)
			}
		})
	}
}

func TestTable_IsForPeople(t *testing.T) {
	rows := []row{
		{What: "deliveries", Unit: unitRate, Ours: 3_100_000, Limit: 4_000_000, LimitIs: "bare",
			Goal: goal{Ratio: 0.8}},
		{What: "p99", Unit: unitTime, Ours: 7.5, Limit: 2, Goal: goal{Above: 10}},
		{What: "memory", Unit: unitBytes, Ours: 2500, Goal: goal{Most: 3072}},
		{What: "waits", Unit: unitTime, Ours: 3, Limit: 2, Goal: goal{Times: 2}},
	}
	var all table
	for _, r := range rows {
		r.judge()
		all.Rows = append(all.Rows, r)
	}
	var out bytes.Buffer
	if err := all.print(&out, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"deliveries  3,100,000/s  4,000,000/s  0.78   ≥ 0.80 ×         NO   bare",
		"p99         7.50 ms      2.00 ms      3.75   ≤ limit + 10.00 ms  yes",
		"memory      2,500 B                          ≤ 3,072 B           yes",
		"waits       3.00 ms      2.00 ms      1.50   ≤ 2.00 ×            yes",
	} {
		if !strings.Contains(squeezed(out.String()), squeezed(want)) {
			t.Errorf("no line %q in\n%s", want, &out)
		}
	}
}

// squeezed has one space where there are several.
func squeezed(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.Join(strings.Fields(lines[i]), " ")
	}
	return strings.Join(lines, "\n")
}
