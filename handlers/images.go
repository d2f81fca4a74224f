package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // the formats that image.Decode knows
	"image/jpeg"
	_ "image/png"
	"io"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"
)

const (
	// maxPhotoBytes is what a photo may weigh when it arrives. Telephones make 2 to 8 MB.
	maxPhotoBytes = 10 << 20
	// maxPhotoPixels is more than the 48 or 50 megapixels of present telephones.
	maxPhotoPixels = 51_000_000
	// maxPhotoSide bounds the longer side in pixels.
	maxPhotoSide = 20_000
	// maxPhotoMemory bounds what decoding may allocate, in bytes. It is what a common JPEG of maxPhotoPixels needs.
	maxPhotoMemory = 4 * maxPhotoPixels
	// maxPhotoScans bounds the passes of a progressive JPEG, of which real ones have ten; each goes over all of the picture.
	maxPhotoScans = 64
	// maxPhotoDecodes is how many photos are decoded at once.
	maxPhotoDecodes = 1
	// photoSide is the side of the stored square in pixels, at most: sharp at 256 CSS pixels on a fine screen.
	photoSide = 512
	// photoQuality is that of the stored JPEG; about 40 kB.
	photoQuality = 85
)

// Why a photo is refused.
var (
	errPhotoTooLarge = errors.New("photo has too many bytes")
	errPhotoPixels   = errors.New("photo has too many pixels")
	errPhotoType     = errors.New("photo is not a readable JPEG, PNG, GIF or WebP")
)

// photoResizer makes stored photos out of uploaded ones, so few at once that the memory for it is bounded by maxPhotoDecodes times
// maxPhotoMemory and some 50 MB. Its method may be called by many goroutines.
type photoResizer struct {
	turns chan struct{}
}

func newPhotoResizer() *photoResizer {
	return &photoResizer{turns: make(chan struct{}, maxPhotoDecodes)}
}

// square reads a JPEG, PNG, GIF (its first picture) or WebP and returns it as a JPEG: upright, the middle cut out as a square, at most
// photoSide pixels wide, on white where it was transparent, and without anything that cameras write into their files, such as where
// it was taken. Errors are errPhotoTooLarge, errPhotoPixels and errPhotoType, those of ctx, and those of r.
func (p *photoResizer) square(ctx context.Context, r io.Reader) ([]byte, error) {
	// All is read before waiting: who sends slowly shall not hold a turn.
	content, err := io.ReadAll(io.LimitReader(r, maxPhotoBytes+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxPhotoBytes {
		return nil, errPhotoTooLarge
	}
	o, err := examine(content)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil { // select chooses at random when both are possible
		return nil, err
	}
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.turns }()
	return squarePhoto(content, o)
}

// examine refuses what is not a photo, and what would need too much memory or time to decode, and tells how to turn the rest.
func examine(content []byte) (orientation, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return upright, fmt.Errorf("%w: %w", errPhotoType, err)
	}
	width, height := int64(config.Width), int64(config.Height)
	if width < 1 || height < 1 {
		return upright, fmt.Errorf("%w: %d × %d pixels", errPhotoType, width, height)
	}
	perPixel, exif, err := inspect(content, format, config.ColorModel)
	if err != nil {
		return upright, err
	}
	if width > maxPhotoSide || height > maxPhotoSide || width*height > maxPhotoPixels || width*height*perPixel > maxPhotoMemory {
		return upright, fmt.Errorf("%w: %s of %d × %d", errPhotoPixels, format, width, height)
	}
	return orientationOf(exif), nil
}

// inspect estimates how many bytes a decoder allocates per pixel, and finds the EXIF data.
func inspect(content []byte, format string, model color.Model) (perPixel int64, exif []byte, err error) {
	switch format {
	case "jpeg":
		facts := readJPEG(content)
		if facts.scans > maxPhotoScans {
			return 0, nil, fmt.Errorf("%w: %d scans", errPhotoType, facts.scans)
		}
		return facts.memory(model), facts.exif, nil
	case "png": // twice the picture, because interlaced ones are put together from smaller ones
		if model == color.RGBA64Model || model == color.NRGBA64Model {
			return 16, pngEXIF(content), nil
		}
		return 8, pngEXIF(content), nil
	case "webp": // the transparency is a picture of its own
		return 8, webpEXIF(content), nil
	case "gif":
		return 1, nil, nil
	default: // a format that another package of the program has made known to package image
		return 0, nil, fmt.Errorf("%w: %s", errPhotoType, format)
	}
}

// squarePhoto decodes and shrinks. The middle square of a picture stays the middle square however the picture is turned, so turning
// comes last, when there is little left to turn.
func squarePhoto(content []byte, o orientation) ([]byte, error) {
	decoded, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPhotoType, err)
	}
	var b bytes.Buffer
	square := o.turn(shrink(decoded, middleSquare(decoded.Bounds())))
	if err := jpeg.Encode(&b, square, &jpeg.Options{Quality: photoQuality}); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// middleSquare is the largest square in the middle of r.
func middleSquare(r image.Rectangle) image.Rectangle {
	side := min(r.Dx(), r.Dy())
	corner := r.Min.Add(image.Pt((r.Dx()-side)/2, (r.Dy()-side)/2))
	return image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}
}

// shrink draws a square part of a picture on white, at most photoSide wide; it never makes it larger.
func shrink(from image.Image, part image.Rectangle) *image.RGBA {
	// The good filter keeps 32 bytes for every pixel it reads in a column of the result, so a large picture is brought near by a
	// quick one first. Four pixels for each that stays hide its coarseness.
	if near := 4 * photoSide; part.Dx() > near {
		smaller := image.NewRGBA(image.Rect(0, 0, near, near))
		draw.ApproxBiLinear.Scale(smaller, smaller.Bounds(), from, part, draw.Src, nil)
		from, part = smaller, smaller.Bounds()
	}
	side := min(part.Dx(), photoSide)
	to := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(to, to.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(to, to.Bounds(), from, part, draw.Over, nil)
	return to
}
