package bus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"reflect"
	"strconv"
	"time"

	"sarangbang/db"
)

// A packet is JSON, which PostgreSQL carries as it is and people can read:
//
//	{"p":process,"v":wireVersion,"t":microseconds since 1970,"l":[message, …]}
//
// The names of fields are the json tags of Message and of the structs of package db; what is tagged
// "-" there, the password hash above all, stays in its process. A test requires a tag of every
// column. A receiver skips fields and messages that it does not know.

// wireVersion is a checksum of the fields that messages, users and rooms have on the wire, so that
// a new column changes it by itself. A process that receives another version ignores the new state
// in a notice and reads it from the database.
var wireVersion = checksum(
	reflect.TypeFor[db.Message](), reflect.TypeFor[db.User](), reflect.TypeFor[db.Room](),
)

// wireMeaning is raised when a field keeps its name and type and changes its meaning.
const wireMeaning = 1

func checksum(structs ...reflect.Type) uint32 {
	sum := fnv.New32a()
	fmt.Fprintln(sum, wireMeaning)
	for _, t := range structs {
		for field := range t.Fields() {
			if tag := field.Tag.Get("json"); tag != "-" {
				fmt.Fprintln(sum, t.Name(), field.Name, tag, field.Type)
			}
		}
	}
	return sum.Sum32()
}

// decode returns the messages of a packet, without those that hold nothing known.
func decode(text []byte) (messages []Message, err error) {
	var p struct {
		Process   string    `json:"p"`
		Version   uint32    `json:"v"`
		Published int64     `json:"t"`
		Messages  []Message `json:"l"`
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("decoding a packet: %w", err)
	}
	for _, m := range p.Messages {
		if m.Notice == nil && m.Presence == nil && m.Typing == nil && !m.Lost {
			continue
		}
		if p.Version != wireVersion {
			m = withoutChange(m)
		}
		completeMessage(m.Notice)
		m.From, m.Published = p.Process, time.UnixMicro(p.Published)
		messages = append(messages, m)
	}
	return messages, nil
}

// completeMessage sets what a notice's message does not repeat on the wire. A message without its
// author, which only a forger sends, is left out.
func completeMessage(n *db.Notice) {
	switch {
	case n == nil || n.Message == nil:
	case n.Message.Author == nil:
		n.Message = nil
	default:
		n.Message.RoomID, n.Message.Revision = n.Room, n.Revision
	}
}

// withoutChange returns m without the new state that its notice carries: whoever receives it reads
// the database.
func withoutChange(m Message) Message {
	if m.Notice == nil {
		return m
	}
	n := *m.Notice
	n.Message, n.Changed = nil, nil
	m.Notice = &n
	return m
}

// packetStart is what all packets of a process begin with, up to the time.
func packetStart(process string) string {
	return `{"p":` + strconv.Quote(process) + `,"v":` + strconv.FormatUint(uint64(wireVersion), 10) + `,"t":`
}

const packetEnd = "]}"

// packet is some messages ready to be sent.
type packet struct {
	text     []byte
	messages int
}

// encode puts messages, in order, into packets of at most limit bytes. A notice that is too big for
// a packet of its own goes without its change; dropped counts the messages that still do not fit.
func encode(process string, limit int, messages []Message) (packets []packet, dropped int) {
	e := &encoder{process: process, limit: limit}
	e.json = json.NewEncoder(&e.message)
	e.json.SetEscapeHTML(false)
	for _, m := range messages {
		if !e.add(m) && !e.add(withoutChange(m)) {
			dropped++
		}
	}
	e.flush()
	return e.packets, dropped
}

type encoder struct {
	process string
	limit   int
	packets []packet // complete

	text     bytes.Buffer // of the next packet, without packetEnd
	messages int          // in text

	json    *json.Encoder // writes to message
	message bytes.Buffer
}

// add appends a message to the next packet, or begins another one where it would be too long. It
// reports false when the message is too big for any.
func (e *encoder) add(m Message) bool {
	e.message.Reset()
	if e.json.Encode(m) != nil {
		return false
	}
	text := bytes.TrimSuffix(e.message.Bytes(), []byte("\n"))
	if e.messages > 0 && e.text.Len()+len(",")+len(text)+len(packetEnd) > e.limit {
		e.flush()
	}
	if e.messages > 0 {
		e.text.WriteByte(',')
	} else {
		e.text.Reset()
		e.text.WriteString(packetStart(e.process))
		e.text.WriteString(strconv.FormatInt(m.Published.UnixMicro(), 10))
		e.text.WriteString(`,"l":[`)
	}
	if e.text.Len()+len(text)+len(packetEnd) > e.limit {
		return false
	}
	e.text.Write(text)
	e.messages++
	return true
}

// flush completes the next packet, if it holds a message.
func (e *encoder) flush() {
	if e.messages == 0 {
		return
	}
	e.text.WriteString(packetEnd)
	e.packets = append(e.packets, packet{bytes.Clone(e.text.Bytes()), e.messages})
	e.messages = 0
}
