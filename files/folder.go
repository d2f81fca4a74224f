package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Folder is a Storage in a folder of this machine.
type Folder struct{ path string }

// asideFolder is where contents are written before they get their name.
const asideFolder = "aside"

// OpenFolder returns the storage in a folder, which is made where it is not there. What a process
// has left half-written is removed a day later: another one may be writing it.
func OpenFolder(path string) (*Folder, error) {
	f := &Folder{path}
	if err := os.MkdirAll(f.Aside(), 0o700); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	left, err := os.ReadDir(f.Aside())
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	for _, entry := range left {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(filepath.Join(f.Aside(), entry.Name())) // else it stays until the next start
		}
	}
	return f, nil
}

// Aside returns the folder for what is not in the storage yet, on the same disk.
func (f *Folder) Aside() string { return filepath.Join(f.path, asideFolder) }

// Place returns the path of a content in a folder of this kind. There are 256 folders in it,
// because some file systems are slow with hundreds of thousands of names in one.
func Place(folder, name string) string { return filepath.Join(folder, name[:2], name) }

func (f *Folder) place(name string) string { return Place(f.path, name) }

func (f *Folder) Put(_ context.Context, name string, content io.Reader, size int64) (err error) {
	aside, err := os.CreateTemp(f.Aside(), name[:8]+"-*")
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	defer os.Remove(aside.Name()) // it is not there any more where all went well
	written, err := io.Copy(aside, content)
	if err == nil && written != size {
		err = io.ErrUnexpectedEOF
	}
	if err := errors.Join(err, aside.Sync(), aside.Close()); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	place := f.place(name)
	if err := f.makeFolder(filepath.Dir(place)); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	if err := os.Rename(aside.Name(), place); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	return syncFolder(filepath.Dir(place))
}

// makeFolder makes a folder durably, unless it is there.
func (f *Folder) makeFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(f.path)
}

// syncFolder waits until the disk has the names in a folder.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func (f *Folder) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	file, err := os.Open(f.place(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, name)
	}
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	return file, nil
}

func (f *Folder) Remove(_ context.Context, name string) error {
	if err := os.Remove(f.place(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove file: %w", err)
	}
	return nil
}
