package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// table is what a run prints.
type table struct {
	Machine string  `json:"machine"`
	Seconds float64 `json:"seconds"`
	Lines   []line  `json:"lines"`
}

// line is one figure beside its limit.
type line struct {
	What string  `json:"what"`
	Unit string  `json:"unit"`
	Ours float64 `json:"ours"`
	// Limit is what bounds the figure on this machine; LimitIs says how it was measured. Zero: there is none.
	Limit   float64 `json:"limit,omitempty"`
	LimitIs string  `json:"limit_is,omitempty"`
	Goal    goal    `json:"goal"`
	Met     bool    `json:"met"`
	Note    string  `json:"note,omitempty"`
}

// goal bounds a figure. The zero value is no goal.
type goal struct {
	Ratio float64 `json:"ratio,omitempty"` // at least this part of the limit
	Most  float64 `json:"most,omitempty"`  // not more than this
	Above float64 `json:"above,omitempty"` // not more than this above the limit
	Times float64 `json:"times,omitempty"` // not more than so many times the limit
}

const (
	unitRate  = "/s"
	unitBytes = "B"
	unitTime  = "ms"
	unitSecs  = "s"
)

func (l *line) judge() {
	l.Met = (l.Goal.Ratio == 0 || l.Ours >= l.Goal.Ratio*l.Limit) &&
		(l.Goal.Most == 0 || l.Ours <= l.Goal.Most) &&
		(l.Goal.Above == 0 || l.Ours <= l.Limit+l.Goal.Above) &&
		(l.Goal.Times == 0 || l.Ours <= l.Limit*l.Goal.Times)
}

func (g goal) text(unit string) string {
	switch {
	case g.Ratio > 0:
		return fmt.Sprintf("≥ %.2f ×", g.Ratio)
	case g.Most > 0:
		return "≤ " + amount(g.Most, unit)
	case g.Above > 0:
		return "≤ limit + " + amount(g.Above, unit)
	case g.Times > 0:
		return fmt.Sprintf("≤ %.2f ×", g.Times)
	}
	return ""
}

var headings = []string{"what", "ours", "limit", "ratio", "goal", "ok", "limit is", "note"}

func (l line) columns() []string {
	limit, ratio, ok := "", "", ""
	if l.Limit > 0 {
		limit = amount(l.Limit, l.Unit)
		ratio = fmt.Sprintf("%.2f", l.Ours/l.Limit)
	}
	if l.Goal != (goal{}) {
		ok = map[bool]string{true: "yes", false: "NO"}[l.Met]
	}
	return []string{l.What, amount(l.Ours, l.Unit), limit, ratio, l.Goal.text(l.Unit), ok, l.LimitIs, l.Note}
}

// print writes the table for people or as JSON.
func (t *table) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(t)
	}
	fmt.Fprintf(w, "\n%s; %.0f s\n\n", t.Machine, t.Seconds)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, columns := range append([][]string{headings}, t.rows()...) {
		fmt.Fprintln(tw, strings.TrimRight(strings.Join(columns, "\t"), "\t"))
	}
	return tw.Flush()
}

func (t *table) rows() [][]string {
	rows := make([][]string, len(t.Lines))
	for i, l := range t.Lines {
		rows[i] = l.columns()
	}
	return rows
}

// amount writes a figure with as many digits as mean something.
func amount(n float64, unit string) string {
	text := strconv.FormatFloat(n, 'f', 2, 64)
	if n >= 100 || unit == unitBytes || unit == unitRate {
		text = grouped(n)
	}
	return text + strings.Replace(" "+unit, " /", "/", 1)
}

// grouped writes a whole number with its digits in threes.
func grouped(n float64) string {
	text := strconv.FormatFloat(n, 'f', 0, 64)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// inMilliseconds is a duration as a figure.
func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
