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
	houses   []house
	database string
	temp     string
	keep     bool
	json     bool
}

// shape is a number of rooms and the number of readers of each.
type shape struct{ rooms, readers int }

func (s shape) String() string { return fmt.Sprintf("%d × %s", s.rooms, grouped(float64(s.readers))) }

func (s shape) streams() int { return s.rooms * s.readers }

// readOptions parses the arguments. Its errors, and help when it is asked for, are also printed.
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
	shapes := flags.String("shapes", "1x1000,1x10000,100x10",
		"numbers of rooms x readers of each, for the parts fanout and latency")
	history := flags.String("history", "10000,1000000", "messages in a room, for the part history")
	houses := flags.String("houses", "1000x500x30,500x500x30,1000x1000x30,1000x500x60,1000x100x30",
		"people x rooms x rooms that each is in, for the part house; the first is the one with a goal")
	writers := flags.String("writers", "1,32,256", "how many write at once, for the part posts")
	flags.Float64Var(&o.seconds, "seconds", 2.4, "how long one figure is measured")
	flags.IntVar(&o.rounds, "rounds", 3,
		"in how many trials, contenders in turns; a figure is the median of its trials")
	flags.IntVar(&o.payload, "payload", 512,
		"bytes of data of an event, of the program and of the bare servers; in the part posts, bytes of a body")
	flags.IntVar(&o.streams, "streams", 10_000, "streams, for the parts idle and storm")
	flags.IntVar(&o.posters, "posters", 256, "connections that post at once, for the parts fanout and latency")
	flags.StringVar(&o.database, "database", "",
		"postgres://… of an empty database; without it, SQLite in a temporary file")
	flags.StringVar(&o.temp, "temp", "", "folder for the data; without it, the system's for temporary files. "+
		"On a disk, not in memory, so that commits are durable")
	flags.BoolVar(&o.keep, "keep", false, "keep data and logs")
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
	var errs [4]error
	o.shapes, errs[0] = parseList(*shapes, parseShape)
	o.history, errs[1] = parseList(*history, atLeast(1000))
	o.houses, errs[3] = parseList(*houses, parseHouse)
	o.writers, errs[2] = parseList(*writers, atLeast(1))
	return o, errors.Join(errs[:]...)
}

// parseList parses a list separated by commas.
func parseList[T any](text string, parse func(string) (T, error)) (list []T, err error) {
	for item := range strings.SplitSeq(text, ",") {
		one, err := parse(item)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func parseShape(text string) (s shape, err error) {
	if _, err := fmt.Sscanf(text, "%dx%d", &s.rooms, &s.readers); err != nil || s.rooms < 1 || s.readers < 1 {
		return s, fmt.Errorf("a shape is like 100x10, not %q", text)
	}
	return s, nil
}

// atLeast returns a parser of numbers that are not less than least.
func atLeast(least int) func(text string) (int, error) {
	return func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < least {
			return 0, fmt.Errorf("%q is no number from %d on", text, least)
		}
		return n, nil
	}
}

// span is how long one figure is measured, in all its trials.
func (o *options) span() time.Duration { return time.Duration(o.seconds * float64(time.Second)) }

// trialSpan is how long one trial of one contender takes.
func (o *options) trialSpan() time.Duration { return o.span() / time.Duration(o.rounds) }

// wants reports whether a part is to be measured.
func (o *options) wants(part string) bool { return slices.Contains(o.parts, part) }
