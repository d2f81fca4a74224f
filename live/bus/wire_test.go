package bus

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"sarangbang/db"
)

// notSent are the fields that stay in their process.
var notSent = cmpopts.IgnoreFields(db.User{}, "PasswordHash", "Bio", "RoomOrder")

// fill sets every field of a struct to something that is not zero.
func fill(v reflect.Value, n *int64) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(1_800_000_000+*n, 123_456_000).UTC()))
		return
	case uuid.UUID:
		v.Set(reflect.ValueOf(uuid.New()))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).Anonymous {
				fill(v.Field(i), n)
			}
		}
	case reflect.Int64:
		v.SetInt(*n)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(fmt.Sprintf("지민 <b>\"%d\" '\\ \u2028", *n))
	default:
		panic("a field of a kind that the test does not know: " + v.Type().String())
	}
}

func filled[T any]() *T {
	v, n := new(T), int64(0)
	fill(reflect.ValueOf(v).Elem(), &n)
	return v
}

// sent returns a notice as another process receives it.
func sent(t *testing.T, n db.Notice) db.Notice {
	t.Helper()
	packets, dropped := encode("here", 1<<20, []Message{{Notice: &n}})
	if len(packets) != 1 || dropped != 0 {
		t.Fatalf("%d packets, %d dropped", len(packets), dropped)
	}
	messages, err := decode(packets[0].text)
	if err != nil || len(messages) != 1 {
		t.Fatal(len(messages), err)
	}
	return *messages[0].Notice
}

func TestNotice_ArrivesWhole(t *testing.T) {
	message, room := filled[db.Message](), filled[db.Room]()
	for name, n := range map[string]db.Notice{
		"a message":          {Room: message.RoomID, Revision: message.Revision, Message: message},
		"a room":             {Room: room.ID, Revision: room.Revision, Changed: room, Users: []int64{3, 4}},
		"rights":             {Ended: []db.Right{*filled[db.Right](), {UserID: 3}}},
		"people":             {Users: []int64{1, 1 << 62}},
		"a read mark":        {Read: &db.ReadMark{UserID: 3, Room: room.ID}},
		"a revision":         {Room: uuid.New(), Revision: 7},
		"an empty message":   {Room: room.ID, Revision: 2, Message: &db.Message{RoomID: room.ID, Revision: 2, Author: &db.User{}}},
		"a direct room made": {Room: room.ID, Revision: 1, Changed: &db.Room{ID: room.ID, Kind: db.KindDirect}},
	} {
		if diff := cmp.Diff(sent(t, n), n, notSent); diff != "" {
			t.Errorf("%s arrives as another one: %s", name, diff)
		}
	}
}

func TestPacket_HoldsNoPasswordHash(t *testing.T) {
	m := filled[db.Message]()
	m.Author.PasswordHash = "$argon2id$secret"
	packets, _ := encode("here", 1<<20, []Message{{Notice: &db.Notice{Room: m.RoomID, Revision: 1, Message: m}}})
	if bytes.Contains(packets[0].text, []byte("argon2id")) {
		t.Errorf("the hash is in %s", packets[0].text)
	}
}

func TestColumn_SaysWhetherItIsOnTheWire(t *testing.T) {
	secret := regexp.MustCompile(`(?i)password|secret|hash`)
	structs := []reflect.Type{reflect.TypeFor[db.Message](), reflect.TypeFor[db.User](), reflect.TypeFor[db.Room]()}
	for _, s := range structs {
		for field := range s.Fields() {
			switch tag, tagged := field.Tag.Lookup("json"); {
			case field.Anonymous:
			case !tagged:
				t.Errorf(`%v.%s has no json tag: "-" keeps it in its process`, s, field.Name)
			case tag != "-" && secret.MatchString(field.Name):
				t.Errorf("%v.%s is sent to other processes", s, field.Name)
			}
		}
	}
}

func TestWireVersion_ChangesWithTheColumnsOnTheWire(t *testing.T) {
	field := func(name string, of reflect.Type, tag reflect.StructTag) reflect.StructField {
		return reflect.StructField{Name: name, Type: of, Tag: tag}
	}
	id, text := field("ID", reflect.TypeFor[int64](), `json:"i"`), field("Text", reflect.TypeFor[string](), `json:"t"`)
	version := func(fields ...reflect.StructField) uint32 { return checksum(reflect.StructOf(fields)) }
	before := version(id)
	if version(id, text) == before {
		t.Error("another column does not change it")
	}
	if version(field("ID", reflect.TypeFor[int32](), `json:"i"`)) == before {
		t.Error("another type does not change it")
	}
	if version(id) != before {
		t.Error("it is not always the same")
	}
	if checksum(reflect.TypeFor[db.User]()) == checksum(reflect.TypeFor[db.Room]()) {
		t.Error("users and rooms have the same")
	}
}

