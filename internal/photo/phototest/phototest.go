// Package phototest makes pictures for tests.
package phototest

import (
	"bytes"
	"embed"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// Colours that are still told apart after JPEG compression.
var (
	Red    = color.NRGBA{R: 200, A: 255}
	Green  = color.NRGBA{G: 160, A: 255}
	Blue   = color.NRGBA{B: 200, A: 255}
	Yellow = color.NRGBA{R: 200, G: 200, A: 255}
	White  = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
)

// Quarters paints a picture whose quarters have up to four colours: top left, top right, bottom
// left, bottom right.
func Quarters(width, height int, colours ...color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i, c := range colours {
		quarter := image.Rect(0, 0, (width+1)/2, (height+1)/2).Add(image.Pt(i%2*(width+1)/2, i/2*(height+1)/2))
		draw.Draw(m, quarter, image.NewUniform(c), image.Point{}, draw.Src)
	}
	return m
}

// JPEG encodes a picture.
func JPEG(tb testing.TB, m image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// PNG encodes a picture.
func PNG(tb testing.TB, m image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// GIF encodes pictures as the frames of one animation.
func GIF(tb testing.TB, pictures ...image.Image) []byte {
	tb.Helper()
	var all gif.GIF
	for _, m := range pictures {
		p := image.NewPaletted(m.Bounds(), palette.WebSafe)
		draw.Draw(p, p.Rect, m, p.Rect.Min, draw.Src)
		all.Image, all.Delay = append(all.Image, p), append(all.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &all); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

//go:embed testdata
var testdata embed.FS

// WebP returns a picture whose shorter side is 30 pixels, with quarters in Red, Green, Blue and
// Yellow; the last is transparent where the name says so. Names: lossy, lossy-transparent,
// lossless-transparent. lossy-black and lossy-white are 100 × 100 pixels of one colour.
func WebP(tb testing.TB, name string) []byte {
	tb.Helper()
	return file(tb, name+".webp")
}

// ProgressiveJPEG returns a progressive picture of 80 × 60 pixels with quarters in Red, Green, Blue
// and Yellow.
func ProgressiveJPEG(tb testing.TB) []byte {
	tb.Helper()
	return file(tb, "progressive.jpg")
}

// file returns a file of testdata.
func file(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := testdata.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// MovingWebP returns an animation of the pictures of 40 × 30 pixels that WebP has under some names.
// Both sides of its canvas are double those of the pictures, which lie in its middle, if wide.
func MovingWebP(tb testing.TB, wide bool, names ...string) []byte {
	tb.Helper()
	const width, height, header = 40, 30, 12
	scale := 1
	if wide {
		scale = 2
	}
	var frames []byte
	for _, name := range names {
		data := append(uint24(nil, (scale-1)*width/2/2, (scale-1)*height/2/2, width-1, height-1, 100), 0)
		data = append(data, WebP(tb, name)[header+18:]...) // without its VP8X, which has 18 bytes
		frames = riffChunk(frames, "ANMF", data)
	}
	body := []byte("WEBP")
	body = riffChunk(body, "VP8X", uint24([]byte{0x12, 0, 0, 0}, scale*width-1, scale*height-1))
	body = riffChunk(body, "ANIM", make([]byte, 6))
	return riffChunk(nil, "RIFF", append(body, frames...))
}

// uint24 appends numbers of three bytes each.
func uint24(b []byte, numbers ...int) []byte {
	for _, n := range numbers {
		b = append(b, byte(n), byte(n>>8), byte(n>>16))
	}
	return b
}

// riffChunk appends a chunk of an even number of bytes.
func riffChunk(b []byte, name string, data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(append(b, name...), uint32(len(data))), data...)
}

// ResizedPNG returns a PNG whose header claims another size.
func ResizedPNG(content []byte, width, height uint32) []byte {
	b := bytes.Clone(content)
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}
