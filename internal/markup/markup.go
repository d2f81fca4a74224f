// Package markup reads the small language in which messages are written: bold, emphasis, struck
// out, code, quotes, lists, links and addresses. Everything else, backslashes, blanks and entities
// included, is text and stays as it was typed. docs/text.md has the rules, one sentence each.
//
// Reading takes time linear in the length of the text, and loses no character: whatever is no mark
// that took effect is in the text of some token.
package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDepth is how deep quotes and lists may stand in each other. Deeper ones are text.
const maxDepth = 12

// Kind tells what a token is.
type Kind uint8

// Blocks contain blocks or, as paragraphs and items do, inline tokens. An item whose list has no
// empty lines has its text without a paragraph around it.
const (
	Text  Kind = iota // Token.Text, as typed
	Break             // the end of a line inside of a paragraph
	ParagraphOpen
	ParagraphClose
	QuoteOpen
	QuoteClose
	BulletsOpen // a list with bullets
	BulletsClose
	NumbersOpen // a list with numbers
	NumbersClose
	ItemOpen // Token.Number is the number that was typed; 0 in a list with bullets; Token.Info is Todo or Done for a task
	ItemClose
	CodeBlock // Token.Text is whole lines, Token.Info the language or empty
	Code      // code inside of a line
	StrongOpen
	StrongClose
	EmphasisOpen
	EmphasisClose
	BothOpen // bold and emphasis, of ***
	BothClose
	StruckOpen
	StruckClose
	SpoilerOpen // what is hidden until somebody wants to see it
	SpoilerClose
	LinkOpen // Token.Info is the address
	LinkClose
	Address // an address in the text: Token.Text as typed, Token.Info what it leads to
)

// Values of Token.Info of an item that is a task.
const (
	Todo = "todo" // [ ]
	Done = "done" // [x]
)

// Token is one piece of a text. Tokens of kinds that end in Open and Close are nested properly.
type Token struct {
	Kind   Kind
	Number int
	At     int    // Text: where it begins in Document.Source
	Text   string // what is shown
	Info   string // the language of a code block, the address of a link
}

// Document is a text that was read.
type Document struct {
	Source string // the text, with U+FFFD for what is no UTF-8
	Tokens []Token
}

// Parse reads a text.
func Parse(source string) Document {
	source = strings.ToValidUTF8(source, "\uFFFD")
	lines := linesOf(source)
	p := parser{source: source, tokens: make([]Token, 0, 14+2*len(lines))}
	p.blocks(lines, 0, false)
	return Document{Source: source, Tokens: p.tokens}
}

// span is a part of the source, from an offset to the one behind its end.
type span struct{ from, to int }

// parser collects the tokens of one text.
type parser struct {
	source string
	tokens []Token
	inline inline // the paragraph at hand
}

func (p *parser) emit(kind Kind) { p.tokens = append(p.tokens, Token{Kind: kind}) }

func (p *parser) text(s span) string { return p.source[s.from:s.to] }

// linesOf returns the lines of a text without their ends.
func linesOf(source string) []span {
	lines := make([]span, 0, 1+strings.Count(source, "\n"))
	for from := 0; from <= len(source); {
		to := len(source)
		if end := strings.IndexByte(source[from:], '\n'); end >= 0 {
			to = from + end
		}
		next := to + 1
		if to > from && source[to-1] == '\r' {
			to--
		}
		lines = append(lines, span{from, to})
		from = next
	}
	return lines
}

// isWord reports whether a character is part of words and numbers.
func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) && r != '\uFE0F'
}

// isJamo reports whether a character is a lone Hangul letter, of which laughter and faces are made:
// ㅋㅋ, ㅠ_ㅠ.
func isJamo(r rune) bool { return r >= '\u3131' && r <= '\u318E' }

// isEastAsian reports whether a character belongs to a script whose words are followed by particles
// without a space.
func isEastAsian(r rune) bool {
	return r >= '\u1100' && unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

func hasWord(s string) bool { return strings.IndexFunc(s, isWord) >= 0 }

func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }
