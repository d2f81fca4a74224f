package handlers

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"runtime"
	"testing"
	"testing/iotest"
	"testing/synctest"
)

var (
	red    = color.NRGBA{R: 200, A: 255}
	green  = color.NRGBA{G: 160, A: 255}
	blue   = color.NRGBA{B: 200, A: 255}
	yellow = color.NRGBA{R: 200, G: 200, A: 255}
	white  = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
)

// quarters paints a picture of four colours, from the top left to the bottom right.
func quarters(width, height int, colours ...color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i, c := range colours {
		quarter := image.Rect(0, 0, (width+1)/2, (height+1)/2).Add(image.Pt(i%2*(width+1)/2, i/2*(height+1)/2))
		draw.Draw(m, quarter, image.NewUniform(c), image.Point{}, draw.Src)
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asGIF(t testing.TB, pictures ...image.Image) []byte {
	t.Helper()
	var all gif.GIF
	for _, m := range pictures {
		p := image.NewPaletted(m.Bounds(), palette.WebSafe)
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				p.Set(x, y, m.At(x, y))
			}
		}
		all.Image, all.Delay = append(all.Image, p), append(all.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// squared makes a photo and decodes the result, which has to be a square JPEG.
func squared(t testing.TB, content []byte) image.Image {
	t.Helper()
	photo, err := newPhotoResizer().square(t.Context(), bytes.NewReader(content))
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

// wantQuarters compares the middles of the quarters, as exactly as a JPEG can be.
func wantQuarters(t testing.TB, m image.Image, want ...color.NRGBA) {
	t.Helper()
	side := m.Bounds().Dx()
	for i, w := range want {
		at := image.Pt(side/4+i%2*side/2, side/4+i/2*side/2)
		r, g, b, _ := m.At(at.X, at.Y).RGBA()
		if far(r>>8, w.R) || far(g>>8, w.G) || far(b>>8, w.B) {
			t.Errorf("quarter %d is %d, %d, %d, want %v", i+1, r>>8, g>>8, b>>8, w)
		}
	}
}

func far(got uint32, want uint8) bool { return int(got)-int(want) > 20 || int(want)-int(got) > 20 }

func TestPhotoBecomesSquareJPEG(t *testing.T) {
	four := quarters(60, 60, red, green, blue, yellow)
	clear := quarters(60, 60, red, green, blue, color.NRGBA{})
	for name, c := range map[string]struct {
		content []byte
		side    int
		want    []color.NRGBA
	}{
		"jpeg":                      {asJPEG(t, four), 60, []color.NRGBA{red, green, blue, yellow}},
		"png":                       {asPNG(t, four), 60, []color.NRGBA{red, green, blue, yellow}},
		"png transparent":           {asPNG(t, clear), 60, []color.NRGBA{red, green, blue, white}},
		"gif":                       {asGIF(t, four), 60, []color.NRGBA{red, green, blue, yellow}},
		"gif of several pictures":   {asGIF(t, four, clear), 60, []color.NRGBA{red, green, blue, yellow}},
		"webp":                      {fixture(t, "lossy.webp"), 30, []color.NRGBA{red, green, blue, yellow}},
		"webp transparent":          {fixture(t, "lossy-transparent.webp"), 30, []color.NRGBA{red, green, blue, white}},
		"webp lossless transparent": {fixture(t, "lossless-transparent.webp"), 30, []color.NRGBA{red, green, blue, white}},
		"large":                     {asJPEG(t, quarters(900, 700, red, green, blue, yellow)), 512, []color.NRGBA{red, green, blue, yellow}},
		"very large":                {asJPEG(t, quarters(2300, 2060, red, green, blue, yellow)), 512, []color.NRGBA{red, green, blue, yellow}},
		"very large, transparent":   {asPNG(t, quarters(2060, 2100, red, green, blue, color.NRGBA{})), 512, []color.NRGBA{red, green, blue, white}},
		"one pixel":                 {asPNG(t, quarters(1, 1, red)), 1, nil},
		"very flat":                 {asPNG(t, quarters(300, 1, red, red, red, red)), 1, nil},
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

func TestPhotoKeepsTheMiddle(t *testing.T) {
	// Two squares of colour at the ends, which have to go, and one of four in the middle.
	m := image.NewNRGBA(image.Rect(0, 0, 180, 60))
	middle := quarters(60, 60, red, green, blue, yellow)
	for y := range 60 {
		for x := range 180 {
			if m.SetNRGBA(x, y, white); x >= 60 && x < 120 {
				m.SetNRGBA(x, y, middle.NRGBAAt(x-60, y))
			}
		}
	}
	wantQuarters(t, squared(t, asPNG(t, m)), red, green, blue, yellow)
}

// resizedPNG makes a PNG claim another size.
func resizedPNG(content []byte, width, height uint32) []byte {
	b := bytes.Clone(content)
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func resizedGIF(content []byte, width, height uint16) []byte {
	b := bytes.Clone(content)
	binary.LittleEndian.PutUint16(b[6:], width)
	binary.LittleEndian.PutUint16(b[8:], height)
	return b
}

// resizedJPEG also changes the marker that starts the picture.
func resizedJPEG(content []byte, marker byte, width, height uint16) []byte {
	b := bytes.Clone(content)
	at := bytes.Index(b, []byte{0xff, 0xc0})
	b[at+1] = marker
	binary.BigEndian.PutUint16(b[at+5:], height)
	binary.BigEndian.PutUint16(b[at+7:], width)
	return b
}

func TestPhotoIsRefused(t *testing.T) {
	four := quarters(16, 16, red, green, blue, yellow)
	photo := asJPEG(t, four)
	deep := asPNG(t, image.NewNRGBA64(image.Rect(0, 0, 16, 16)))
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"a png that claims to be huge":            {resizedPNG(asPNG(t, four), 65_535, 65_535), errPhotoPixels},
		"a png of too many pixels":                {resizedPNG(asPNG(t, four), 9_000, 9_000), errPhotoPixels},
		"a png too long and thin":                 {resizedPNG(asPNG(t, four), 20_001, 1), errPhotoPixels},
		"a png of 16 bits that needs much memory": {resizedPNG(deep, 4_000, 4_000), errPhotoPixels},
		"a gif that claims to be huge":            {resizedGIF(asGIF(t, four), 65_535, 65_535), errPhotoPixels},
		"a jpeg that claims to be huge":           {resizedJPEG(photo, 0xc0, 65_535, 65_535), errPhotoPixels},
		"a progressive jpeg that needs memory":    {resizedJPEG(photo, 0xc2, 5_000, 4_000), errPhotoPixels},
		"a jpeg of very many scans":               {append(photo[:len(photo)-2:len(photo)-2], bytes.Repeat([]byte{0xff, 0xda, 0, 2}, 64)...), errPhotoType},
		"a png without height":                    {resizedPNG(asPNG(t, four), 1, 0), errPhotoType},
		"a jpeg cut short":                        {photo[:len(photo)/2], errPhotoType},
		"a webp cut short":                        {fixture(t, "lossy.webp")[:100], errPhotoType},
		"nothing":                                 {nil, errPhotoType},
		"text":                                    {[]byte("hello"), errPhotoType},
		"an svg":                                  {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), errPhotoType},
		"too many bytes":                          {append(bytes.Clone(photo), make([]byte, maxPhotoBytes)...), errPhotoTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := newPhotoResizer().square(t.Context(), bytes.NewReader(c.content))
			if got != nil || !errors.Is(err, c.want) {
				t.Errorf("got %d bytes and %v, want %v", len(got), err, c.want)
			}
		})
	}
}

func TestHugeClaimsCostNoMemory(t *testing.T) {
	bomb := resizedPNG(asPNG(t, quarters(16, 16, red, green, blue, yellow)), 20_000, 20_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := newPhotoResizer().square(t.Context(), bytes.NewReader(bomb))
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 || err == nil {
		t.Errorf("refusing took %d bytes of memory (error %v), want less than 4 MB", used, err)
	}
}

func TestPhotoPassesOnTheReadersError(t *testing.T) {
	cause := errors.New("connection lost")
	if _, err := newPhotoResizer().square(t.Context(), iotest.ErrReader(cause)); !errors.Is(err, cause) {
		t.Errorf("got %v, want %v", err, cause)
	}
}

func TestPhotosWaitForTheirTurn(t *testing.T) {
	content := asPNG(t, quarters(16, 16, red, green, blue, yellow))
	synctest.Test(t, func(t *testing.T) {
		p := newPhotoResizer()
		for range maxPhotoDecodes {
			p.turns <- struct{}{}
		}
		done := make(chan error, 2)
		ctx, cancel := context.WithCancel(t.Context())
		for _, ctx := range []context.Context{ctx, t.Context()} {
			go func() {
				_, err := p.square(ctx, bytes.NewReader(content))
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
		<-p.turns
		if err := <-done; err != nil {
			t.Errorf("who waited got %v", err)
		}
	})
}

func FuzzPhoto(f *testing.F) {
	four := quarters(16, 16, red, green, blue, yellow)
	f.Add(withEXIF(asJPEG(f, four), tiff(binary.BigEndian, 6)))
	f.Add(withChunk(asPNG(f, four), "eXIf", tiff(binary.LittleEndian, 7)))
	f.Add(withWebPChunk(fixture(f, "lossy-transparent.webp"), "EXIF", tiff(binary.LittleEndian, 5)))
	f.Add(asGIF(f, four))
	f.Fuzz(func(t *testing.T, content []byte) {
		photo, err := newPhotoResizer().square(t.Context(), bytes.NewReader(content))
		if err != nil {
			return
		}
		m, err := jpeg.Decode(bytes.NewReader(photo))
		if err != nil || m.Bounds().Dx() != m.Bounds().Dy() || m.Bounds().Dx() > photoSide {
			t.Errorf("the result is no square JPEG of at most %d pixels: %v", photoSide, err)
		}
	})
}

func BenchmarkPhoto(b *testing.B) {
	content := asJPEG(b, quarters(4000, 3000, red, green, blue, yellow))
	p := newPhotoResizer()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.square(b.Context(), bytes.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
}
