package views

import (
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// emphasis parses * and _ as CommonMark does, and better where no spaces divide words: in
// **"서울"**은 the second ** stands between a quotation mark and a letter, which opens emphasis in
// CommonMark.
type emphasis struct{}

func (emphasis) Trigger() []byte { return []byte{'*', '_'} }

func (emphasis) IsDelimiter(c byte) bool { return c == '*' || c == '_' }

func (emphasis) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

func (emphasis) OnMatch(consumes int) ast.Node { return ast.NewEmphasis(consumes) }

func (e emphasis) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	d := parser.ScanDelimiter(line, before, 1, e)
	if d == nil {
		return nil
	}
	if d.Char == '*' {
		after, _ := firstRune(line[d.OriginalLength:])
		d.CanOpen = d.CanOpen || eastAsian(before) && !unicode.IsSpace(after)
		d.CanClose = d.CanClose || eastAsian(after) && !unicode.IsSpace(before)
	}
	d.Segment = segment.WithStop(segment.Start + d.OriginalLength)
	block.Advance(d.OriginalLength)
	pc.PushDelimiter(d)
	return d
}

// firstRune returns the first character of the rest of a line, and a space at the end of the line.
func firstRune(line []byte) (rune, bool) {
	for _, r := range string(line[:min(len(line), 4)]) {
		return r, true
	}
	return ' ', false
}

func eastAsian(r rune) bool {
	return unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
