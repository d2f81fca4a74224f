package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"math/bits"
)

// decode returns the picture in an upload; of a JPEG whose end is missing, what is there of it.
func (p *upload) decode(ctx context.Context) (image.Image, error) {
	if !p.meta.cut {
		return decode(ctx, p.content)
	}
	p.content = append(p.content, 0xff, markerEOI)
	facts := readJPEG(p.content)
	picture, err := decode(ctx, p.content)
	switch scans := len(facts.scans); {
	case err == nil:
		return picture, nil
	case facts.progressive && scans > 1: // the scans before the last are whole
		return decode(ctx, append(p.content[:facts.scans[scans-1]], 0xff, markerEOI))
	case scans == 1 && len(facts.header) >= 3:
		return p.decodeTop(ctx, facts.header[1:3])
	default:
		return nil, err
	}
}

// decodeTop returns the upper part of a JPEG of one scan whose end is missing, as much as is there.
// It looks for the greatest height that can be decoded. height is that in the JPEG's header, which
// it changes.
func (p *upload) decodeTop(ctx context.Context, height []byte) (image.Image, error) {
	const rows = 16 // of pixels, which JPEG encodes together
	whole := int(binary.BigEndian.Uint16(height)) / rows
	if p.pixels*int64(bits.Len(uint(whole))) > maxVisits {
		return nil, errors.New("the end is missing, and what is there is too large to be searched for")
	}
	var top image.Image
	for low := 1; low <= whole; {
		middle := (low + whole) / 2
		binary.BigEndian.PutUint16(height, uint16(middle*rows))
		if picture, err := decode(ctx, p.content); err == nil {
			top, low = picture, middle+1
		} else {
			whole = middle - 1
		}
	}
	if top == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return top, nil
}

// decode decodes a picture. It gives up when ctx ends.
func decode(ctx context.Context, content []byte) (image.Image, error) {
	picture, format, err := image.Decode(reader{ctx, bytes.NewReader(content)})
	if err != nil {
		return nil, err
	}
	if format == "webp" {
		widen(picture)
	}
	return picture, nil
}

// reader reads until ctx ends.
type reader struct {
	ctx  context.Context
	from io.Reader
}

// Read reads, and returns the error of the reader's context once it has ended.
func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(b)
}
