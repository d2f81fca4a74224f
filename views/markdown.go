package views

import (
	"bytes"
	"html/template"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sarangbang/db"
	"sarangbang/internal/markup"
)

// maxMarkup is how many bytes are read as markup: 10,000 characters of any script. A longer text is
// shown as typed.
const maxMarkup = 40_000

// Markdown returns what a person wrote as safe HTML, block elements such as <p>. It escapes all
// text, and links only http, https and mailto. No other function of the program makes template.HTML
// out of people's text.
func Markdown(body string) template.HTML {
	if plain(body) {
		return template.HTML("<p>" + body + "</p>\n")
	}
	return parseMarkdown(body, mentionWriter{})
}

// markdown is Markdown with links to the people that parts of the body mention.
func (r *Renderer) markdown(body string, mentions []db.MentionSpan) template.HTML {
	if len(mentions) == 0 {
		return Markdown(body)
	}
	return parseMarkdown(body, mentionWriter{left: mentions, users: r.Address("/users/")})
}

// parseMarkdown is markdown without the fast path for plain lines.
func parseMarkdown(body string, mentions mentionWriter) template.HTML {
	var b bytes.Buffer
	if len(body) > maxMarkup {
		plainHTML(&b, body)
		return template.HTML(b.String())
	}
	b.Grow(len(body) + 64)
	w := htmlWriter{Buffer: &b, mentions: mentions}
	for _, token := range markup.Parse(body).Tokens {
		w.write(token)
	}
	return template.HTML(b.String())
}

// plain reports whether body is one line without any character that means something in markup, in
// addresses or in HTML. Most messages are such lines, and parsing is most of what a message costs.
// False negatives do no harm: the parser returns the same HTML.
func plain(body string) bool {
	if body == "" {
		return false
	}
	begin, _ := utf8.DecodeRuneInString(strings.TrimLeft(body, "0123456789"))
	if !unicode.IsLetter(begin) && (begin != ' ' || body[0] == ' ') || body[len(body)-1] == ' ' { // "1." begins a list
		return false
	}
	for i, r := range body {
		switch {
		case (r == 'w' || r == 'W') && len(body) >= i+3 && strings.EqualFold(body[i:i+3], "www"):
			return false
		case r == ' ', r == '.', r == ',', r == '?', r == '!', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsSymbol(r)) && r != utf8.RuneError:
		default:
			return false
		}
	}
	return true
}

// plainHTML writes a text as one paragraph of lines, escaped, without parsing it.
func plainHTML(b *bytes.Buffer, body string) {
	b.WriteString("<p>")
	for i, line := range strings.Split(strings.TrimSpace(body), "\n") {
		if i > 0 {
			b.WriteString("<br>\n")
		}
		_, _ = escaper.WriteString(b, strings.TrimRight(line, "\r")) // a buffer returns no error
	}
	b.WriteString("</p>\n")
}

// elements is the HTML of the tokens that hold no text of their own.
var elements = [...]string{
	markup.Break: "<br>\n", markup.ParagraphOpen: "<p>", markup.QuoteOpen: "<blockquote>\n",
	markup.BulletsOpen: "<ul>\n", markup.BulletsClose: "</ul>", markup.NumbersOpen: "<ol>\n", markup.NumbersClose: "</ol>",
	markup.ItemClose: "</li>\n", markup.StrongOpen: "<strong>", markup.StrongClose: "</strong>", markup.EmphasisOpen: "<em>",
	markup.EmphasisClose: "</em>", markup.BothOpen: "<strong><em>", markup.BothClose: "</em></strong>",
	markup.StruckOpen: "<del>", markup.StruckClose: "</del>",
	markup.SpoilerOpen: `<span class="spoiler" tabindex="0">`, markup.SpoilerClose: "</span>", markup.Address: "",
}

// htmlWriter writes tokens as HTML. Blanks and line feeds in paragraphs and items are shown, so
// none are written there for the looks of the source.
type htmlWriter struct {
	*bytes.Buffer
	ordinal []int // of the next item, by the lists around it

	mentions mentionWriter
	inLink   bool
}

// escaper makes text of what HTML would take for more.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\x00", "\uFFFD")

func (w *htmlWriter) escaped(text string) {
	_, _ = escaper.WriteString(w, text) // a buffer returns no error
}

// endBlock writes the end of a block, and a line feed where none is shown: not in items.
func (w *htmlWriter) endBlock(tag string) {
	w.WriteString(tag)
	if len(w.ordinal) == 0 {
		w.WriteByte('\n')
	}
}

func (w *htmlWriter) write(t markup.Token) {
	switch t.Kind {
	case markup.Text:
		w.text(t)
	case markup.ParagraphClose:
		w.endBlock("</p>")
	case markup.QuoteClose:
		w.endBlock("</blockquote>")
	case markup.CodeBlock:
		w.codeBlock(t)
	case markup.Code:
		w.WriteString("<code>")
		w.escaped(t.Text)
		w.WriteString("</code>")
	case markup.ItemOpen:
		w.item(t)
	case markup.LinkOpen:
		w.inLink = true
		w.openLink(t.Info)
	case markup.LinkClose:
		w.inLink = false
		w.WriteString("</a>")
	case markup.Address:
		w.openLink(t.Info)
		w.escaped(t.Text)
		w.WriteString("</a>")
	case markup.BulletsOpen, markup.NumbersOpen:
		w.ordinal = append(w.ordinal, 0)
		w.WriteString(elements[t.Kind])
	case markup.BulletsClose, markup.NumbersClose:
		w.ordinal = w.ordinal[:len(w.ordinal)-1]
		w.endBlock(elements[t.Kind])
	default:
		w.WriteString(elements[t.Kind])
	}
}

// item begins an item with the number that was typed: "1. yes, 3. no" answers the first and the
// third question.
func (w *htmlWriter) item(t markup.Token) {
	ordinal := &w.ordinal[len(w.ordinal)-1]
	*ordinal++
	switch {
	case t.Number > 0 && t.Number != *ordinal:
		w.WriteString(`<li value="` + strconv.Itoa(t.Number) + `">`)
	case t.Info != "":
		w.WriteString(`<li class="` + t.Info + `">`)
	default:
		w.WriteString("<li>")
	}
}

// codeBlock writes code with the name of its language, and as a stop for the keyboard, because it
// may be wider than its box.
func (w *htmlWriter) codeBlock(t markup.Token) {
	w.WriteString(`<pre tabindex="0"`)
	if t.Info != "" {
		w.WriteString(` data-language="` + template.HTMLEscapeString(t.Info) + `"`)
	}
	w.WriteString("><code>")
	w.escaped(t.Text)
	w.endBlock("</code></pre>")
}
