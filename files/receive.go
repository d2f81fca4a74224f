package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"sarangbang/internal/photo"
)

// maxPicture bounds the pictures that are made smaller, in bytes. Larger ones are files like any
// other.
const maxPicture = 40 << 20

var (
	// ErrTooLarge refuses a file with too many bytes.
	ErrTooLarge = errors.New("the file is too large")
	// ErrEmpty refuses a file without any.
	ErrEmpty = errors.New("the file is empty")
)

// Received is a file that has arrived and is not in the storage yet.
type Received struct {
	Hash string // SHA-256 of the content, hexadecimal
	Type string // media type
	Size int64  // bytes
	// Width and Height are those of a picture as it is to be seen, in pixels; 0: it is none.
	Width, Height int
	Smaller       []string // names of the smaller pictures that there are
	Preview       string   // the first lines of a text

	content  *os.File // nameless where the system can
	pictures map[string][]byte
}

// Receiver receives files. Its methods may be called concurrently.
type Receiver struct {
	Storage Storage
	// MaxFile bounds a file, in bytes.
	MaxFile int64
	// Aside is the folder in which files wait that are not in the storage yet.
	Aside string

	pictures *photo.Resizer
}

// NewReceiver returns a receiver of files of at most maxFile bytes, which decodes pictures one
// after the other with those of pictures.
func NewReceiver(s Storage, maxFile int64, aside string, pictures *photo.Resizer) *Receiver {
	return &Receiver{Storage: s, MaxFile: maxFile, Aside: aside, pictures: pictures}
}

// Receive reads a file with a name. It takes a constant amount of memory, but for pictures of up to
// maxPicture bytes, of which there is one at a time. The caller closes what is received.
//
// Pictures lose what they tell beside the picture, such as where they were taken. What looks like a
// picture and cannot be decoded is no picture. Errors: ErrTooLarge, ErrEmpty, those of content.
func (r *Receiver) Receive(ctx context.Context, name string, content io.Reader) (received *Received, err error) {
	file, err := os.CreateTemp(r.Aside, "upload-*")
	if err != nil {
		return nil, fmt.Errorf("receive file: %w", err)
	}
	os.Remove(file.Name()) // it lives as long as it is open; Close removes it elsewhere
	f := &Received{content: file, pictures: map[string][]byte{}}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if f.Size, err = io.Copy(file, io.LimitReader(content, r.MaxFile+1)); err != nil {
		return nil, err
	}
	switch {
	case f.Size == 0:
		return nil, ErrEmpty
	case f.Size > r.MaxFile:
		return nil, ErrTooLarge
	}
	head := make([]byte, min(sniffed, f.Size))
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("receive file: %w", err)
	}
	f.Type = typeOf(head, f.Size == int64(len(head)), name)
	if KindOf(f.Type) == KindText {
		f.Preview = preview(head)
	}
	if KindOf(f.Type) == KindPicture {
		if err := r.receivePicture(ctx, f); err != nil {
			return nil, err
		}
	}
	return f, f.hash()
}

// receivePicture takes what a picture tells beside the picture from it, and makes it smaller.
func (r *Receiver) receivePicture(ctx context.Context, f *Received) error {
	if f.Size > maxPicture {
		f.Type = typeOther
		return nil
	}
	sides := make([]int, len(smaller))
	for i, one := range smaller {
		sides[i] = one.side
	}
	var stripped []byte
	picture, err := r.pictures.Fit(ctx, func() ([]byte, error) {
		content := make([]byte, f.Size)
		if _, err := f.content.ReadAt(content, 0); err != nil {
			return nil, err
		}
		var err error
		stripped, err = photo.Strip(content)
		return stripped, err
	}, sides...)
	if errors.Is(err, photo.ErrFormat) || errors.Is(err, photo.ErrDamaged) || errors.Is(err, photo.ErrTooManyPixels) {
		f.Type = typeOther
		return nil
	}
	if err != nil {
		return err
	}
	f.Type, f.Width, f.Height = picture.Type, picture.Width, picture.Height
	for i, content := range picture.Smaller {
		if content != nil {
			f.Smaller = append(f.Smaller, smaller[i].name)
			f.pictures[smaller[i].name] = content
		}
	}
	return f.replace(stripped)
}

// replace puts another content in place of what has arrived.
func (f *Received) replace(content []byte) error {
	if _, err := f.content.WriteAt(content, 0); err != nil {
		return fmt.Errorf("receive file: %w", err)
	}
	f.Size = int64(len(content))
	if err := f.content.Truncate(f.Size); err != nil {
		return fmt.Errorf("receive file: %w", err)
	}
	return nil
}

func (f *Received) hash() error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f.content, 0, f.Size)); err != nil {
		return fmt.Errorf("receive file: %w", err)
	}
	f.Hash = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// Store puts what has arrived into the storage: the smaller pictures first, because a file that is
// there is whole.
func (r *Receiver) Store(ctx context.Context, f *Received) error {
	for name, content := range f.pictures {
		if err := r.Storage.Put(ctx, smallerName(f.Hash, name), bytes.NewReader(content), int64(len(content))); err != nil {
			return err
		}
	}
	return r.Storage.Put(ctx, f.Hash, io.NewSectionReader(f.content, 0, f.Size), f.Size)
}

// Close removes what is not in the storage.
func (f *Received) Close() error {
	err := f.content.Close()
	if removed := os.Remove(f.content.Name()); removed == nil || !errors.Is(removed, os.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// SmallerNames is the names of the smaller pictures, with a blank between them.
func (f *Received) SmallerNames() string { return strings.Join(f.Smaller, " ") }
