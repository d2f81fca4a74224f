package handlers

import (
	"html/template"
	"slices"

	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/internal/emoji"
	"sarangbang/views"
)

const (
	maxEmojiQuery = 50 // characters
	// maxEmojiFound bounds the emoji that a query finds.
	maxEmojiFound = 120
)

// reactedShape is everybody who reacted to a message with one emoji.
type reactedShape struct {
	Emoji string      `json:"emoji"`
	Count int         `json:"count"`
	Users []userShape `json:"users"` // the first 100
}

func (s *server) addReaction(c *gin.Context) error    { return s.react(c, true) }
func (s *server) removeReaction(c *gin.Context) error { return s.react(c, false) }

// react makes the viewer react to a message, or not any more.
func (s *server) react(c *gin.Context, reacts bool) error {
	id, err := roomID(c)
	if err != nil {
		return err
	}
	position, err := pathNumber(c, "position")
	if err != nil {
		return err
	}
	form := readForm(c)
	chosen, ok := emoji.Qualified(form.value("emoji"))
	if !ok {
		form.addError("emoji", "error.emoji")
	}
	if err := form.err(); err != nil {
		return err
	}
	m, err := s.store.React(c.Request.Context(), viewer(c), id, position, chosen, reacts)
	return s.messageWritten(c, m, err)
}

// showReactions answers with who reacted to a message, and all emoji to react with.
func (s *server) showReactions(c *gin.Context) error {
	room, m, err := s.messageInPath(c)
	if err != nil {
		return err
	}
	query := readQuery(c)
	q := query.line("q", 0, maxEmojiQuery)
	group := query.choice("group", string(emoji.Groups[0]), groupNames()...)
	if err := query.err(); err != nil {
		return err
	}
	users, mine, err := s.store.Reactors(c.Request.Context(), viewer(c), m)
	if err != nil {
		return err
	}
	shown := s.reactions(c, room, m, users, mine)
	if q != "" {
		shown.Query, shown.Found = q, views.EmojiItems(s.language(c), emoji.Find(q, maxEmojiFound))
	} else {
		shown.Group, shown.Found = emoji.Group(group), views.EmojiItems(s.language(c), emoji.In(emoji.Group(group)))
	}
	return s.respond(c, answer{
		json:     func() any { return reactedJSON(s.views, m, users) },
		fragment: func() (template.HTML, error) { return s.partial(c, "messages/_reactions", shown) },
		page: func() (view, error) {
			page, err := s.pageIn(c, room.Title, room.ID)
			if err != nil {
				return view{}, err
			}
			header, err := s.roomHeader(c, room)
			quote := s.views.Quote(s.locale(c), m, s.now())
			return view{"messages/reactions", views.ReactionsPage{Page: page, Header: header, Message: quote, Summary: views.SummaryOf(m.Body, m.Files), Reactions: shown}}, err
		},
	})
}

func groupNames() []string {
	names := make([]string, len(emoji.Groups))
	for i, g := range emoji.Groups {
		names[i] = string(g)
	}
	return names
}

// reactions returns who reacted to a message.
func (s *server) reactions(c *gin.Context, room *db.RoomView, m *db.Message, users map[int64]*db.User, mine []string) views.Reactions {
	shown := views.Reactions{RoomID: m.RoomID.String(), Position: m.Position, MayReact: mayReact(room, m)}
	for _, r := range m.Reactions.All() {
		group := views.ReactionGroup{
			EmojiItem: views.NameEmoji(s.language(c), r.Emoji), Mine: slices.Contains(mine, r.Emoji), Others: r.Count - len(r.Users),
		}
		for _, id := range r.Users {
			if u := users[id]; u != nil {
				group.People = append(group.People, person(u, viewer(c)))
			}
		}
		shown.Given = append(shown.Given, group)
	}
	return shown
}

// mayReact reports whether a message takes reactions.
func mayReact(room *db.RoomView, m *db.Message) bool {
	return m.DeletedAt == nil && m.Kind != db.MessageEvent && room.ArchivedAt == nil
}

func reactedJSON(r *views.Renderer, m *db.Message, users map[int64]*db.User) []reactedShape {
	all := []reactedShape{}
	for _, given := range m.Reactions.All() {
		one := reactedShape{Emoji: given.Emoji, Count: given.Count, Users: []userShape{}}
		for _, id := range given.Users {
			if u := users[id]; u != nil {
				one.Users = append(one.Users, userJSON(r, u))
			}
		}
		all = append(all, one)
	}
	return all
}
