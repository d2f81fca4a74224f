package photo

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	ximage "golang.org/x/image/draw"
)

// Picture is a picture as it is to be shown in different sizes.
type Picture struct {
	// Width and Height are those of the picture as it is to be seen, in pixels.
	Width, Height int
	// Type is its media type.
	Type string
	// Smaller are pictures that fit into squares of the sides asked for, in their order, each
	// upright and without metadata; nil where the picture itself is not larger, or cannot be
	// decoded, as a WebP that moves in ways that only browsers know.
	Smaller [][]byte
}

// Fit reads a JPEG, PNG, GIF or WebP and returns it in smaller sizes, each of which fits into a
// square of one of the sides, in pixels, which must not grow: as JPEG, or as PNG where it is
// transparent. One picture is read and decoded at a time.
//
// Errors: ErrTooManyPixels, ErrFormat, ErrDamaged, those of read, which returns the picture when it
// may be decoded, and that of ctx.
func (z *Resizer) Fit(ctx context.Context, read func() ([]byte, error), sides ...int) (*Picture, error) {
	if err := z.take(ctx); err != nil {
		return nil, err
	}
	defer z.release()
	content, err := read()
	if err != nil {
		return nil, err
	}
	p, err := examine(content)
	if err != nil {
		return nil, err
	}
	decoded, err := p.decode(ctx)
	if err != nil {
		return nil, cmp.Or(ctx.Err(), fmt.Errorf("%w: %w", ErrDamaged, err))
	}
	seen, turn := p.frame.seen(decoded.Bounds()), orientationOf(p.meta.exif)
	result := &Picture{Width: seen.Dx(), Height: seen.Dy(), Type: p.mediaType, Smaller: make([][]byte, len(sides))}
	if turn.onItsSide() {
		result.Width, result.Height = result.Height, result.Width
	}
	for i, side := range sides {
		if max(seen.Dx(), seen.Dy()) <= side {
			continue
		}
		smaller := fit(decoded, seen, side)
		decoded, seen = smaller, smaller.Bounds() // the next one is made of this one
		if result.Smaller[i], err = encode(turn.apply(smaller)); err != nil {
			return nil, err
		}
	}
	return result, cmp.Or(ctx.Err(), nil)
}

// fit returns the part of a picture that is seen with the longer side given. The part may be larger
// than the picture. It is halved as often as possible by a filter that takes no memory, and whose
// result is exact then: CatmullRom keeps 32 bytes for every pixel it reads in a column of the
// result.
func fit(from image.Image, seen image.Rectangle, side int) *image.RGBA {
	for max(seen.Dx(), seen.Dy()) > 2*side {
		half := scaled(from, seen, image.Pt((seen.Dx()+1)/2, (seen.Dy()+1)/2), ximage.ApproxBiLinear)
		from, seen = half, half.Bounds()
	}
	longer := max(seen.Dx(), seen.Dy())
	size := image.Pt(max(1, seen.Dx()*side/longer), max(1, seen.Dy()*side/longer))
	if size.X*seen.Dy() > maxFine {
		return scaled(from, seen, size, ximage.ApproxBiLinear)
	}
	return scaled(from, seen, size, ximage.CatmullRom)
}

// maxFine is how many pixels CatmullRom may keep: 32 MB.
const maxFine = 1 << 20

// scaled returns the part of a picture that is seen in a size.
func scaled(from image.Image, seen image.Rectangle, size image.Point, filter ximage.Scaler) *image.RGBA {
	to := image.NewRGBA(image.Rectangle{Max: size})
	there := seen.Intersect(from.Bounds())
	if there.Empty() {
		return to
	}
	place := func(p image.Point) image.Point {
		at := p.Sub(seen.Min)
		return image.Pt(at.X*size.X/seen.Dx(), at.Y*size.Y/seen.Dy())
	}
	filter.Scale(to, image.Rectangle{Min: place(there.Min), Max: place(there.Max)}, from, there, draw.Src, nil)
	return to
}

// encode returns a picture as JPEG, or as PNG where it is transparent.
func encode(m *image.RGBA) ([]byte, error) {
	var b bytes.Buffer
	var err error
	if m.Opaque() {
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: resultQuality})
	} else {
		err = png.Encode(&b, m)
	}
	if err != nil {
		return nil, fmt.Errorf("encode picture: %w", err)
	}
	return b.Bytes(), nil
}
