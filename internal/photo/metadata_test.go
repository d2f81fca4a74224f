package photo

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image/color"
	"testing"

	"sarangbang/internal/photo/phototest"
)

// tiff returns EXIF data with an orientation and a place.
func tiff(order binary.AppendByteOrder, o uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 270) // a description, which is text
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, 12)
	b = order.AppendUint32(b, 38)
	b = order.AppendUint16(b, 274)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, o)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(b, 0)
	return append(b, "GPS 37.5665N"...)
}

// withEXIF returns a JPEG with EXIF data after its start marker.
func withEXIF(content, exif []byte) []byte {
	segment := append([]byte("Exif\x00\x00"), exif...)
	b := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(segment)+2))...)
	return append(append(b, segment...), content[2:]...)
}

// withChunk returns a PNG with another chunk after its header.
func withChunk(content []byte, name string, data []byte) []byte {
	const header = 8 + 25
	b := binary.BigEndian.AppendUint32(bytes.Clone(content[:header]), uint32(len(data)))
	b = append(append(b, name...), data...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[header+4:]))
	return append(b, content[header:]...)
}

// withWebPChunk returns a WebP with another chunk at its end.
func withWebPChunk(content []byte, name string, data []byte) []byte {
	b := append(bytes.Clone(content), name...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = append(b, data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func TestSquare_TurnsUpright(t *testing.T) {
	stored := phototest.JPEG(t, phototest.Quarters(80, 64, red, green, blue, yellow))
	for name, c := range map[string]struct {
		orientation uint16
		want        []color.NRGBA
	}{
		"1 as it is":             {1, []color.NRGBA{red, green, blue, yellow}},
		"2 mirrored":             {2, []color.NRGBA{green, red, yellow, blue}},
		"3 upside down":          {3, []color.NRGBA{yellow, blue, green, red}},
		"4 mirrored upside down": {4, []color.NRGBA{blue, yellow, red, green}},
		"5 rows are columns":     {5, []color.NRGBA{red, blue, green, yellow}},
		"6 turned left":          {6, []color.NRGBA{blue, red, yellow, green}},
		"7 mirrored turned":      {7, []color.NRGBA{yellow, green, blue, red}},
		"8 turned right":         {8, []color.NRGBA{green, yellow, red, blue}},
		"0 is none":              {0, []color.NRGBA{red, green, blue, yellow}},
		"9 is none":              {9, []color.NRGBA{red, green, blue, yellow}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				wantQuarters(t, squared(t, withEXIF(stored, tiff(order, c.orientation))), c.want...)
			}
		})
	}
}

func TestSquare_TurnsEveryFormat(t *testing.T) {
	exif := tiff(binary.BigEndian, 3)
	want := []color.NRGBA{yellow, blue, green, red}
	wantQuarters(t, squared(t, withChunk(phototest.PNG(t, phototest.Quarters(64, 64, red, green, blue, yellow)), "eXIf", exif)), want...)
	wantQuarters(t, squared(t, withWebPChunk(phototest.WebP(t, "lossy"), "EXIF", exif)), want...)
	wantQuarters(t, squared(t, withWebPChunk(phototest.WebP(t, "lossy"), "EXIF", append([]byte("Exif\x00\x00"), exif...))), want...)
}

func TestSquare_DropsMetadata(t *testing.T) {
	four := phototest.Quarters(64, 64, red, green, blue, yellow)
	exif := tiff(binary.LittleEndian, 1)
	for name, content := range map[string][]byte{
		"jpeg": withEXIF(phototest.JPEG(t, four), exif),
		"png":  withChunk(withChunk(phototest.PNG(t, four), "eXIf", exif), "tEXt", []byte("Location\x00GPS 37.5665N")),
		"webp": withWebPChunk(phototest.WebP(t, "lossy"), "EXIF", exif),
		"tail": append(phototest.JPEG(t, four), "GPS 37.5665N"...),
	} {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(content, []byte("GPS 37")) {
				t.Fatal("the test's own picture says nothing about a place")
			}
			photo, err := NewResizer().Square(t.Context(), bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			for _, trace := range []string{"GPS", "Exif", "37.5665", "Location"} {
				if bytes.Contains(photo, []byte(trace)) {
					t.Errorf("%q is still in the photo", trace)
				}
			}
		})
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(tiff(binary.BigEndian, 6))
	f.Add(tiff(binary.LittleEndian, 9))
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\xff\xff"))
	f.Fuzz(func(t *testing.T, exif []byte) {
		if o := orientationOf(exif); o < 1 || o > 8 {
			t.Errorf("got orientation %d", o)
		}
		readJPEG(exif)
		pngEXIF(exif)
		webpEXIF(exif)
	})
}
