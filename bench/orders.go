package main

// Between the program that measures and the process of its readers go lines of JSON: an order on the standard input, a report on the
// standard output, one for each order.

// order tells the readers what to do next. Exactly one field is set.
type order struct {
	Open   *openOrder
	Count  bool         // report at once
	Time   *bool        // begin to take the time of deliveries anew, or stop
	Settle *settleOrder // report when all have received all that was posted
	Stall  *stallOrder
}

// openOrder opens the streams, and is done when all are ready.
type openOrder struct {
	Address string
	Kind    string // of server: kindProgram or kindBare
	Rooms   []string
	Readers int      // of each room; reader i reads room i/Readers
	Tokens  []string // reader i comes with token i, modulo their number
	// Progress is a file of 8 bytes in which the readers keep the number of deliveries.
	Progress string
	// Return makes readers whose stream ends come back with their cursor; else that is an error.
	Return bool
}

// settleOrder waits until every reader that is not stalled has received so many events of its room, and no more.
type settleOrder struct {
	Posted []int64 // by room
	Within int64   // milliseconds
}

// stallOrder makes the last readers stop reading, the Still ones for good, the Slow ones but for a byte a second.
type stallOrder struct{ Still, Slow int }

// report is the answer to an order.
type report struct {
	Error      string // the first thing that was wrong, ever
	Deliveries int64  // events received by all readers, each once
	At         int64  // when that was, in nanoseconds
	Ready      int    // streams that are open and have caught up
	Returned   int    // streams that were opened again
	Times      spread // of deliveries since the last Time order
}

const (
	kindProgram = "program"
	kindBare    = "bare"
)
