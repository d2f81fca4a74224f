package views

import (
	"bytes"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// listOpener begins fewer lists than CommonMark does. A numbered one begins with 1, because "2026. 11. 23." is a date and
// "3. 셋째" an answer, and their numbers must stay; and no list begins with an empty item, because "-" is a face.
type listOpener struct{ parser.BlockParser }

func (p listOpener) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	line = bytes.TrimLeft(line, " \t")
	digits := len(line) - len(bytes.TrimLeft(line, "0123456789"))
	if digits > 0 && string(line[:digits]) != "1" {
		return nil, parser.NoChildren
	}
	if marker := digits + 1; deep(parent) || len(bytes.TrimSpace(line[min(marker, len(line)):])) == 0 {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// deep tells where no more quotes and lists may begin inside of others: opening thousands in each other takes time, and no browser
// shows them.
func deep(parent ast.Node) bool {
	levels := 0
	for ; parent != nil; parent = parent.Parent() {
		levels++
	}
	return levels > maxDepth/2
}

// quoteOpener wants a space after the first >, because ">_<" is a face as well.
type quoteOpener struct{ parser.BlockParser }

func (p quoteOpener) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	line = bytes.TrimLeft(line, " \t")
	if deep(parent) || len(line) < 2 || line[1] != ' ' && line[1] != '>' && line[1] != '\t' {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// emphasis reads * and _ as CommonMark does, and better where words are not divided by spaces: in **"서울"**은 the second ** stands
// between a quotation mark and a letter, which CommonMark takes for a beginning.
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

// firstRune is the first character of what is left of a line; its end counts as a space.
func firstRune(line []byte) (rune, bool) {
	for _, r := range string(line[:min(len(line), 4)]) {
		return r, true
	}
	return ' ', false
}

func eastAsian(r rune) bool {
	return unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
