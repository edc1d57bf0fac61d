package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
)

// Daemon is what matters of a docker daemon for saving images.
type Daemon struct {
	// Architecture is that of its containers, as Go names it.
	Architecture string
	// API is the version of its API, such as 1.48.
	API string
	// Containerd is set where it keeps images in containerd's store. An image there names all platforms that it was
	// published for, also those that were never pulled.
	Containerd bool
}

// savePlatform is the first API that saves one platform of an image: that of docker 28.
const savePlatform = 48

// Describe asks the daemon.
func Describe(ctx context.Context) (Daemon, error) {
	version, err := command.Output(ctx, "docker", "version", "--format", "{{.Server.Arch}} {{.Server.APIVersion}}")
	if err != nil {
		return Daemon{}, err
	}
	architecture, api, found := strings.Cut(version, " ")
	if !found {
		return Daemon{}, fmt.Errorf("docker version says %q: an architecture and a version are expected", version)
	}
	store, err := command.Output(ctx, "docker", "info", "--format", "{{json .DriverStatus}}")
	if err != nil {
		return Daemon{}, err
	}
	return Daemon{Architecture: architecture, API: api, Containerd: strings.Contains(store, "io.containerd.snapshotter")}, nil
}

// Architecture is that of docker's containers, as Go names it.
func Architecture(ctx context.Context) (string, error) {
	daemon, err := Describe(ctx)
	return daemon.Architecture, err
}

// SaveArgs is the command that writes images in a form which another store can read: of an image in containerd's store
// only the platform that containers run on, since the others are named there and are not there.
func (d Daemon) SaveArgs(images ...string) ([]string, error) {
	args := []string{"docker", "save"}
	if !d.Containerd {
		return append(args, images...), nil
	}
	major, minor, _ := strings.Cut(d.API, ".")
	if number, err := strconv.Atoi(minor); err != nil || major != "1" || number < savePlatform {
		return nil, fmt.Errorf("docker keeps images in containerd's store, and its API %s can't save one platform of an image: "+
			"update docker to 28 or later, or set \"features\": {\"containerd-snapshotter\": false} in its daemon.json", d.API)
	}
	return append(append(args, "--platform", "linux/"+d.Architecture), images...), nil
}

// Save writes images that the daemon has into one archive, as kind load image-archive and docker load read it. The file
// is there only when it is whole.
func Save(ctx context.Context, path string, images []string) error {
	daemon, err := Describe(ctx)
	if err != nil {
		return err
	}
	args, err := daemon.SaveArgs(images...)
	if err != nil {
		return err
	}
	part := path + ".part"
	if err := command.Run(ctx, append(args, "--output", part)...); err != nil {
		return errors.Join(err, os.RemoveAll(part))
	}
	return os.Rename(part, path)
}
