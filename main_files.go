package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sarangbang/db"
	"sarangbang/files"
)

// sweepEvery is how often files are removed that nobody has any more.
const sweepEvery = 30 * time.Second

// bucketWithin bounds how long a bucket may take to answer at the start.
const bucketWithin = 15 * time.Second

// storage is where the files of messages are kept.
type storage struct {
	files.Storage
	aside string // the folder in which uploads wait; empty: that of the system
}

// filesFolder is the folder of FILES_URL; false: it names something else.
func (cfg config) filesFolder() (string, bool) {
	if cfg.files == "" {
		return filepath.Join(cfg.dataDir, "files"), true
	}
	return strings.CutPrefix(cfg.files, "file:")
}

// storage opens the storage of FILES_URL.
func (cfg config) storage(ctx context.Context) (storage, error) {
	path, ok := cfg.filesFolder()
	if !ok {
		ctx, cancel := context.WithTimeout(ctx, bucketWithin)
		defer cancel()
		bucket, err := files.OpenBucket(ctx, cfg.files)
		if err != nil {
			return storage{}, wrong("FILES_URL: %w", err)
		}
		return storage{Storage: bucket}, nil
	}
	folder, err := files.OpenFolder(path)
	if err != nil {
		return storage{}, wrong("FILES_URL: %w", err)
	}
	return storage{folder, folder.Aside()}, nil
}

// bytesPattern matches a number of bytes with a unit.
var bytesPattern = regexp.MustCompile(`^([1-9][0-9]{0,8})(KB|MB|GB|TB)$`)

// readBytes returns a setting like 100MB in bytes; units are powers of 1,024.
func readBytes(name, text string) (int64, error) {
	found := bytesPattern.FindStringSubmatch(text)
	if found == nil {
		return 0, wrong("%s: %q is not a size like 100MB or 2GB", name, text)
	}
	n, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil {
		return 0, wrong("%s: %w", name, err)
	}
	return n << map[string]int{"KB": 10, "MB": 20, "GB": 30, "TB": 40}[found[2]], nil
}

// checkSizes reads MAX_FILE and MAX_STORAGE.
func (cfg *config) checkSizes() (err error) {
	if cfg.maxFileBytes, err = readBytes("MAX_FILE", cfg.maxFile); err != nil || cfg.maxStorage == "" {
		return err
	}
	cfg.maxStorageBytes, err = readBytes("MAX_STORAGE", cfg.maxStorage)
	return err
}

// sweep removes, until ctx ends, files that nobody has any more.
func sweep(ctx context.Context, store *db.Store, kept files.Storage, log *slog.Logger) {
	remove := func(ctx context.Context, hash string) error { return files.Remove(ctx, kept, hash) }
	for ticker := time.NewTicker(sweepEvery); ; {
		if err := store.SweepFiles(ctx, remove); err != nil && ctx.Err() == nil {
			log.Warn("files that nobody has any more could not be removed", "err", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// storedFiles lists the files in FILES_URL's folder that a copy of the database names, each with
// the path that it has in a backup.
func (cfg config) storedFiles(ctx context.Context, database string) ([]packedFile, error) {
	folder, ok := cfg.filesFolder()
	if !ok {
		return nil, nil
	}
	hashes, err := db.ContentsIn(ctx, database)
	if err != nil {
		return nil, err
	}
	var packed []packedFile
	for _, hash := range hashes {
		for _, name := range files.Names(hash) {
			path := files.Place(folder, name)
			if _, err := os.Stat(path); err == nil {
				packed = append(packed, packedFile{backupFiles + name, path})
			}
		}
	}
	return packed, nil
}
