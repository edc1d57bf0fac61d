// Package cache keeps what is expensive to make outside the checkout, so that
// a clean checkout finds it again.
package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"syscall"
	"time"
)

// generations is how many versions of a thing are kept: the one in use and the
// one before, so that going back and forth between two branches costs nothing.
const generations = 2

// Cache is a folder of folders: <kind>/<key>, each complete or absent.
type Cache struct {
	dir string
}

// Open returns the cache in LAB_OPERATOR_CACHE or in the user's cache folder.
func Open() (Cache, error) {
	dir := os.Getenv("LAB_OPERATOR_CACHE")
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return Cache{}, fmt.Errorf("LAB_OPERATOR_CACHE is not set: %w", err)
		}
		dir = filepath.Join(user, "lab-operator")
	}
	return Cache{dir: dir}, os.MkdirAll(dir, 0o755)
}

// Path names a file or folder of the cache that is not kept by key.
func (c Cache) Path(elem ...string) string {
	return filepath.Join(append([]string{c.dir}, elem...)...)
}

// Find returns the folder made for a key, if there is one.
func (c Cache) Find(kind, key string) (string, bool) {
	dir := c.Path(kind, key)
	_, err := os.Stat(dir)
	return dir, err == nil
}

// Make returns the folder made for a key, having it filled if there is none. It
// gets its name when it is complete, so an interrupted fill leaves nothing behind
// that could be mistaken for one. Of two processes one fills and the other waits.
func (c Cache) Make(kind, key string, fill func(dir string) error) (string, error) {
	if dir, found := c.Find(kind, key); found {
		now := time.Now()
		// Kept by last use; a cache that can't be written to is still good to read.
		_ = os.Chtimes(dir, now, now)
		return dir, nil
	}
	unlock, err := c.lock(kind)
	if err != nil {
		return "", err
	}
	defer unlock()
	dir, found := c.Find(kind, key)
	if found {
		return dir, nil
	}

	if err := os.MkdirAll(c.Path(kind), 0o755); err != nil {
		return "", err
	}
	// Nobody else is filling: what lies here was interrupted.
	leftovers, err := filepath.Glob(c.Path(kind, ".new-*"))
	if err != nil {
		return "", err
	}
	for _, leftover := range leftovers {
		if err := os.RemoveAll(leftover); err != nil {
			return "", err
		}
	}
	fresh, err := os.MkdirTemp(c.Path(kind), ".new-")
	if err != nil {
		return "", err
	}
	if err := fill(fresh); err != nil {
		return "", errors.Join(err, os.RemoveAll(fresh))
	}
	if err := os.Chmod(fresh, 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return "", err
	}
	return dir, c.prune(kind)
}

// lock waits until this process is the only one to fill a kind. The kernel lets
// go of it when the process ends, however it ends.
func (c Cache) lock(kind string) (unlock func(), err error) {
	file, err := os.OpenFile(c.Path(kind+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}

// prune removes all but the newest generations of a kind.
func (c Cache) prune(kind string) error {
	entries, err := os.ReadDir(c.Path(kind))
	if err != nil {
		return err
	}
	infos := make([]fs.FileInfo, 0, len(entries))
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return err
		}
		infos = append(infos, info)
	}
	for _, old := range outdated(infos) {
		if err := os.RemoveAll(c.Path(kind, old)); err != nil {
			return err
		}
	}
	return nil
}

// outdated names the entries beyond the newest generations.
func outdated(entries []fs.FileInfo) []string {
	sort.Slice(entries, func(i, j int) bool { return entries[i].ModTime().After(entries[j].ModTime()) })
	var names []string
	for i, entry := range entries {
		if i >= generations {
			names = append(names, entry.Name())
		}
	}
	return names
}
