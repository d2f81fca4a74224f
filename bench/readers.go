package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// readers are the load generator's process, as seen from the one that measures. Between the two go
// lines of JSON: a command on the standard input, a report on the standard output, one for each.
type readers struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	commands *json.Encoder
	reports  *json.Decoder
}

// command tells the readers what to do next. At most one field is set; without any they report at
// once.
type command struct {
	Open   *plan
	Time   bool // begin to take the times of deliveries anew
	Settle *settlement
	Stall  *stall
}

// plan is which streams to open. The report comes when all are ready.
type plan struct {
	Address string
	Bare    bool // a bare server, not the real program
	Rooms   []string
	Readers int      // of each room; reader i reads room i/Readers
	Tokens  []string // reader i comes with token i, modulo their number
	// Progress is a file of 8 bytes in which the readers keep the number of deliveries.
	Progress string
	// Reconnect makes readers whose stream ends come back with their cursor; without it the end of
	// a stream is an error.
	Reconnect bool
}

// settlement waits until every reader that is not stalled has received exactly as many events of
// its room as were posted.
type settlement struct {
	Posted []int64 // by room
	Within int64   // milliseconds
}

// stall makes the last readers stop reading: Still of them for good, and Slow of them but for a
// byte a second.
type stall struct{ Still, Slow int }

// report is the answer to a command.
type report struct {
	Error      string // the first thing that was ever wrong
	Deliveries int64  // events received by all readers, each once
	At         int64  // when that was, in nanoseconds
	Ready      int    // streams that are open and have caught up
	Times      percentiles
}

// startReaders starts the process on the cores of the load.
func (b *bench) startReaders() *readers {
	cmd := roleCommand(roleReaders, nil)
	in, out := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
	b.start(cmd, roleReaders, b.placement.load)
	return &readers{cmd: cmd, in: in, commands: json.NewEncoder(in), reports: json.NewDecoder(out)}
}

// do gives a command and waits for the report. What the readers found wrong is an error.
func (r *readers) do(c command) (got report, err error) {
	if err = r.commands.Encode(c); err == nil {
		err = r.reports.Decode(&got)
	}
	if err != nil {
		return got, fmt.Errorf("the readers have gone: %w", err)
	}
	if got.Error != "" {
		return got, errors.New(got.Error)
	}
	return got, nil
}

// close ends the process and with it all streams.
func (r *readers) close() error { return errors.Join(r.in.Close(), r.cmd.Wait()) }
