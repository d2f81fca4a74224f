package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"sarangbang/db"
	"sarangbang/files"
)

// errNoBackup refuses a file that backup has not made.
var errNoBackup = errors.New("this is no backup of Sarangbang")

// restore puts the database and the session key of a backup in the place of those there are, which
// are moved into a folder beside the database, and adds its files to those there are. Until the
// backup has been checked nothing changes. It refuses while a process serves the database.
func (cfg config) restore(ctx context.Context, source string, stdout io.Writer) error {
	path, ok := db.SQLitePath(cfg.databaseURL())
	if !ok {
		return wrong("DATABASE_URL: %w", errPostgres)
	}
	unlock, err := db.Lock(cfg.databaseURL())
	if err != nil {
		return wrong("%s: %w", cfg.databaseSetting(), err)
	}
	defer unlock()
	folder, err := os.MkdirTemp(filepath.Dir(path), ".restore-*") // mode 0700
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer os.RemoveAll(folder)
	if err := unpack(source, folder); err != nil {
		return fmt.Errorf("restore %s: %w", source, err)
	}
	if err := db.PrepareRestored(ctx, filepath.Join(folder, backupDatabase)); err != nil {
		return fmt.Errorf("restore %s: the database in it: %w", source, err)
	}
	if err := cfg.restoreFiles(folder); err != nil {
		return fmt.Errorf("restore %s: %w", source, err)
	}
	aside := filepath.Join(filepath.Dir(path), "before-restore-"+time.Now().UTC().Format("20060102-150405.000"))
	if err := cfg.replace(path, folder, aside); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(stdout, "Restored %s from %s. What was there is in %s.\n", path, source, aside)
	return nil
}

// replace moves the files that there are into the folder aside, and those in folder into their
// place. The database goes first: without one, and with a key, the service does not start.
func (cfg config) replace(path, folder, aside string) error {
	if err := os.Mkdir(aside, 0o700); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := rename(path+suffix, filepath.Join(aside, filepath.Base(path)+suffix)); err != nil {
			return err
		}
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(folder, backupDatabase), path); err != nil {
		return err
	}
	key := filepath.Join(folder, backupKey)
	if _, err := os.Stat(key); err == nil && cfg.key == "" {
		if err := rename(cfg.keyPath(), filepath.Join(aside, backupKey)); err != nil {
			return err
		}
		if err := os.MkdirAll(cfg.dataDir, 0o700); err != nil {
			return err
		}
		if err := os.Rename(key, cfg.keyPath()); err != nil {
			return err
		}
	}
	return syncFolder(filepath.Dir(path))
}

// rename moves a file, if there is one.
func rename(from, to string) error {
	if err := os.Rename(from, to); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// storedFile matches the name of a message's file in a backup.
var storedFile = regexp.MustCompile("^" + backupFiles + "[0-9a-f]{64}(?:-[a-z]+)?$")

// restoreFiles moves the files of messages in folder into FILES_URL's folder, beside those that are
// there: each is named by its content.
func (cfg config) restoreFiles(folder string) error {
	from := filepath.Join(folder, backupFiles)
	found, err := os.ReadDir(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	to, ok := cfg.filesFolder()
	if err != nil || !ok {
		return errors.Join(err, errors.New("it has files, and FILES_URL is no folder"))
	}
	for _, file := range found {
		place := files.Place(to, file.Name())
		if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
			return err
		}
		if err := copyFile(filepath.Join(from, file.Name()), place); err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a file, which may lie on another disk, to a name that gets it whole.
func copyFile(from, to string) error {
	if err := os.Rename(from, to); err == nil {
		return nil
	}
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	aside := to + ".restored"
	os.Remove(aside) // of an earlier attempt
	if err := unpackFile(aside, f); err != nil {
		return err
	}
	return os.Rename(aside, to)
}

// unpack writes the files of a backup into a folder, for this user alone. Errors: errNoBackup.
func unpack(source, folder string) error {
	f, err := os.Open(source)
	if err != nil {
		return err
	}
	defer f.Close()
	archive := tar.NewReader(f)
	if err := readManifest(archive); err != nil {
		return err
	}
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		isFile := storedFile.MatchString(header.Name)
		if header.Typeflag != tar.TypeReg || header.Name != backupDatabase && header.Name != backupKey && !isFile {
			return fmt.Errorf("%w: it holds %q", errNoBackup, header.Name)
		}
		if isFile {
			if err := os.MkdirAll(filepath.Join(folder, backupFiles), 0o700); err != nil {
				return err
			}
		}
		if err := unpackFile(filepath.Join(folder, header.Name), archive); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(folder, backupDatabase)); err != nil {
		return fmt.Errorf("%w: there is no database in it", errNoBackup)
	}
	return nil
}

// readManifest reads the first file of a backup. Errors: errNoBackup.
func readManifest(archive *tar.Reader) error {
	var about manifest
	header, err := archive.Next()
	if err != nil || header.Name != backupManifest || json.NewDecoder(io.LimitReader(archive, 4<<10)).Decode(&about) != nil {
		return errNoBackup
	}
	if about.Format != backupFormat {
		return fmt.Errorf("it was made by another version of the program, %s", about.Program)
	}
	return nil
}

func unpackFile(target string, content io.Reader) error {
	f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Sync(), f.Close())
}
