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
	daemon, err := docker.Describe(ctx)
	if err != nil {
		return err
	}
	for _, image := range images {
		id, err := docker.ImageID(ctx, image)
		if err != nil {
			return err
		}
		save, err := daemon.SaveArgs(image)
		if err != nil {
			return err
		}
		for _, node := range existing {
			if err := c.loadInto(ctx, node, image, id, save); err != nil {
				return fmt.Errorf("loading %s into %s: %w", image, node, err)
			}
		}
	}
	return nil
}

func (c Cluster) loadInto(ctx context.Context, node nodes.Node, image, id string, save []string) error {
	if there, err := nodeutils.ImageID(node, image); err == nil && isLoaded(id, there, readRecord(ctx, node, image)) {
		c.Progress.Step("image %s is in the node", image)
		return nil
	}
	c.Progress.Step("loading image %s", image)
	if err := pipe(ctx, save, func(archive io.Reader) error { return nodeutils.LoadImageArchive(node, archive) }); err != nil {
		return err
	}
	there, err := nodeutils.ImageID(node, image)
	if err != nil {
		return fmt.Errorf("find what was loaded: %w", err)
	}
	return writeRecord(ctx, node, image, record{Docker: id, Node: there})
}

// pipe has a function read what a program writes.
func pipe(ctx context.Context, args []string, read func(io.Reader) error) error {
	var refusal strings.Builder
	program := exec.CommandContext(ctx, args[0], args[1:]...)
	program.Stderr = &refusal
	output, err := program.StdoutPipe()
	if err != nil {
		return err
	}
	if err := program.Start(); err != nil {
		return err
	}
	readErr := read(output)
	// What was not read has to go somewhere, or the program never ends.
	_, drainErr := io.Copy(io.Discard, output)
	if err := program.Wait(); err != nil {
		return errors.Join(fmt.Errorf("%s: %w%s", strings.Join(args[:2], " "), err, command.Tail(refusal.String(), 4)), readErr)
	}
	return errors.Join(readErr, drainErr)
}
