package nodeimage

import (
	"context"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/debian"
)

// rootfs returns the archive of a Debian root file system with the node's packages.
func (b Builder) rootfs(ctx context.Context) (archive, key string, err error) {
	key, err = cache.Key(b.Source.files(), []string{"packages.txt"}, debian.Suite)
	if err != nil {
		return "", "", err
	}
	packages, err := b.Source.Packages()
	if err != nil {
		return "", "", err
	}
	archive, err = debian.Maker{Cache: b.Cache, Progress: b.Progress}.RootFS(ctx, "rootfs", key, packages...)
	return archive, key, err
}
