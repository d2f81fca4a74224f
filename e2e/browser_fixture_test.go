package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
)

// fixture is a server on which several people have talked for days, for stories that only look.
type fixture struct {
	server       *process
	jimin, alice *webtest.Person // who read Korean and English
	yard         string          // path of the room most is said in
	trip         string          // path of a room with files
	direct       string          // path of the room of the two
	open         string          // code of an invitation
	recovery     string          // path of the link to a new password for boram
	lines        int64           // how many lines about who came in stand before the talk in the yard
}

// words are what somebody said so long ago.
type words struct {
	who  string
	ago  time.Duration
	body string
	// answers says which of the same talk it answers, counted from 1; 0: none.
	answers int64
}

const day = 24 * time.Hour

// yardTalk has everything a log can show: days, messages that continue, code, quotes, lists, links,
// emoji.
var yardTalk = []words{
	{"jimin", 2*day + 9*time.Minute, "안녕하세요, 새 사랑방에 오신 걸 환영해요. 이곳은 우리끼리 쓰는 방이에요.", 0},
	{"jimin", 2*day + 8*time.Minute, "주말에 뭐 할지 여기서 정하면 어때요?", 0},
	{"boram", 2 * day, "좋아요! 저는 **토요일 오후**가 좋고, *일요일*은 어려워요.", 0},
	{"alice", 2*day - 4*time.Minute, "Saturday works for me too. Here is the map: https://www.openstreetmap.org/#map=15/37.5796/126.9770", 0},
	{"minsu", 2*day - 20*time.Minute, "> 주말에 뭐 할지 여기서 정하면 어때요?\n\n북촌을 걷고 나서 차를 마시는 건 어떨까요? 준비할 것은\n\n- 편한 신발\n- 물 한 병\n- 얇은 겉옷", 0},
	{"halmoni", day + 3*time.Hour, "나도 갈게. 감 좀 가져가마.", 0},
	{"jimin", day + 2*time.Hour + 59*time.Minute, "🎉", 0},
	{"boram", day + 2*time.Hour, "이건 지울 말이에요", 0},
	{"boram", day + 119*time.Minute, "참, 길 찾는 데 쓰라고 조그만 프로그램을 만들었어요. `go run .` 하면 됩니다.\n\n```go\nfunc main() {\n\tfmt.Println(\"안녕, 북촌\") // 한 줄이 아주 길어지면 어떻게 보이는지 알아보려고 일부러 길게 쓴 설명입니다\n}\n```", 0},
	{"minsu", day + 90*time.Minute, "와, 잘 되네요 👏", 0},
	{"alice", 50 * time.Minute, "@jimin what time shall we meet? I can be there at 1:30 PM, unless the train is late again. If it is, go ahead without me and I will find you at the tea house, it is the one with the blue roof behind the library.", 0},
	{"jimin", 48 * time.Minute, "두 시에 안국역 2번 출구에서 만나요.", 11},
	{"jimin", 47 * time.Minute, "늦으면 여기에 남겨 주세요.", 0},
	{"boram", 12 * time.Minute, "@jimin 저는 십 분쯤 늦을 것 같아요. 먼저 가 계세요!", 0},
	{"boram", 11 * time.Minute, "자리 하나 맡아 주시면 고맙겠습니다.", 0},
	{"minsu", 3 * time.Minute, "네, 제가 맡아 둘게요 🙂", 14},
}

// fixturePeople signed up in this order; the first is the administrator.
var fixturePeople = []struct{ name, shown, bio, language, zone string }{
	{"jimin", "지민", "사랑방 주인. 차와 산책을 좋아해요.", "ko", "Asia/Seoul"},
	{"boram", "보람", "", "ko", "Asia/Seoul"},
	{"minsu", "김민수", "북촌에서 오래 살았습니다.\n길을 물어보세요.", "ko", "Asia/Seoul"},
	{"alice", "Alice Lindqvist", "Here for the tea.", "en", "Asia/Seoul"},
	{"halmoni", "할머니", "", "ko", "Asia/Seoul"},
}

