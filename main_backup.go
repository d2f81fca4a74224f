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
	"time"

	"sarangbang/db"
)

// Names of the files in a backup, in their order.
const (
	backupManifest = "sarangbang-backup.json"
	backupDatabase = "sarangbang.db"
	backupKey      = "session.key"
	backupFiles    = "files/" // and the name of a content in the storage for files
)

// backupFormat is raised by a change that older versions of the program cannot restore.
const backupFormat = 1

// manifest is the first file of a backup, as JSON.
type manifest struct {
	Format  int       `json:"format"`
	Program string    `json:"program"` // that made it, as -version says
	Made    time.Time `json:"made"`
}

// errPostgres refuses backup and restore where PostgreSQL has its own.
var errPostgres = errors.New("these are for SQLite; pg_dump and pg_restore save and restore PostgreSQL, as the README says")

// backup writes the database, the session key and the files of messages to the new file at target,
// for this user alone. The service may run meanwhile. The file is whole or not there.
func (cfg config) backup(ctx context.Context, target string, stdout io.Writer) (err error) {
	path, ok := db.SQLitePath(cfg.databaseURL())
	if !ok {
		return wrong("DATABASE_URL: %w", errPostgres)
	}
	folder, err := os.MkdirTemp(filepath.Dir(target), ".sarangbang-backup-*") // mode 0700
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer os.RemoveAll(folder)
	copied, packed := filepath.Join(folder, backupDatabase), filepath.Join(folder, "backup.tar")
	if err := db.CopySQLite(ctx, path, copied); err != nil {
		return fmt.Errorf("backup of %s: %w", path, err)
	}
	files := []packedFile{{backupDatabase, copied}}
	if cfg.key == "" {
		files = append(files, packedFile{backupKey, cfg.keyPath()})
	}
	stored, err := cfg.storedFiles(ctx, copied)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := pack(packed, append(files, stored...)); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := os.Rename(packed, target); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := syncFolder(filepath.Dir(target)); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(stdout, "Backup of %s: %s\n", path, target)
	if cfg.key != "" {
		fmt.Fprintln(stdout, "SESSION_KEY is not in it. Keep it apart, or everybody has to sign in again.")
	}
	return nil
}

// packedFile is a file of a backup.
type packedFile struct{ name, path string }

// pack writes a tar file with the manifest and files, and waits until the disk has it.
func pack(target string, files []packedFile) error {
	f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(f)
	about, err := json.Marshal(manifest{backupFormat, readBuild().String(), time.Now().UTC()})
	if err == nil {
		err = archive.WriteHeader(&tar.Header{Name: backupManifest, Mode: 0o600, Size: int64(len(about)), ModTime: time.Now()})
	}
	if err == nil {
		_, err = archive.Write(about)
	}
	for _, file := range files {
		if err == nil {
			err = packFile(archive, file)
		}
	}
	return errors.Join(err, archive.Close(), f.Sync(), f.Close())
}

func packFile(archive *tar.Writer, file packedFile) error {
	f, err := os.Open(file.path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	err = archive.WriteHeader(&tar.Header{Name: file.name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()})
	if err != nil {
		return err
	}
	_, err = io.Copy(archive, f)
	return err
}

// syncFolder waits until the disk has the names of a folder's files.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
