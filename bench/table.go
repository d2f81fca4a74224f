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
	Rows    []row   `json:"lines"`
}

// row is one figure beside its limit.
type row struct {
	What string  `json:"what"`
	Unit string  `json:"unit"`
	Ours float64 `json:"ours"`
	// Limit is what bounds the figure on this machine, or 0 without a limit; LimitIs says how it
	// was measured.
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

// judge finds out whether the goal is met.
func (r *row) judge() {
	r.Met = (r.Goal.Ratio == 0 || r.Ours >= r.Goal.Ratio*r.Limit) &&
		(r.Goal.Most == 0 || r.Ours <= r.Goal.Most) &&
		(r.Goal.Above == 0 || r.Ours <= r.Limit+r.Goal.Above) &&
		(r.Goal.Times == 0 || r.Ours <= r.Limit*r.Goal.Times)
}

// text returns the goal of a figure in a unit for people.
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

// columns returns the cells of the row, by headings.
func (r row) columns() []string {
	limit, ratio, ok := "", "", ""
	if r.Limit > 0 {
		limit = amount(r.Limit, r.Unit)
		ratio = fmt.Sprintf("%.2f", r.Ours/r.Limit)
	}
	if r.Goal != (goal{}) {
		ok = map[bool]string{true: "yes", false: "NO"}[r.Met]
	}
	return []string{r.What, amount(r.Ours, r.Unit), limit, ratio, r.Goal.text(r.Unit), ok, r.LimitIs, r.Note}
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
	fmt.Fprintln(tw, strings.Join(headings, "\t"))
	for _, r := range t.Rows {
		fmt.Fprintln(tw, strings.TrimRight(strings.Join(r.columns(), "\t"), "\t"))
	}
	return tw.Flush()
}

// amount formats a figure with its unit and as many digits as mean something.
func amount(n float64, unit string) string {
	text := strconv.FormatFloat(n, 'f', 2, 64)
	if n >= 100 || unit == unitBytes || unit == unitRate {
		text = grouped(n)
	}
	return text + strings.Replace(" "+unit, " /", "/", 1)
}

// grouped formats a whole number with its digits in threes.
func grouped(n float64) string {
	text := strconv.FormatFloat(n, 'f', 0, 64)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// inMilliseconds returns a duration as a figure in unitTime.
func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
