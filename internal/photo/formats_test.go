package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"testing"

	"sarangbang/internal/photo/phototest"
)

// black is the darkest that a picture can be.
var black = color.NRGBA{A: 255}

func TestSquare_KeepsBlackAndWhiteOfWebP(t *testing.T) {
	for name, want := range map[string]color.NRGBA{"lossy-black": black, "lossy-white": white} {
		m := squared(t, phototest.WebP(t, name))
		if r, _, _, _ := m.At(50, 50).RGBA(); max(int(r>>8), int(want.R))-min(int(r>>8), int(want.R)) > 2 {
			t.Errorf("%s is %d, want %d", name, r>>8, want.R)
		}
	}
}

func TestSquare_TakesTheFirstPictureOfWebP(t *testing.T) {
	for name, c := range map[string]struct {
		content []byte
		want    []color.NRGBA
	}{
		"lossy":             {phototest.MovingWebP(t, false, "lossy", "lossless-transparent"), []color.NRGBA{red, green, blue, yellow}},
		"lossy, clear":      {phototest.MovingWebP(t, false, "lossy-transparent", "lossy"), []color.NRGBA{red, green, blue, white}},
		"lossless, clear":   {phototest.MovingWebP(t, false, "lossless-transparent", "lossy"), []color.NRGBA{red, green, blue, white}},
		"turned":            {withWebPChunk(phototest.MovingWebP(t, false, "lossy"), "EXIF", tiff(binary.BigEndian, 3)), []color.NRGBA{yellow, blue, green, red}},
		"of one picture":    {phototest.MovingWebP(t, false, "lossy"), []color.NRGBA{red, green, blue, yellow}},
		"cut in its second": {phototest.MovingWebP(t, false, "lossy", "lossy")[:400], []color.NRGBA{red, green, blue, yellow}},
	} {
		t.Run(name, func(t *testing.T) { wantQuarters(t, squared(t, c.content), c.want...) })
	}
}

func TestSquare_PlacesAFrameOnItsCanvas(t *testing.T) {
	small := phototest.Quarters(40, 30, red, green, blue, yellow)
	small.Rect = small.Rect.Add(image.Pt(20, 15))
	for name, content := range map[string][]byte{
		"webp": phototest.MovingWebP(t, true, "lossy"),
		"gif":  resizedGIF(phototest.GIF(t, small), 80, 60),
	} {
		m := squared(t, content)
		if got := m.Bounds().Dx(); got != 60 {
			t.Errorf("%s: the side is %d, want that of the canvas", name, got)
		}
		for at, want := range map[image.Point]color.NRGBA{
			{3, 3}: white, {56, 56}: white, {18, 20}: red, {42, 20}: green, {18, 40}: blue, {42, 40}: yellow,
		} {
			r, g, b, _ := m.At(at.X, at.Y).RGBA()
			if r>>15 != uint32(want.R>>7) || g>>15 != uint32(want.G>>7) || b>>15 != uint32(want.B>>7) { // blurred by the edges of so few pixels
				t.Errorf("%s: at %v is %d, %d, %d, want %v", name, at, r>>8, g>>8, b>>8, want)
			}
		}
	}
}

func TestSquare_TakesPNGsWithSmallFaults(t *testing.T) {
	whole := phototest.PNG(t, phototest.Quarters(60, 60, red, green, blue, yellow))
	text := withChunk(whole, "tEXt", []byte("Title\x00a flower"))
	text[bytes.Index(text, []byte("flower"))]++ // its checksum is wrong now
	for name, content := range map[string][]byte{
		"wrong checksum in a text": text,
		"without an end":           whole[:len(whole)-12],
		"chunk that is too long":   withChunk(whole, "zTXt", bytes.Repeat([]byte{1}, 70_000)),
		"bytes after the end":      append(bytes.Clone(whole), "tail"...),
	} {
		t.Run(name, func(t *testing.T) { wantQuarters(t, squared(t, content), red, green, blue, yellow) })
	}
}

func TestSquare_TakesJPEGsWithoutTheirEnd(t *testing.T) {
	whole := phototest.JPEG(t, phototest.Quarters(640, 640, red, green, blue, yellow))
	progressive := phototest.ProgressiveJPEG(t)
	last := bytes.LastIndex(progressive, []byte{0xff, markerSOS})
	for name, c := range map[string]struct {
		content []byte
		want    []color.NRGBA
	}{
		"without its marker": {whole[:len(whole)-2], []color.NRGBA{red, green, blue, yellow}},
		"without some bytes": {whole[:len(whole)-40], []color.NRGBA{red, green, blue, yellow}},
		"progressive":        {progressive[:len(progressive)-2], []color.NRGBA{red, green, blue, yellow}},
		"in its last scan":   {progressive[:last+12], []color.NRGBA{red, green, blue, yellow}},
	} {
		t.Run(name, func(t *testing.T) { wantQuarters(t, squared(t, c.content), c.want...) })
	}
	t.Run("in the middle", func(t *testing.T) {
		scan := bytes.Index(whole, []byte{0xff, markerSOS})
		m := squared(t, whole[:scan+(len(whole)-scan)*2/5])
		if side := m.Bounds().Dx(); side > 300 || side < 160 {
			t.Errorf("the side is %d, want two fifths of 640", side)
		}
		wantQuarters(t, m, red, green, red, green)
	})
}

// fading is a context that is canceled when it has been asked several times.
type fading struct {
	context.Context
	asked int
}

func (f *fading) Err() error {
	if f.asked++; f.asked > 4 {
		return context.Canceled
	}
	return nil
}

func TestSquare_StopsDecodingForNobody(t *testing.T) {
	ctx := &fading{Context: t.Context()}
	content := phototest.JPEG(t, phototest.Quarters(900, 900, red, green, blue, yellow))
	if _, err := NewResizer().Square(ctx, bytes.NewReader(content)); err != context.Canceled {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if ctx.asked > 7 {
		t.Errorf("decoding went on: it asked %d times", ctx.asked)
	}
}