func TestPresenceAndTyping_ArriveWhole(t *testing.T) {
	messages := []Message{
		{Presence: &Presence{Online: []int64{1, 2}, Offline: []int64{3}}},
		{Presence: &Presence{FullState: &FullState{Number: 4, Part: 1, Parts: 2, Users: []int64{5}}}},
		{Presence: &Presence{Ask: true}},
		{Presence: &Presence{Goodbye: true}},
		{Typing: &Typing{Room: uuid.New(), User: 3}},
		{Lost: true},
	}
	packets, _ := encode("here", 1<<20, messages)
	got, err := decode(packets[0].text)
	if err != nil || len(got) == 0 || got[0].From != "here" {
		t.Fatal(got, err)
	}
	if diff := cmp.Diff(got, messages, cmpopts.IgnoreFields(Message{}, "From", "Published")); diff != "" {
		t.Error(diff)
	}
}

func TestPacket_OfAnotherVersionLosesItsChanges(t *testing.T) {
	const message = `"m":{"p":1,"a":3,"b":"reacted to","reactions":[1],"u":{"i":3}}`
	const packet = `{"p":"there","v":99,"t":1,"new":{},"l":[{"poll":{"x":1}},{"n":{"v":3,"mood":"fine","u":[7],` + message + `}}]}`
	messages, err := decode([]byte(packet))
	if err != nil {
		t.Fatal(err)
	}
	want := []Message{{Notice: &db.Notice{Revision: 3, Users: []int64{7}}, From: "there", Published: time.UnixMicro(1)}}
	if diff := cmp.Diff(messages, want); diff != "" {
		t.Error(diff)
	}
}

func TestPackets_KeepToTheLimit(t *testing.T) {
	const limit = 2000
	var messages []Message
	for i := range 40 {
		m := filled[db.Message]()
		m.Body, m.Subject, m.Quoted = strings.Repeat("가", 20*i), nil, nil // a text has no subject, and this one answers nothing
		messages = append(messages, Message{Notice: &db.Notice{Room: m.RoomID, Revision: int64(i + 1), Message: m}})
	}
	huge := Message{Presence: &Presence{Online: make([]int64, limit)}}
	packets, dropped := encode("here", limit, append(messages, huge))
	if dropped != 1 {
		t.Errorf("%d messages dropped, want the one that fits nowhere", dropped)
	}
	revision, whole := int64(0), 0
	for _, p := range packets {
		got, err := decode(p.text)
		if err != nil || len(got) != p.messages || len(p.text) > limit {
			t.Fatalf("%d messages of %d in %d bytes: %v", len(got), p.messages, len(p.text), err)
		}
		for _, m := range got {
			revision++
			want := messages[revision-1].Notice
			if m.Notice.Room != want.Room || m.Notice.Revision != revision {
				t.Errorf("revision %d of %v at place %d", m.Notice.Revision, m.Notice.Room, revision)
			}
			if m.Notice.Message != nil {
				whole++
			}
		}
	}
	if revision != 40 || whole < 15 || whole == 40 || len(packets) > 39 {
		t.Errorf("%d messages, %d with their message, in %d packets", revision, whole, len(packets))
	}
}

func BenchmarkWire(b *testing.B) {
	m := filled[db.Message]()
	m.Body = strings.Repeat("안녕하세요 ", 10)
	messages := []Message{{Notice: &db.Notice{Room: m.RoomID, Revision: 1, Message: m}}}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			encode("here", 8000, messages)
		}
	})
	b.Run("decode", func(b *testing.B) {
		packets, _ := encode("here", 8000, messages)
		b.SetBytes(int64(len(packets[0].text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decode(packets[0].text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestMessage_WithoutItsAuthorIsDropped(t *testing.T) {
	const packet = `{"p":"there","v":%d,"t":1,"l":[{"n":{"v":3,"m":{"p":1,"b":"whose?"}}}]}`
	messages, err := decode(fmt.Appendf(nil, packet, wireVersion))
	if err != nil || len(messages) != 1 || messages[0].Notice.Message != nil || messages[0].Notice.Revision != 3 {
		t.Errorf("%+v %v", messages, err)
	}
}

func FuzzDecode(f *testing.F) {
	m := filled[db.Message]()
	packets, _ := encode("here", 1<<20, []Message{
		{Notice: &db.Notice{Room: m.RoomID, Revision: 1, Message: m, Users: []int64{1}}},
		{Typing: &Typing{User: 3}},
	})
	f.Add(packets[0].text)
	f.Add([]byte(`{"l":[{"n":{}},{"on":{"roll":{}}},{"lost":true}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		messages, err := decode(text)
		for _, m := range messages {
			if err != nil || m.Notice != nil && m.Notice.Message != nil && m.Notice.Message.Author == nil {
				t.Errorf("%q: %+v, %v", text, m, err)
			}
		}
	})
}
