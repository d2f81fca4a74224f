// Package photo turns uploaded pictures into smaller ones without metadata, within bounds of memory
// and time that hold for hostile files too.
package photo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // the formats that image.Decode knows
	"image/jpeg"
	_ "image/png"
	"io"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"
)

const (
	// MaxBytes bounds the size of an uploaded file. Telephones write 2 to 8 MB.
	MaxBytes = 10 << 20
	// ContentType is the media type of what Square returns.
	ContentType = "image/jpeg"

	// maxPixels is more than the 48 or 50 megapixels of present telephones.
	maxPixels = 51_000_000
	// maxSide bounds the longer side, in pixels.
	maxSide = 20_000
	// maxMemory bounds what decoding may allocate, in bytes. A common JPEG of maxPixels needs it.
	maxMemory = 4 * maxPixels
	// maxVisits bounds pixels × visits to each, which takes about a second: each scan of a JPEG
	// visits the whole picture. Real ones have one scan, or ten and maxMemory.
	maxVisits = 180_000_000
	// maxDecodes is how many pictures are decoded at the same time.
	maxDecodes = 1
	// resultSide bounds the side of the result, in pixels: sharp at 256 CSS pixels on a screen
	// with two device pixels for each.
	resultSide = 512
	// resultQuality is the JPEG quality of the result, which then has about 40 kB.
	resultQuality = 85
)

// Reasons to refuse a picture.
var (
	ErrTooManyBytes  = errors.New("photo has too many bytes")
	ErrTooManyPixels = errors.New("photo has too many pixels")
	ErrFormat        = errors.New("photo is not a JPEG, PNG, GIF or WebP")
	ErrDamaged       = errors.New("photo cannot be decoded")
)

// Resizer makes square pictures. It decodes so few at a time that memory is bounded by about
// 200 MB for the decoder and 50 MB for the rest. Square may be called concurrently.
type Resizer struct {
	slots chan struct{} // semaphore
}

// NewResizer returns a Resizer.
func NewResizer() *Resizer {
	return &Resizer{slots: make(chan struct{}, maxDecodes)}
}

// Square reads a JPEG, PNG, GIF or WebP (the first picture of an animation), and returns the square
// in its middle as a JPEG of at most 512 × 512 pixels: turned upright as its EXIF data says, on
// white where it was transparent, and without metadata such as the place where it was taken. Of a
// JPEG whose end is missing it is the square in what is there.
//
// Errors: ErrTooManyBytes, ErrTooManyPixels, ErrFormat, ErrDamaged, those of r, and that of ctx,
// which ends the waiting for other pictures and the decoding.
func (z *Resizer) Square(ctx context.Context, r io.Reader) ([]byte, error) {
	// Reading comes before the slot is taken: a slow sender must not keep it from others.
	content, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(content) > MaxBytes {
		return nil, ErrTooManyBytes
	}
	p, err := examine(content)
	if err != nil {
		return nil, err
	}
	if err := z.take(ctx); err != nil {
		return nil, err
	}
	defer z.release()
	result, err := p.square(ctx)
	return result, cmp.Or(ctx.Err(), err)
}

// take waits until a picture may be decoded, or ctx ends.
func (z *Resizer) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil { // select chooses at random when both are possible
		return err
	}
	select {
	case z.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (z *Resizer) release() { <-z.slots }

// upload is a picture that is about to be decoded.
type upload struct {
	content   []byte // as the decoder reads it
	mediaType string
	frame     frame
	meta      metadata
	pixels    int64
}

// examine reads the headers of a picture. It returns ErrFormat, ErrDamaged or ErrTooManyPixels for
// what is no picture or would need too much memory or time to decode.
func examine(content []byte) (*upload, error) {
	p := &upload{}
	p.content, p.frame = still(content)
	config, format, err := image.DecodeConfig(bytes.NewReader(p.content))
	if errors.Is(err, image.ErrFormat) {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	p.mediaType = "image/" + format
	width, height := int64(config.Width), int64(config.Height)
	if err != nil || width < 1 || height < 1 {
		return nil, fmt.Errorf("%w: %d × %d pixels: %w", ErrDamaged, width, height, err)
	}
	if p.meta, err = readMetadata(content, format, config.ColorModel); err != nil {
		return nil, err
	}
	if format == "gif" {
		p.frame.canvas = image.Pt(config.Width, config.Height)
	}
	p.pixels = width * height
	if width > maxSide || height > maxSide || p.pixels > maxPixels ||
		p.pixels*p.meta.bytesPerPixel > maxMemory || p.pixels*p.meta.visits > maxVisits {
		return nil, fmt.Errorf("%w: %s of %d × %d", ErrTooManyPixels, format, width, height)
	}
	return p, nil
}

// square decodes, crops, shrinks and encodes a picture. The middle square stays the middle square
// however a picture is turned, so turning comes last, when few pixels are left.
func (p *upload) square(ctx context.Context) ([]byte, error) {
	decoded, err := p.decode(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	var b bytes.Buffer
	result := orientationOf(p.meta.exif).apply(shrink(decoded, middleSquare(p.frame.seen(decoded.Bounds()))))
	if err := jpeg.Encode(&b, result, &jpeg.Options{Quality: resultQuality}); err != nil {
		return nil, fmt.Errorf("encode photo: %w", err)
	}
	return b.Bytes(), nil
}

// middleSquare returns the largest square in the middle of r.
func middleSquare(r image.Rectangle) image.Rectangle {
	side := min(r.Dx(), r.Dy())
	corner := r.Min.Add(image.Pt((r.Dx()-side)/2, (r.Dy()-side)/2))
	return image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}
}

// shrink draws the square part of a picture on white, scaled down to resultSide where it is larger.
// The part may be larger than the picture.
func shrink(from image.Image, part image.Rectangle) *image.RGBA {
	// CatmullRom keeps 32 bytes for every pixel it reads in a column of the result, so a large
	// picture is first brought near by a quick filter, whose coarseness four pixels for each that
	// stays hide.
	if near := 4 * resultSide; part.Dx() > near {
		smaller := image.NewRGBA(image.Rect(0, 0, near, near))
		scale(smaller, draw.ApproxBiLinear, from, part, draw.Src)
		from, part = smaller, smaller.Bounds()
	}
	side := min(part.Dx(), resultSide)
	to := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(to, to.Bounds(), image.White, image.Point{}, draw.Src)
	scale(to, draw.CatmullRom, from, part, draw.Over)
	return to
}

// scale draws what a picture has in its square part onto all of to, which is square too.
func scale(to *image.RGBA, filter draw.Scaler, from image.Image, part image.Rectangle, op draw.Op) {
	there := part.Intersect(from.Bounds())
	if there.Empty() {
		return
	}
	place := func(p image.Point) image.Point { return p.Sub(part.Min).Mul(to.Rect.Dx()).Div(part.Dx()) }
	filter.Scale(to, image.Rectangle{Min: place(there.Min), Max: place(there.Max)}, from, there, op, nil)
}
