// Package debian makes root file systems from Debian packages.
package debian

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/dockerd"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/progress"
)

// Suite is the Debian release that everything is made from.
const Suite = "bookworm"

// Maker makes root file systems and keeps them.
type Maker struct {
	Cache    cache.Cache
	Progress *progress.Reporter
}

// RootFS returns the archive of a root file system that has debootstrap's minbase
// and further packages. It is kept under a kind and a key of the cache.
func (m Maker) RootFS(ctx context.Context, kind, key string, packages ...string) (archive string, err error) {
	dir, err := m.Cache.Make(kind, key, func(dir string) error {
		if os.Getuid() != 0 {
			return fmt.Errorf("a root file system can only be made as root")
		}
		if _, err := exec.LookPath("debootstrap"); err != nil {
			m.Progress.Step("installing debootstrap")
			if err := dockerd.Install(ctx, "debootstrap"); err != nil {
				return err
			}
		}
		m.Progress.Step("making a Debian root file system (1 to 2 minutes, only the first time)")
		root := filepath.Join(dir, "root")
		bootstrap := []string{"debootstrap", "--variant=minbase"}
		if len(packages) > 0 {
			bootstrap = append(bootstrap, "--include="+strings.Join(packages, ","))
		}
		if err := command.Run(ctx, append(bootstrap, Suite, root)...); err != nil {
			return err
		}
		for _, spent := range []string{"var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"} {
			if err := os.RemoveAll(filepath.Join(root, spent)); err != nil {
				return err
			}
		}
		if err := command.Run(ctx, "tar", "--create", "--numeric-owner", "--one-file-system", "--directory", root, "--file", filepath.Join(dir, "root.tar"), "."); err != nil {
			return err
		}
		return os.RemoveAll(root)
	})
	return filepath.Join(dir, "root.tar"), err
}
