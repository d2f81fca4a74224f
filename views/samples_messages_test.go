package views

import (
	"strings"

	"sarangbang/db"
)

func sampleLog(r *Renderer, l Locale) Log {
	return Log{
		RoomID: roomID.String(), Older: "/older", Newer: "/newer",
		HTML: r.Messages(l, []*db.Message{said("Body")}, Insert{HTML: `<li class="unread-line"></li>`}),
	}
}

// sampleFiles is one file of each kind.
const sampleFiles db.FileList = `[{"i":"0d4f0b6f-3c11-4c58-9a50-5b1c9a0e7f31","n":"a.png","t":"image/png","s":12345,"w":2000,"h":1000,"p":"large small"},` +
	`{"i":"1d4f0b6f-3c11-4c58-9a50-5b1c9a0e7f31","n":"a.mp4","t":"video/mp4","s":1234567},` +
	`{"i":"2d4f0b6f-3c11-4c58-9a50-5b1c9a0e7f31","n":"a.mp3","t":"audio/mpeg","s":123},` +
	`{"i":"3d4f0b6f-3c11-4c58-9a50-5b1c9a0e7f31","n":"가 <b>.zip","t":"application/zip","s":12345678},` +
	`{"i":"4d4f0b6f-3c11-4c58-9a50-5b1c9a0e7f31","n":"a.txt","t":"text/plain; charset=utf-8","s":12,"v":"Preview"}]`

func messageSamples(r *Renderer, language string) []sample {
	page, l := samplePage(language), Locale{language, seoul}
	edited, deleted, continued := said("Body"), said(""), said("😀")
	edited.EditedAt, deleted.DeletedAt, continued.Continues = &morning, &morning, true
	key := "Key"
	edited.Key, edited.PreviousAt = &key, nil
	quoted := said("Quoted").Quote()
	long := said(strings.Repeat("Body\n", longLines))
	edited.Quoted, edited.Files, edited.PinnedAt, edited.ForwardedFrom = quoted, sampleFiles, &morning, "Forwarded"
	actions := Actions{RoomID: roomID.String(), Position: 17, Permalink: "https://example.com/x", Context: "/context", MayEdit: true, MayPin: true, Pinned: true, MayDelete: true, MayReact: true, MayReply: true}
	edit := EditForm{RoomID: roomID.String(), Position: 17, Body: "Body", Errors: sampleErrors("body")}
	return []sample{
		{"messages/index", HistoryPage{Page: page, Header: sampleHeader(), Log: sampleLog(r, l)}},
		{"messages/index", HistoryPage{Page: page, Header: sampleHeader()}},
		{"messages/show", MessagePage{Page: page, Header: sampleHeader(), Message: r.Message(l, said("Body")), Actions: actions, Edit: edit, Context: "/context", ReadsShown: true, Unread: samplePeople()}},
		{"messages/show", MessagePage{Page: page, Header: sampleHeader(), Message: r.Message(l, said("Body")), ReadsShown: true}},
		{"messages/reactions", ReactionsPage{Page: page, Header: sampleHeader(), Message: r.Quote(l, said("Body"), morning), Summary: "Body", Reactions: sampleReactions(l.Language, "", "smileys")}},
		{"messages/_reactions", sampleReactions(l.Language, "하트", "")},
		{"messages/_reactions", sampleReactions(l.Language, "zxqj", "")},
		{"messages/_reactions", Reactions{RoomID: roomID.String(), Position: 17}},
		{"messages/_edit", edit},
		{"messages/_messages", sampleLog(r, l)},
		{"messages/_unread", UnreadLine{RoomID: roomID.String(), LastPosition: 17}},
		{"messages/_unread", UnreadLine{Start: true, RoomID: roomID.String(), LastPosition: 17}},
		{"messages/_start", Start{}},
		{"messages/_start", Start{Mark: true}},
		{"messages/_to-actions", actions},
		{"messages/_message", r.Message(l, said("Body"))},
		{"messages/_fragment", r.newFragment(l, edited, Markdown(edited.Body))},
		{"messages/_fragment", r.newFragment(l, long, Markdown(long.Body))},
		{"messages/forward", ForwardPage{
			Page: page, Header: sampleHeader(), Path: "/path", Author: "Author", Summary: "Summary", Key: "Key", Query: "Query",
			Rooms: sampleRooms(language), More: true, Errors: sampleErrors("to"),
		}},
		{"messages/forward", ForwardPage{Page: page, Header: sampleHeader()}},
		{"rooms/_pins", Pins{RoomID: roomID.String(), Count: 3}},
		{"rooms/pins", PinsPage{Page: page, Header: sampleHeader(), HTML: r.Message(l, edited)}},
		{"rooms/_unpin", said("Body")},
		{"rooms/pins", PinsPage{Page: page, Header: sampleHeader()}},
		{"messages/_answered", *NewAnswered(language, roomID.String(), quoted)},
		{"messages/_fragment", r.newFragment(l, deleted, Markdown(deleted.Body))},
		{"messages/_fragment", r.newFragment(l, continued, Markdown(continued.Body))},
		{"rooms/_entry", r.newFragment(l, edited, Markdown(edited.Body))},
		{"rooms/_entry", r.newFragment(l, deleted, Markdown(deleted.Body))},
		{"rooms/_composer", Composer{
			RoomID: roomID.String(), Body: "Body", Key: "Key", Errors: sampleErrors("body", "reply_to", "files"), Files: FilesOf(edited.Files.All()),
			Answered: *NewAnswered(language, roomID.String(), quoted),
		}},
	}
}
