package views

import (
	"strconv"
	"strings"

	"sarangbang/db"
	"sarangbang/internal/emoji"
)

// Reaction is the reactions to a message with one emoji.
type Reaction struct {
	Emoji string
	Count int
	Users string // the ids of the first who reacted, with blanks between
}

// reactionsOf returns the reactions to a message in their order.
func reactionsOf(m *db.Message) []Reaction {
	var all []Reaction
	for _, r := range m.Reactions.All() {
		ids := make([]string, len(r.Users))
		for i, id := range r.Users {
			ids[i] = strconv.FormatInt(id, 10)
		}
		all = append(all, Reaction{r.Emoji, r.Count, strings.Join(ids, " ")})
	}
	return all
}

// reactionsLine returns reactions as text: "👍 3, ❤️ 1".
func reactionsLine(reactions []Reaction) string {
	words := make([]string, len(reactions))
	for i, r := range reactions {
		words[i] = r.Emoji + " " + strconv.Itoa(r.Count)
	}
	return strings.Join(words, ", ")
}

// ReactionsPage is GET /rooms/{id}/messages/{position}/reactions: who reacted with what, and all
// emoji to react with.
type ReactionsPage struct {
	Page
	Header    RoomHeader
	Message   Quote
	Summary   string // of the message, in one line
	Reactions Reactions
}

// Reactions is the part of that page which is shown over a room as well (messages/_reactions).
type Reactions struct {
	RoomID   string
	Position int64
	// MayReact: the message takes reactions.
	MayReact bool
	Given    []ReactionGroup
	Query    string
	Group    emoji.Group // the one that is shown; empty where a query was asked
	Found    []EmojiItem // of the group, or by the query
}

// Path returns the address that takes reactions.
func (r Reactions) Path() string {
	return "/rooms/" + r.RoomID + "/messages/" + strconv.FormatInt(r.Position, 10) + "/reactions"
}

// SearchField finds emoji by their names.
func (r Reactions) SearchField() Field {
	return Field{
		Name: "q", ElementID: "emoji-search", Kind: "search", Label: "reactions.search", Placeholder: "reactions.search", Value: r.Query,
		Autocomplete: "off", LabelHidden: true,
	}
}

// ReactionGroup is everybody who reacted to a message with one emoji.
type ReactionGroup struct {
	EmojiItem
	Mine   bool
	People []Person // the first who did
	Others int      // how many more did
}

// EmojiItem is an emoji with its name in one language.
type EmojiItem struct {
	Emoji, Name string
}

// usualEmoji returns the emoji at hand.
func usualEmoji(language string) []EmojiItem {
	var items []EmojiItem
	for _, text := range []string{"👍", "❤️", "😂", "😮", "😢", "🙏"} {
		items = append(items, NameEmoji(language, text))
	}
	return items
}

// NameEmoji returns an emoji with its name; one in a colour of skin has that without a colour.
func NameEmoji(language, text string) EmojiItem {
	return EmojiItem{text, emoji.Name(text, language)}
}

// EmojiItems returns emoji with their names.
func EmojiItems(language string, found []*emoji.Emoji) []EmojiItem {
	items := make([]EmojiItem, len(found))
	for i, e := range found {
		items[i] = EmojiItem{e.Text, e.Name[language]}
	}
	return items
}
