package views

import (
	"bytes"
	"crypto/rand"
	"html/template"
	"slices"
	"strings"
)

const (
	// keptFrames and keptFrameBytes bound the pages kept, of all viewers together.
	keptFrames     = 1 << 13
	keptFrameBytes = 32 << 20
)

// Gaps are what is new in a page whenever it is sent. The rest stays as it is while what it was made of does.
type Gaps struct {
	Nonce string  // for Page.Nonce
	Key   string  // for Composer.Key
	Log   Stretch // for Log.HTML; kept in a way of its own
	// Rooms are for RoomList.Entries, each kept in a way of its own.
	Rooms []template.HTML
}

// frame is a rendered page, cut where its gaps are.
type frame struct {
	pieces []string
	gaps   []func(*Gaps, *bytes.Buffer) // write what comes after each piece but the last
}

// RenderKept renders a page as Render does, but once for all the times it is sent with the same key, which must name everything that
// the page is made of except for its gaps. make fills the page's data, with what stands for the gaps in it.
func (r *Renderer) RenderKept(b *bytes.Buffer, key any, name, language string, gaps Gaps, make func(Gaps) any) error {
	f, ok := r.frames.get(key)
	if !ok {
		var err error
		if f, err = r.frame(name, language, make); err != nil {
			return err
		}
		r.frames.put(key, f, f.bytes())
	}
	for i, piece := range f.pieces {
		b.WriteString(piece)
		if i < len(f.gaps) {
			f.gaps[i](&gaps, b)
		}
	}
	return nil
}

// frame renders a page around marks, and cuts them out. They are random, so that nothing in the page can look like one.
func (r *Renderer) frame(name, language string, make func(Gaps) any) (*frame, error) {
	marks := Gaps{Nonce: rand.Text(), Key: rand.Text(), Log: Stretch{read: template.HTML(rand.Text())}, Rooms: []template.HTML{template.HTML(rand.Text())}}
	var b strings.Builder
	if err := r.Render(&b, name, language, make(marks)); err != nil {
		return nil, err
	}
	f := new(frame)
	f.cut(b.String(), []mark{
		{marks.Nonce, func(g *Gaps, b *bytes.Buffer) { b.WriteString(g.Nonce) }},
		{marks.Key, func(g *Gaps, b *bytes.Buffer) { b.WriteString(template.HTMLEscapeString(g.Key)) }},
		{string(marks.Log.read), func(g *Gaps, b *bytes.Buffer) { g.Log.writeTo(b) }},
		{string(marks.Rooms[0]), func(g *Gaps, b *bytes.Buffer) {
			for _, entry := range g.Rooms {
				b.WriteString(string(entry))
			}
		}},
	})
	return f, nil
}

// mark stands for what a gap is filled with.
type mark struct {
	text string
	fill func(*Gaps, *bytes.Buffer)
}

func (f *frame) cut(html string, marks []mark) {
	for {
		at, gap := len(html), mark{}
		for _, m := range marks {
			if i := strings.Index(html, m.text); i >= 0 && i < at {
				at, gap = i, m
			}
		}
		f.pieces = append(f.pieces, html[:at])
		if gap.fill == nil {
			f.pieces, f.gaps = slices.Clip(f.pieces), slices.Clip(f.gaps)
			return
		}
		f.gaps = append(f.gaps, gap.fill)
		html = html[at+len(gap.text):]
	}
}

// bytes is what a frame takes, about.
func (f *frame) bytes() int {
	const overhead = 512 // the frame itself and its key
	n := overhead
	for _, piece := range f.pieces {
		n += len(piece)
	}
	return n
}
