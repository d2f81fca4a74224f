package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"sarangbang/internal/photo/phototest"
)

var red, green, blue, yellow, white = phototest.Red, phototest.Green, phototest.Blue, phototest.Yellow, phototest.White

// squared returns the decoded result of Square, which has to be a square JPEG.
func squared(t testing.TB, content []byte) image.Image {
	t.Helper()
	photo, err := NewResizer().Square(t.Context(), bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(photo))
	if err != nil {
		t.Fatalf("the result is no JPEG: %v", err)
	}
	if got := m.Bounds(); got.Dx() != got.Dy() {
		t.Fatalf("the result is %v, no square", got)
	}
	return m
}

// wantQuarters compares the middles of the quarters, as exactly as JPEG allows.
func wantQuarters(t testing.TB, m image.Image, want ...color.NRGBA) {
	t.Helper()
	size := m.Bounds().Size()
	for i, w := range want {
		at := image.Pt(size.X/4+i%2*size.X/2, size.Y/4+i/2*size.Y/2)
		r, g, b, _ := m.At(at.X, at.Y).RGBA()
		if far(r>>8, w.R) || far(g>>8, w.G) || far(b>>8, w.B) {
			t.Errorf("quarter %d is %d, %d, %d, want %v", i+1, r>>8, g>>8, b>>8, w)
		}
	}
}

func far(got uint32, want uint8) bool { return int(got)-int(want) > 20 || int(want)-int(got) > 20 }

func TestSquare_ReturnsASquareJPEG(t *testing.T) {
	four := phototest.Quarters(60, 60, red, green, blue, yellow)
	clear := phototest.Quarters(60, 60, red, green, blue, color.NRGBA{})
	for name, c := range map[string]struct {
		content []byte
		side    int
		want    []color.NRGBA
	}{
		"jpeg":                      {phototest.JPEG(t, four), 60, []color.NRGBA{red, green, blue, yellow}},
		"png":                       {phototest.PNG(t, four), 60, []color.NRGBA{red, green, blue, yellow}},
		"png transparent":           {phototest.PNG(t, clear), 60, []color.NRGBA{red, green, blue, white}},
		"gif":                       {phototest.GIF(t, four), 60, []color.NRGBA{red, green, blue, yellow}},
		"gif of several pictures":   {phototest.GIF(t, four, clear), 60, []color.NRGBA{red, green, blue, yellow}},
		"webp":                      {phototest.WebP(t, "lossy"), 30, []color.NRGBA{red, green, blue, yellow}},
		"webp transparent":          {phototest.WebP(t, "lossy-transparent"), 30, []color.NRGBA{red, green, blue, white}},
		"webp lossless transparent": {phototest.WebP(t, "lossless-transparent"), 30, []color.NRGBA{red, green, blue, white}},
		"large":                     {phototest.JPEG(t, phototest.Quarters(900, 700, red, green, blue, yellow)), 512, []color.NRGBA{red, green, blue, yellow}},
		"very large":                {phototest.JPEG(t, phototest.Quarters(2300, 2060, red, green, blue, yellow)), 512, []color.NRGBA{red, green, blue, yellow}},
		"very large, transparent":   {phototest.PNG(t, phototest.Quarters(2060, 2100, red, green, blue, color.NRGBA{})), 512, []color.NRGBA{red, green, blue, white}},
		"one pixel":                 {phototest.PNG(t, phototest.Quarters(1, 1, red)), 1, nil},
		"very flat":                 {phototest.PNG(t, phototest.Quarters(300, 1, red, red, red, red)), 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := squared(t, c.content)
			if got := m.Bounds().Dx(); got != c.side {
				t.Errorf("the side is %d, want %d", got, c.side)
			}
			wantQuarters(t, m, c.want...)
		})
	}
}

func TestSquare_KeepsTheMiddle(t *testing.T) {
	// Two squares of colour at the ends, which have to go, and one of four in the middle.
	m := image.NewNRGBA(image.Rect(0, 0, 180, 60))
	middle := phototest.Quarters(60, 60, red, green, blue, yellow)
	for y := range 60 {
		for x := range 180 {
			if m.SetNRGBA(x, y, white); x >= 60 && x < 120 {
				m.SetNRGBA(x, y, middle.NRGBAAt(x-60, y))
			}
		}
	}
	wantQuarters(t, squared(t, phototest.PNG(t, m)), red, green, blue, yellow)
}

func resizedGIF(content []byte, width, height uint16) []byte {
	b := bytes.Clone(content)
	binary.LittleEndian.PutUint16(b[6:], width)
	binary.LittleEndian.PutUint16(b[8:], height)
	return b
}

// resizedJPEG returns a JPEG with another size and another start-of-frame marker in its header.
func resizedJPEG(content []byte, marker byte, width, height uint16) []byte {
	b := bytes.Clone(content)
	at := bytes.Index(b, []byte{0xff, 0xc0})
	b[at+1] = marker
	binary.BigEndian.PutUint16(b[at+5:], height)
	binary.BigEndian.PutUint16(b[at+7:], width)
	return b
}

// withScans returns a JPEG whose only scan comes several times.
func withScans(content []byte, times int) []byte {
	at := bytes.Index(content, []byte{0xff, 0xda})
	scan := content[at : len(content)-2]
	return slices.Concat(content[:at], bytes.Repeat(scan, times), []byte{0xff, 0xd9})
}

