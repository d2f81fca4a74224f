package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// readers is the process of the readers, as seen from the one that measures.
type readers struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	tell  *json.Encoder
	hear  *json.Decoder
	opens openOrder
}

func (b *bench) startReaders() (*readers, error) {
	cmd, err := self(roleReaders)
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &readers{cmd: cmd, in: in, tell: json.NewEncoder(in), hear: json.NewDecoder(out)}, b.start(cmd, roleReaders, b.placing.load)
}

// do gives an order and waits for the report. What the readers found wrong is an error.
func (r *readers) do(o order) (report, error) {
	var answer report
	if err := r.tell.Encode(o); err != nil {
		return answer, fmt.Errorf("the readers have gone: %w", err)
	}
	if err := r.hear.Decode(&answer); err != nil {
		return answer, fmt.Errorf("the readers have gone: %w", err)
	}
	if answer.Error != "" {
		return answer, errors.New(answer.Error)
	}
	return answer, nil
}

// close ends the process and with it all streams.
func (r *readers) close() error { return errors.Join(r.in.Close(), r.cmd.Wait()) }