func newFixture(tb testing.TB) *fixture {
	tb.Helper()
	f := &fixture{server: startServer(tb)}
	people := map[string]*webtest.Person{}
	for _, p := range fixturePeople {
		people[p.name] = webtest.SignUp(tb, f.server.url, p.name, f.open)
		if f.open == "" {
			f.open = invitation(people[p.name])
		}
		people[p.name].Post("/profile", webtest.Form{"display_name": p.shown, "bio": p.bio, "language": p.language, "time_zone": p.zone})
	}
	f.jimin, f.alice = people["jimin"], people["alice"]
	f.jimin.Post("/tokens", webtest.Form{"title": "빌드 알림"})
	var made struct{ URL string }
	f.jimin.AsProgram().Post("/users/2/recovery", nil).JSON(&made)
	f.recovery = strings.TrimPrefix(made.URL, f.server.url)
	f.server.stop()
	f.talk(tb)
	f.server.start()
	f.sendFiles()
	return f
}

// past is the fixture's database at other times.
type past struct {
	tb    testing.TB
	store *db.Store
	now   time.Time
	start time.Time
	users map[string]*db.User
}

// talk fills the rooms, as if it had happened over the last days.
func (f *fixture) talk(tb testing.TB) {
	p := &past{tb: tb, start: time.Now(), now: time.Now().Add(-3 * day), users: map[string]*db.User{}}
	store, err := db.Open(tb.Context(), db.Options{URL: f.server.settings["DATABASE_URL"], Now: func() time.Time { return p.now }})
	if err != nil {
		tb.Fatal(err)
	}
	defer store.Close()
	p.store = store
	for _, someone := range fixturePeople {
		if p.users[someone.name], err = store.UserByName(tb.Context(), someone.name); err != nil {
			tb.Fatal(err)
		}
	}
	p.wearPhoto("minsu")
	yard := p.room("마당", db.KindOpen, "jimin", "boram", "minsu", "alice", "halmoni")
	p.say(yard, yardTalk...)
	p.room("책 읽는 모임", db.KindOpen, "minsu")
	trip := p.room("여름 여행 계획과 준비물, 그리고 숙소 예약까지 한 번에 정하는 방", db.KindPrivate, "alice", "jimin")
	p.say(trip, words{"alice", 5 * time.Hour, "I booked the small house near the beach.", 0}, words{"alice", 4 * time.Hour, "It has room for six.", 1})
	f.trip = "/rooms/" + trip.String()
	f.yard, f.direct = "/rooms/"+yard.String(), "/rooms/"+p.direct("alice", "jimin").String()
	p.direct("boram", "jimin")
	f.lines = p.finish(yard)
}

// sendFiles has alice send one of each kind of files.
func (f *fixture) sendFiles() {
	sound := "ID3\x04\x00\x00"
	sea := sunset(1600, 1000, 500)
	sendForm(f.alice, f.trip+"/messages", webtest.Form{"body": "The sea, from the window!"}, map[string]string{"sea at night.png": sea})
	sendForm(f.alice, f.trip+"/messages", nil, map[string]string{
		"a-hill.png": sunset(300, 700, 200), "b-plan.txt": "Saturday", "c-waves.mp3": sound,
		"d-여름 여행 준비물과 숙소 예약 확인서와 기차표를 모두 모아 둔 아주 긴 이름의 압축 파일.zip": "PK\x03\x04\x14\x00",
	})
}

// finish edits and deletes a message, and lets jimin leave the room before the last three. It
// returns how many lines stand before the talk.
func (p *past) finish(yard uuid.UUID) (lines int64) {
	p.tb.Helper()
	room, err := p.store.Room(p.tb.Context(), p.users["boram"], yard)
	if err == nil {
		lines = room.LastPosition - int64(len(yardTalk))
		_, err = p.store.EditMessage(p.tb.Context(), p.users["boram"], yard, lines+3, yardTalk[2].body+" 비가 오면 다음 주로 미뤄요.")
	}
	if err == nil {
		_, err = p.store.DeleteMessage(p.tb.Context(), p.users["boram"], yard, lines+8)
	}
	if err == nil {
		_, err = p.store.PinMessage(p.tb.Context(), p.users["jimin"], yard, lines+12, true)
	}
	for _, r := range []struct{ name, emoji string }{{"boram", "👍"}, {"jimin", "👍"}, {"halmoni", "❤️"}, {"alice", "🎉"}} {
		if err == nil {
			_, err = p.store.React(p.tb.Context(), p.users[r.name], yard, lines+9, r.emoji, true)
		}
	}
	for _, name := range []string{"jimin", "alice"} {
		if err == nil {
			_, err = p.store.MarkRead(p.tb.Context(), p.users[name], yard, lines+int64(len(yardTalk)-3))
		}
	}
	if err != nil {
		p.tb.Fatal(err)
	}
	return lines
}