func TestSquare_RefusesHostileFiles(t *testing.T) {
	four := phototest.Quarters(16, 16, red, green, blue, yellow)
	photo := phototest.JPEG(t, four)
	deep := phototest.PNG(t, image.NewNRGBA64(image.Rect(0, 0, 16, 16)))
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"a png that claims to be huge":            {phototest.ResizedPNG(phototest.PNG(t, four), 65_535, 65_535), ErrTooManyPixels},
		"a png of too many pixels":                {phototest.ResizedPNG(phototest.PNG(t, four), 9_000, 9_000), ErrTooManyPixels},
		"a png too long and thin":                 {phototest.ResizedPNG(phototest.PNG(t, four), 20_001, 1), ErrTooManyPixels},
		"a png of 16 bits that needs much memory": {phototest.ResizedPNG(deep, 4_000, 4_000), ErrTooManyPixels},
		"a gif that claims to be huge":            {resizedGIF(phototest.GIF(t, four), 65_535, 65_535), ErrTooManyPixels},
		"a jpeg that claims to be huge":           {resizedJPEG(photo, 0xc0, 65_535, 65_535), ErrTooManyPixels},
		"a progressive jpeg that needs memory":    {resizedJPEG(photo, 0xc2, 5_000, 4_000), ErrTooManyPixels},
		"a jpeg of very many scans":               {append(photo[:len(photo)-2:len(photo)-2], bytes.Repeat([]byte{0xff, 0xda, 0, 2}, 64)...), ErrDamaged},
		"a jpeg whose scan comes 13 times":        {withScans(phototest.JPEG(t, phototest.Quarters(4_000, 4_000, red, green)), 13), ErrTooManyPixels},
		"a png without height":                    {phototest.ResizedPNG(phototest.PNG(t, four), 1, 0), ErrDamaged},
		"a png cut short":                         {phototest.PNG(t, four)[:60], ErrDamaged},
		"a jpeg without a picture":                {photo[:len(photo)/2], ErrDamaged},
		"a webp cut short":                        {phototest.WebP(t, "lossy")[:100], ErrDamaged},
		"nothing":                                 {nil, ErrFormat},
		"text":                                    {[]byte("hello"), ErrFormat},
		"an svg":                                  {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), ErrFormat},
		"too many bytes":                          {append(bytes.Clone(photo), make([]byte, MaxBytes)...), ErrTooManyBytes},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := NewResizer().Square(t.Context(), bytes.NewReader(c.content))
			if got != nil || !errors.Is(err, c.want) {
				t.Errorf("got %d bytes and %v, want %v", len(got), err, c.want)
			}
		})
	}
}

func TestSquare_RefusesHugeClaimsWithoutMemory(t *testing.T) {
	bomb := phototest.ResizedPNG(phototest.PNG(t, phototest.Quarters(16, 16, red, green, blue, yellow)), 20_000, 20_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := NewResizer().Square(t.Context(), bytes.NewReader(bomb))
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 || err == nil {
		t.Errorf("refusing took %d bytes of memory (error %v), want less than 4 MB", used, err)
	}
}

func TestSquare_ReturnsTheErrorOfItsReader(t *testing.T) {
	cause := errors.New("connection lost")
	if _, err := NewResizer().Square(t.Context(), iotest.ErrReader(cause)); !errors.Is(err, cause) {
		t.Errorf("got %v, want %v", err, cause)
	}
}

func TestSquare_WaitsForASlot(t *testing.T) {
	content := phototest.PNG(t, phototest.Quarters(16, 16, red, green, blue, yellow))
	synctest.Test(t, func(t *testing.T) {
		z := NewResizer()
		for range maxDecodes {
			z.slots <- struct{}{}
		}
		done := make(chan error, 2)
		ctx, cancel := context.WithCancel(t.Context())
		for _, ctx := range []context.Context{ctx, t.Context()} {
			go func() {
				_, err := z.Square(ctx, bytes.NewReader(content))
				done <- err
			}()
		}
		synctest.Wait()
		if len(done) != 0 {
			t.Fatal("a photo did not wait")
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("who went away got %v, want %v", err, context.Canceled)
		}
		<-z.slots
		if err := <-done; err != nil {
			t.Errorf("who waited got %v", err)
		}
	})
}

func FuzzSquare(f *testing.F) {
	four := phototest.Quarters(16, 16, red, green, blue, yellow)
	f.Add(withEXIF(phototest.JPEG(f, four), tiff(binary.BigEndian, 6)))
	f.Add(withChunk(phototest.PNG(f, four), "eXIf", tiff(binary.LittleEndian, 7)))
	f.Add(withWebPChunk(phototest.WebP(f, "lossy-transparent"), "EXIF", tiff(binary.LittleEndian, 5)))
	f.Add(phototest.GIF(f, four))
	f.Fuzz(func(t *testing.T, content []byte) {
		photo, err := NewResizer().Square(t.Context(), bytes.NewReader(content))
		if err != nil {
			return
		}
		m, err := jpeg.Decode(bytes.NewReader(photo))
		if err != nil || m.Bounds().Dx() != m.Bounds().Dy() || m.Bounds().Dx() > resultSide {
			t.Errorf("the result is no square JPEG of at most %d pixels: %v", resultSide, err)
		}
	})
}

func BenchmarkSquare(b *testing.B) {
	content := phototest.JPEG(b, phototest.Quarters(4000, 3000, red, green, blue, yellow))
	z := NewResizer()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := z.Square(b.Context(), bytes.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
}
