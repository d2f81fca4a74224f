package main

import "context"

// part is something to measure; it adds its lines to the table. An error is an answer that was wrong.
type part struct {
	name, meaning string
	measure       func(*bench, context.Context) error
}

// Parts that know of each other.
const (
	partFanout  = "fanout"
	partLatency = "latency"
)

// parts are all of them, in the order they are measured.
var parts = []part{
	{"idle", "memory of an idle stream", measureIdle},
	{partFanout, "deliveries a second, saturated", measureFanout},
	{partLatency, "time from a post to its readers", measureLatency},
	{"stalled", "readers that do not read", measureStalled},
	{"storm", "a restart under many readers", measureStorm},
	{"posts", "durable posts a second", measurePosts},
	{"pages", "pages a second", measurePages},
	{"history", "cost in houses of different size", measureHistory},
}
