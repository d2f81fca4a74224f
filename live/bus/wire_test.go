package bus

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"sarangbang/db"
)

// notSent are the fields of db that stay at home.
var notSent = cmpopts.IgnoreFields(db.User{}, "PasswordHash", "Bio")

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

// sent is a notice as another process gets it.
func sent(t *testing.T, n db.Notice) db.Notice {
	t.Helper()
	parcels, dropped := pack("here", 1<<20, []Letter{{Notice: &n}})
	if len(parcels) != 1 || dropped != 0 {
		t.Fatalf("%d parcels, %d dropped", len(parcels), dropped)
	}
	letters, err := decode(parcels[0].text)
	if err != nil || len(letters) != 1 {
		t.Fatal(len(letters), err)
	}
	return *letters[0].Notice
}

func TestEverythingARendererNeedsSurvivesTheJourney(t *testing.T) {
	message, room := filled[db.Message](), filled[db.Room]()
	for name, n := range map[string]db.Notice{
		"a message":          {Room: message.RoomID, Revision: message.Revision, Message: message},
		"a room":             {Room: room.ID, Revision: room.Revision, Changed: room, Users: []int64{3, 4}},
		"rights":             {Ended: []db.Right{*filled[db.Right](), {UserID: 3}}},
		"people":             {Users: []int64{1, 1 << 62}},
		"a revision":         {Room: uuid.New(), Revision: 7},
		"an empty message":   {Room: message.RoomID, Revision: 2, Message: &db.Message{RoomID: message.RoomID, Revision: 2, Author: &db.User{}}},
		"a direct room made": {Room: room.ID, Revision: 1, Changed: &db.Room{ID: room.ID, Kind: db.KindDirect}},
	} {
		if diff := cmp.Diff(sent(t, n), n, notSent); diff != "" {
			t.Errorf("%s arrives as another one: %s", name, diff)
		}
	}
}

func TestNoPasswordHashIsEverSent(t *testing.T) {
	m := filled[db.Message]()
	m.Author.PasswordHash = "$argon2id$secret"
	parcels, _ := pack("here", 1<<20, []Letter{{Notice: &db.Notice{Room: m.RoomID, Revision: 1, Message: m}}})
	if bytes.Contains(parcels[0].text, []byte("argon2id")) {
		t.Errorf("the hash is in %s", parcels[0].text)
	}
}

func TestPresenceAndTypingSurviveTheJourney(t *testing.T) {
	letters := []Letter{
		{Presence: &Presence{Online: []int64{1, 2}, Offline: []int64{3}}},
		{Presence: &Presence{Roll: &Roll{Number: 4, Part: 1, Parts: 2, Users: []int64{5}}}},
		{Presence: &Presence{Ask: true}},
		{Presence: &Presence{Goodbye: true}},
		{Typing: &Typing{Room: uuid.New(), User: 3}},
		{Lost: true},
	}
	parcels, _ := pack("here", 1<<20, letters)
	got, err := decode(parcels[0].text)
	if err != nil || len(got) == 0 || got[0].From != "here" {
		t.Fatal(got, err)
	}
	if diff := cmp.Diff(got, letters, cmpopts.IgnoreFields(Letter{}, "From", "Published")); diff != "" {
		t.Error(diff)
	}
}

func TestALetterOfAnotherVersionDoesNoHarm(t *testing.T) {
	const message = `"m":{"p":1,"a":3,"b":"reacted to","reactions":[1]},"a":{"i":3}`
	letters, err := decode([]byte(`{"p":"there","v":99,"t":1,"new":{},"l":[{"poll":{"x":1}},{"n":{"v":3,"mood":"fine","u":[7],` + message + `}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Letter{{Notice: &db.Notice{Revision: 3, Users: []int64{7}}, From: "there", Published: time.UnixMicro(1)}}
	if diff := cmp.Diff(letters, want); diff != "" {
		t.Error(diff)
	}
}

func TestLettersArePackedWithinTheLimit(t *testing.T) {
	const limit = 2000
	var letters []Letter
	for i := range 40 {
		m := filled[db.Message]()
		m.Body = strings.Repeat("가", 20*i)
		letters = append(letters, Letter{Notice: &db.Notice{Room: m.RoomID, Revision: int64(i + 1), Message: m}})
	}
	huge := Letter{Presence: &Presence{Online: make([]int64, limit)}}
	parcels, dropped := pack("here", limit, append(letters, huge))
	if dropped != 1 {
		t.Errorf("%d letters dropped, want the one that fits nowhere", dropped)
	}
	revision, whole := int64(0), 0
	for _, p := range parcels {
		got, err := decode(p.text)
		if err != nil || len(got) != p.letters || len(p.text) > limit {
			t.Fatalf("%d letters of %d in %d bytes: %v", len(got), p.letters, len(p.text), err)
		}
		for _, l := range got {
			revision++
			want := letters[revision-1].Notice
			if l.Notice.Room != want.Room || l.Notice.Revision != revision {
				t.Errorf("revision %d of %v at place %d", l.Notice.Revision, l.Notice.Room, revision)
			}
			if l.Notice.Message != nil {
				whole++
			}
		}
	}
	if revision != 40 || whole < 15 || whole == 40 || len(parcels) > 39 {
		t.Errorf("%d letters, %d with their message, in %d parcels", revision, whole, len(parcels))
	}
}

func BenchmarkWire(b *testing.B) {
	m := filled[db.Message]()
	m.Body = strings.Repeat("안녕하세요 ", 10)
	letters := []Letter{{Notice: &db.Notice{Room: m.RoomID, Revision: 1, Message: m}}}
	b.Run("pack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			pack("here", 8000, letters)
		}
	})
	b.Run("decode", func(b *testing.B) {
		parcels, _ := pack("here", 8000, letters)
		b.SetBytes(int64(len(parcels[0].text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decode(parcels[0].text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestAMessageWithoutItsAuthorIsNone(t *testing.T) {
	letters, err := decode(fmt.Appendf(nil, `{"p":"there","v":%d,"t":1,"l":[{"n":{"v":3,"m":{"p":1,"b":"whose?"}}}]}`, form))
	if err != nil || len(letters) != 1 || letters[0].Notice.Message != nil || letters[0].Notice.Revision != 3 {
		t.Errorf("%+v %v", letters, err)
	}
}

func FuzzDecode(f *testing.F) {
	m := filled[db.Message]()
	parcels, _ := pack("here", 1<<20, []Letter{{Notice: &db.Notice{Room: m.RoomID, Revision: 1, Message: m, Users: []int64{1}}}, {Typing: &Typing{User: 3}}})
	f.Add(parcels[0].text)
	f.Add([]byte(`{"l":[{"n":{}},{"on":{"roll":{}}},{"lost":true}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		letters, err := decode(text)
		for _, l := range letters {
			if err != nil || l.Notice != nil && l.Notice.Message != nil && l.Notice.Message.Author == nil {
				t.Errorf("%q: %+v, %v", text, l, err)
			}
		}
	})
}
