package dockerd

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
)

// install gets docker from the distribution, where that is Debian's kind.
func (d Daemon) install(ctx context.Context) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("docker is not installed: see https://docs.docker.com/engine/install/")
	}
	d.Progress.Step("installing docker.io")
	return Install(ctx, "docker.io")
}

// Install installs Debian packages, with the newest package lists if the ones at
// hand are too old to be of use.
func Install(ctx context.Context, packages ...string) error {
	install := command.Command{
		Env:  []string{"DEBIAN_FRONTEND=noninteractive"},
		Args: append([]string{"apt-get", "install", "--yes", "--no-install-recommends"}, packages...),
	}
	if os.Getuid() != 0 {
		return fmt.Errorf("as root: %v", install.Args)
	}
	if install.Run(ctx) == nil {
		return nil
	}
	if err := command.Run(ctx, "apt-get", "update"); err != nil {
		return err
	}
	return install.Run(ctx)
}
