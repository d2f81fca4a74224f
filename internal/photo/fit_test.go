package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"sarangbang/internal/photo/phototest"
)

func fitOne(t *testing.T, content []byte, sides ...int) (*Picture, error) {
	return NewResizer().Fit(t.Context(), func() ([]byte, error) { return content, nil }, sides...)
}

// fitted returns a picture in smaller sizes, decoded.
func fitted(t *testing.T, content []byte, sides ...int) (*Picture, []image.Image) {
	t.Helper()
	p, err := fitOne(t, content, sides...)
	if err != nil {
		t.Fatal(err)
	}
	smaller := make([]image.Image, len(p.Smaller))
	for i, b := range p.Smaller {
		if b == nil {
			continue
		}
		if smaller[i], _, err = image.Decode(bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
	}
	return p, smaller
}

func TestFit_ReturnsSmallerPictures(t *testing.T) {
	content := phototest.JPEG(t, phototest.Quarters(3000, 1500, red, green, blue, yellow))
	p, smaller := fitted(t, content, 1600, 640)
	if p.Width != 3000 || p.Height != 1500 || p.Type != "image/jpeg" {
		t.Errorf("%d × %d %s", p.Width, p.Height, p.Type)
	}
	for i, want := range []image.Point{{1600, 800}, {640, 320}} {
		if got := smaller[i].Bounds().Size(); got != want {
			t.Errorf("the size is %v, want %v", got, want)
		}
		wantQuarters(t, smaller[i], red, green, blue, yellow)
	}
	if p, smaller = fitted(t, phototest.PNG(t, phototest.Quarters(700, 300, red)), 1600, 640); smaller[0] != nil || smaller[1] == nil {
		t.Errorf("of a picture between the sizes: %v", p)
	}
	if p, smaller = fitted(t, phototest.GIF(t, phototest.Quarters(70, 30, red)), 1600, 640); smaller[0] != nil || smaller[1] != nil || p.Width != 70 {
		t.Errorf("of a small one: %v", p)
	}
}

func TestFit_TurnsUpright(t *testing.T) {
	content := withEXIF(phototest.JPEG(t, phototest.Quarters(2000, 1000, red, green, blue, yellow)), exifOf(6))
	p, smaller := fitted(t, content, 640)
	if p.Width != 1000 || p.Height != 2000 || smaller[0].Bounds().Size() != (image.Point{320, 640}) {
		t.Errorf("%d × %d, smaller %v", p.Width, p.Height, smaller[0].Bounds())
	}
	wantQuarters(t, smaller[0], blue, red, yellow, green)
}

func TestFit_KeepsWhatIsTransparent(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 1000, 1000))
	for i := range m.Pix[:len(m.Pix)/2] {
		m.Pix[i] = 0xff
	}
	p, smaller := fitted(t, phototest.PNG(t, m), 640)
	if _, _, _, alpha := smaller[0].At(320, 600).RGBA(); alpha != 0 || !bytes.HasPrefix(p.Smaller[0], []byte(pngSignature)) {
		t.Errorf("the lower half has %d", alpha)
	}
}

func TestFit_RefusesWhatIsNoPicture(t *testing.T) {
	huge := phototest.ResizedPNG(phototest.PNG(t, phototest.Quarters(8, 8, red)), 100_000, 100_000)
	cut := phototest.PNG(t, phototest.Quarters(800, 800, red, green, blue, yellow))
	for content, want := range map[string]error{
		"GIF89a\x01\x00\x01\x00<script>alert(1)</script>": ErrDamaged, "hello": ErrFormat, "": ErrFormat,
		string(huge): ErrTooManyPixels, string(cut[:len(cut)/2]): ErrDamaged,
	} {
		if _, err := fitOne(t, []byte(content), 64); !errors.Is(err, want) {
			t.Errorf("%.20q: %v, want %v", content, err, want)
		}
	}
}

func TestStrip_LeavesThePictureAlone(t *testing.T) {
	place := []byte("GPS 37.5665 126.9780")
	secret := func(o uint16) []byte { return tiff(binary.BigEndian, o) }
	quarters := phototest.Quarters(80, 40, red, green, blue, yellow)
	jpegContent, pngContent := phototest.JPEG(t, quarters), phototest.PNG(t, quarters)
	gif := phototest.GIF(t, quarters, quarters)
	withComment := append(append(bytes.Clone(gif[:len(gif)-1]), "\x21\xfe\x14"...), append(bytes.Clone(place), 0, gifEnd)...)
	for name, content := range map[string][]byte{
		"jpeg":             withEXIF(jpegContent, secret(6)),
		"progressive jpeg": withEXIF(phototest.ProgressiveJPEG(t), secret(1)),
		"a jpeg and more":  append(bytes.Clone(jpegContent), place...),
		"a cut jpeg":       withEXIF(jpegContent[:len(jpegContent)-2], secret(1)),
		"png":              withChunk(withChunk(pngContent, "eXIf", secret(6)), "tEXt", place),
		"a png and more":   append(bytes.Clone(pngContent), place...),
		"gif":              withComment,
		"webp":             withWebPChunk(withWebPChunk(phototest.WebP(t, "lossy-transparent"), "EXIF", secret(6)), "XMP ", place),
		"moving webp":      withWebPChunk(phototest.MovingWebP(t, false, "lossy-transparent"), "XMP ", place),
	} {
		got, err := Strip(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Contains(string(got), "GPS") {
			t.Errorf("%s: the place is still in it", name)
		}
		before, err := fitOne(t, content, 16)
		after, afterErr := fitOne(t, got, 16)
		if err != nil || afterErr != nil || before.Width != after.Width || !bytes.Equal(before.Smaller[0], after.Smaller[0]) {
			t.Errorf("%s: another picture: %v, %v", name, err, afterErr)
		}
		again, err := Strip(got)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: what is stripped is not as it was: %v", name, err)
		}
	}
}

func FuzzStrip(f *testing.F) {
	quarters := phototest.Quarters(8, 8, red, green, blue, yellow)
	for _, seed := range [][]byte{
		phototest.JPEG(f, quarters), phototest.PNG(f, quarters), phototest.GIF(f, quarters), phototest.ProgressiveJPEG(f), phototest.WebP(f, "lossy-transparent"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		got, err := Strip(content)
		if err == nil && len(got) > len(content)+100 {
			t.Errorf("%d bytes became %d", len(content), len(got))
		}
	})
}

// BenchmarkFit makes two smaller pictures of a photograph of 12 megapixels, beside a bare decoding
// and one scaling of the same, which is the least that it can cost.
func BenchmarkFit(b *testing.B) {
	picture := image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range picture.Y {
		picture.Y[i] = byte(i/4000/12 + random.IntN(24))
	}
	content := phototest.JPEG(b, picture)
	b.Run("two sizes", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			if _, err := NewResizer().Fit(b.Context(), func() ([]byte, error) { return content, nil }, 1600, 640); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			m, err := jpeg.Decode(bytes.NewReader(content))
			if err != nil {
				b.Fatal(err)
			}
			to := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
			draw.ApproxBiLinear.Scale(to, to.Bounds(), m, m.Bounds(), draw.Src, nil)
		}
	})
}
