package views

import (
	"fmt"

	"sarangbang/db"
	"sarangbang/internal/markup"
)

// mentionWriter knows what of a body mentions whom.
type mentionWriter struct {
	left  []db.MentionSpan // those that are still to come
	users string           // the address of a user without the id
}

// text writes text with links to the people whom it mentions, but within another link. They open as
// other links of a text do, see openLink.
func (w *htmlWriter) text(t markup.Token) {
	at, end := t.At, t.At+len(t.Text)
	for ; len(w.mentions.left) > 0 && w.mentions.left[0].At < end; w.mentions.left = w.mentions.left[1:] {
		m := w.mentions.left[0]
		if m.At < at || m.Length <= 0 || m.At+m.Length > end || w.inLink {
			continue
		}
		w.escaped(t.Text[at-t.At : m.At-t.At])
		element := "a"
		if m.User == db.Everybody {
			element = "span"
			w.WriteString(`<span class="mention">`)
		} else {
			fmt.Fprintf(w, `<a class="mention" data-user="%d" href="%s%d" target="_blank">`, m.User, w.mentions.users, m.User)
		}
		at = m.At + m.Length
		w.escaped(t.Text[m.At-t.At : at-t.At])
		w.WriteString("</" + element + ">")
	}
	w.escaped(t.Text[at-t.At:])
}