func (p *past) room(title string, kind db.Kind, members ...string) uuid.UUID {
	p.tb.Helper()
	room, err := p.store.CreateRoom(p.tb.Context(), p.users[members[0]], title, kind)
	for _, name := range members[1:] {
		if err == nil && kind == db.KindOpen {
			_, err = p.store.Visit(p.tb.Context(), p.users[name], room.ID)
		} else if err == nil {
			err = p.store.AddMember(p.tb.Context(), p.users[members[0]], room.ID, p.users[name].ID)
		}
	}
	if err != nil {
		p.tb.Fatal(err)
	}
	return room.ID
}

func (p *past) direct(one, other string) uuid.UUID {
	p.tb.Helper()
	room, err := p.store.DirectRoom(p.tb.Context(), p.users[one], p.users[other].ID)
	if err != nil {
		p.tb.Fatal(err)
	}
	p.say(room.ID, words{one, 27 * time.Hour, "Are you there? 👋", 0})
	return room.ID
}

func (p *past) say(room uuid.UUID, talk ...words) {
	p.tb.Helper()
	var before int64 // the position before the talk
	for i, w := range talk {
		p.now = p.start.Add(-w.ago)
		said := db.NewMessage{Body: strings.ReplaceAll(w.body, "\t", "    ")}
		if w.answers > 0 {
			said.ReplyTo = before + w.answers
		}
		m, _, err := p.store.Post(p.tb.Context(), p.users[w.who], room, said)
		if err != nil {
			p.tb.Fatal(err)
		}
		before = m.Position - int64(i) - 1
	}
	p.now = p.start
}

// wearPhoto gives somebody a picture: a sunset.
func (p *past) wearPhoto(name string) {
	p.tb.Helper()
	photo := db.ProfileChange{Photo: &db.NewPhoto{Type: "image/png", Content: []byte(sunset(96, 96, 24))}}
	if _, err := p.store.UpdateProfile(p.tb.Context(), p.users[name], photo); err != nil {
		p.tb.Fatal(err)
	}
}

// sunset paints a PNG with a sun of some radius.
func sunset(width, height, radius int) string {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			shade := y * 96 / height
			c := color.RGBA{R: 230, G: uint8(200 - shade), B: uint8(90 + shade), A: 255}
			if dx, dy := x-width/2, y-height*2/3; dx*dx+dy*dy < radius*radius {
				c = color.RGBA{R: 255, G: 240, B: 190, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, img); err != nil {
		panic(err) // memory takes everything
	}
	return picture.String()
}

// fixturePage is a page somebody of the fixture can open.
type fixturePage struct{ name, path string }

// memberPages are all pages for people who are signed in.
func (f *fixture) memberPages() []fixturePage {
	said := func(n int64) string { return fmt.Sprintf("%s/messages/%d", f.yard, f.lines+n) } // of the yard's talk
	return []fixturePage{
		{"home", "/"}, {"rooms", "/rooms"}, {"room", f.yard}, {"room around", fmt.Sprintf("%s?around=%[2]d#m%[2]d", f.yard, f.lines+5)}, {"direct room", f.direct}, {"room files", f.trip}, {"pins", f.yard + "/pins"}, {"forward", said(4) + "/forward"},
		{"members", f.yard + "/members"}, {"settings", f.yard + "/settings"}, {"history", f.yard + "/messages"}, {"message", said(9)}, {"room reply", f.yard + "?reply_to=" + strconv.FormatInt(f.lines+4, 10)}, {"reactions", said(9) + "/reactions"},
		{"own message", said(12)}, {"live log", f.yard + "/live?after=0"},
		{"activity", "/activity"}, {"users", "/users"}, {"users found", "/users?q=민"}, {"user", "/users/3"}, {"self", "/users/1"}, {"profile", "/profile"},
		{"invites", "/invites"}, {"join", "/join/" + f.open}, {"tokens", "/tokens"}, {"nowhere", "/nowhere"},
	}
}

// guestPages are all pages for people who are not signed in.
func (f *fixture) guestPages() []fixturePage {
	return []fixturePage{
		{"login", "/login"}, {"signup", "/signup?invite=" + f.open}, {"signup refused", "/signup"}, {"invitation gone", "/join/nonsense"},
		{"recovery", f.recovery}, {"recovery gone", "/recover/nonsense"},
	}
}
