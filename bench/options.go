package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// options are the flags.
type options struct {
	parts    []string
	shapes   []shape
	seconds  float64
	rounds   int
	payload  int
	streams  int
	posters  int
	writers  []int
	history  []int
	database string
	temp     string
	keep     bool
	json     bool
}

// shape is so many rooms with so many readers each.
type shape struct{ rooms, readers int }

func (s shape) String() string { return fmt.Sprintf("%d × %s", s.rooms, grouped(float64(s.readers))) }

func (s shape) streams() int { return s.rooms * s.readers }

func readOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	names := make([]string, len(parts))
	about := "parts to measure, separated by commas:"
	for i, part := range parts {
		names[i] = part.name
		about += fmt.Sprintf("\n%-8s %s", part.name, part.meaning)
	}
	list := flags.String("parts", strings.Join(names, ","), about)
	shapes := flags.String("shapes", "1x1000,1x10000,100x10", "rooms x readers of fan-out and latency")
	history := flags.String("history", "10000,1000000", "messages in the rooms of the part history")
	writers := flags.String("writers", "1,32,256", "how many write at once in the part posts")
	flags.Float64Var(&o.seconds, "seconds", 2.4, "how long one figure is measured")
	flags.IntVar(&o.rounds, "rounds", 3, "in how many windows, contenders in turns; the one in the middle counts")
	flags.IntVar(&o.payload, "payload", 512, "bytes of data of an event, the same for the program and the bare servers; bytes of a body where posts alone are measured")
	flags.IntVar(&o.streams, "streams", 10_000, "streams of idle and storm")
	flags.IntVar(&o.posters, "posters", 256, "connections that post at once in fan-out and latency")
	flags.StringVar(&o.database, "database", "", "postgres://… of an empty database; without it SQLite in a temporary file")
	flags.StringVar(&o.temp, "temp", "", "folder for the data; without it the system's for temporary files. A disk, not memory, for honest commits")
	flags.BoolVar(&o.keep, "keep", false, "leave data and logs there")
	flags.BoolVar(&o.json, "json", false, "print the table as JSON")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.parts = strings.Split(*list, ",")
	for _, name := range o.parts {
		if !slices.Contains(names, name) {
			return o, fmt.Errorf("there is no part %q", name)
		}
	}
	if flags.NArg() > 0 || o.seconds <= 0 || o.rounds < 1 || o.streams < 1 || o.posters < 1 {
		return o, errors.New("flags that make no sense; see -h")
	}
	return o, errors.Join(scanList(*shapes, o.addShape), scanList(*history, addNumber(&o.history, 1000)), scanList(*writers, addNumber(&o.writers, 1)))
}

func (o *options) addShape(text string) error {
	var s shape
	if _, err := fmt.Sscanf(text, "%dx%d", &s.rooms, &s.readers); err != nil || s.streams() < 1 {
		return fmt.Errorf("a shape is like 100x10, not %q", text)
	}
	o.shapes = append(o.shapes, s)
	return nil
}

// addNumber reads into a list of numbers that are not less than least.
func addNumber(list *[]int, least int) func(string) error {
	return func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < least {
			return fmt.Errorf("%q is no number from %d on", text, least)
		}
		*list = append(*list, n)
		return nil
	}
}

// scanList reads a list separated by commas.
func scanList(text string, add func(string) error) error {
	for item := range strings.SplitSeq(text, ",") {
		if err := add(item); err != nil {
			return err
		}
	}
	return nil
}

// span is how long one figure is measured.
func (o *options) span() time.Duration { return time.Duration(o.seconds * float64(time.Second)) }

// wants tells whether a part is to be measured.
func (o *options) wants(part string) bool { return slices.Contains(o.parts, part) }
