package nodeimage

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
)

// suite is the Debian release of the node.
const suite = "bookworm"

// rootfs returns the archive of a Debian root file system with the node's packages.
func (b Builder) rootfs(ctx context.Context) (archive, key string, err error) {
	key, err = cache.Key(b.Source.files(), []string{"packages.txt"}, suite)
	if err != nil {
		return "", "", err
	}
	dir, err := b.Cache.Make("rootfs", key, func(dir string) error {
		packages, err := b.Source.Packages()
		if err != nil {
			return err
		}
		if os.Getuid() != 0 {
			return fmt.Errorf("the node's file system can only be made as root")
		}
		if _, err := exec.LookPath("debootstrap"); err != nil {
			b.Progress.Step("installing debootstrap")
			if err := dockerd.Install(ctx, "debootstrap"); err != nil {
				return err
			}
		}
		b.Progress.Step("making a Debian root file system (1 to 2 minutes, only the first time)")
		root := filepath.Join(dir, "root")
		if err := command.Run(ctx, "debootstrap", "--variant=minbase", "--include="+strings.Join(packages, ","), suite, root); err != nil {
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
	return filepath.Join(dir, "root.tar"), key, err
}
