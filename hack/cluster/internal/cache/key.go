package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
)

// Key names a thing by all that it is made from: the files below the given paths
// (name, executable bit and content; tests are made into nothing) and further
// values, such as a tool's version.
func Key(fsys fs.FS, paths []string, values ...string) (string, error) {
	sum := sha256.New()
	for _, value := range values {
		fmt.Fprintf(sum, "value %d %s\n", len(value), value)
	}
	for _, path := range paths {
		err := fs.WalkDir(fsys, path, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(name, "_test.go") {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			content, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "file %q %t %d\n", name, info.Mode()&0o100 != 0, len(content))
			sum.Write(content)
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}
