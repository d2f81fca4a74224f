package main

import "context"

// part is something to measure. Its function adds rows to the table, and ends by check when a
// response was wrong. A new part is a file with that function, and a line in parts.
type part struct {
	name, meaning string
	measure       func(context.Context, *bench)
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
	{"house", "what a post costs where everybody is online elsewhere", measureHouse},
	{"reactions", "many people who react to one message at once", measureReactions},
	{"floods", "what a member waits while others flood the service", measureFloods},
	{"history", "cost with more messages, members and rooms", measureHistory},
}
