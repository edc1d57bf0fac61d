// Package nodeimage finds the image that the cluster's node is made from, or
// builds one from Go modules and Debian packages where none can be pulled.
package nodeimage

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

const (
	kubernetesModule    = "k8s.io/kubernetes"
	containerdModule    = "github.com/containerd/containerd/v2"
	metricsServerModule = "sigs.k8s.io/metrics-server"
)

// Source is the folder hack/node of the checkout: all that a node image is built
// from, and the one place where the versions of what is in it are pinned.
type Source struct {
	Dir string
}

// FindSource looks for the checkout that the working folder is in.
func FindSource() (Source, error) {
	dir, err := os.Getwd()
	if err != nil {
		return Source{}, err
	}
	for {
		node := filepath.Join(dir, "hack", "node")
		if _, err := os.Stat(filepath.Join(node, "go.mod")); err == nil {
			return Source{Dir: node}, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return Source{}, fmt.Errorf("hack/node was not found: run this in a checkout of lab-operator")
		}
		dir = parent
	}
}

func (s Source) files() fs.FS { return os.DirFS(s.Dir) }

// Versions are those of the modules that others have to be told.
type Versions struct {
	Kubernetes, Containerd, MetricsServer string
}

// Versions reads the pins.
func (s Source) Versions() (Versions, error) {
	content, err := fs.ReadFile(s.files(), "go.mod")
	if err != nil {
		return Versions{}, err
	}
	return parseVersions(content)
}

func parseVersions(gomod []byte) (Versions, error) {
	file, err := modfile.ParseLax("go.mod", gomod, nil)
	if err != nil {
		return Versions{}, err
	}
	pinned := map[string]string{}
	for _, require := range file.Require {
		pinned[require.Mod.Path] = require.Mod.Version
	}
	for _, module := range []string{kubernetesModule, containerdModule, metricsServerModule} {
		if pinned[module] == "" {
			return Versions{}, fmt.Errorf("hack/node/go.mod does not require %s", module)
		}
	}
	return Versions{
		Kubernetes:    pinned[kubernetesModule],
		Containerd:    pinned[containerdModule],
		MetricsServer: pinned[metricsServerModule],
	}, nil
}

// Packages are the Debian packages to install.
func (s Source) Packages() ([]string, error) {
	content, err := fs.ReadFile(s.files(), "packages.txt")
	return parsePackages(string(content)), err
}

func parsePackages(list string) []string {
	var packages []string
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		packages = append(packages, strings.Fields(line)...)
	}
	return packages
}
