package kindcluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/docker"
)

// Load puts images that docker has into the cluster's nodes, under the same name.
func (c Cluster) Load(ctx context.Context, images []string) error {
	existing, err := c.provider().ListInternalNodes(c.Name)
	if err != nil {
		return err
	}
	if len(existing) == 0 {
		return fmt.Errorf("there is no cluster %s", c.Name)
	}
	for _, image := range images {
		id, err := docker.ImageID(ctx, image)
		if err != nil {
			return err
		}
		for _, node := range existing {
			if err := c.loadInto(ctx, node, image, id); err != nil {
				return fmt.Errorf("loading %s into %s: %w", image, node, err)
			}
		}
	}
	return nil
}

func (c Cluster) loadInto(ctx context.Context, node nodes.Node, image, id string) error {
	// The error says that the node has no such image.
	if there, err := nodeutils.ImageID(node, image); err == nil && there == id {
		c.Progress.Step("image %s is in the node", image)
		return nil
	}
	c.Progress.Step("loading image %s", image)
	var refusal strings.Builder
	save := exec.CommandContext(ctx, "docker", "save", image)
	save.Stderr = &refusal
	archive, err := save.StdoutPipe()
	if err != nil {
		return err
	}
	if err := save.Start(); err != nil {
		return err
	}
	loadErr := nodeutils.LoadImageArchive(node, archive)
	// What the node did not read has to go somewhere, or docker never ends.
	_, drainErr := io.Copy(io.Discard, archive)
	if err := save.Wait(); err != nil {
		return errors.Join(fmt.Errorf("docker save: %w%s", err, command.Tail(refusal.String(), 4)), loadErr)
	}
	return errors.Join(loadErr, drainErr)
}
