package kindcluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/cluster/nodes"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/host"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/nodeimage"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/progress"
)

const (
	// startTimeout is how long a node that exists may take to be whole. Making it anew
	// loses what is in it, so a busy machine gets its time.
	startTimeout = 3 * time.Minute
	readyTimeout = 5 * time.Minute
)

// Cluster is a kind cluster of one node.
type Cluster struct {
	Name string
	// Kubeconfig is the file to merge the cluster's context into; empty for the
	// one that kubectl uses.
	Kubeconfig string
	Facts      host.Facts
	Progress   *progress.Reporter
}

// Up makes the cluster, or brings back the one there is, and returns when it works.
// The node image is chosen only if a node has to be made.
func (c Cluster) Up(ctx context.Context, choose func(context.Context) (nodeimage.Candidate, error)) error {
	provider := c.provider()
	existing, err := provider.ListNodes(c.Name)
	if err != nil {
		return err
	}
	if len(existing) > 0 {
		err := c.revive(ctx, provider, existing)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.Progress.Step("cluster %s is broken and made anew: %v", c.Name, err)
		if err := provider.Delete(c.Name, c.Kubeconfig); err != nil {
			return err
		}
	}
	image, err := choose(ctx)
	if err != nil {
		return err
	}
	c.Progress.Step("making cluster %s", c.Name)
	if err := provider.Create(c.Name,
		cluster.CreateWithV1Alpha4Config(config(image.Image, image.Built, c.Facts)),
		cluster.CreateWithKubeconfigPath(c.Kubeconfig),
		cluster.CreateWithDisplayUsage(false),
		cluster.CreateWithDisplaySalutation(false),
	); err != nil {
		return fmt.Errorf("making cluster %s: %w", c.Name, err)
	}
	return c.complete(ctx, provider, readyTimeout)
}

// revive starts a node that has stopped, and brings the cluster to where Up ends.
func (c Cluster) revive(ctx context.Context, provider *cluster.Provider, existing []nodes.Node) error {
	for _, node := range existing {
		running, err := command.Output(ctx, "docker", "container", "inspect", "--format", "{{.State.Running}}", node.String())
		if err != nil {
			return err
		}
		if strings.TrimSpace(running) == "true" {
			c.Progress.Step("node %s runs", node)
			continue
		}
		c.Progress.Step("starting node %s", node)
		if err := command.Run(ctx, "docker", "start", node.String()); err != nil {
			return err
		}
	}
	// The API server's port on this machine is another one after a start.
	if err := provider.ExportKubeConfig(c.Name, c.Kubeconfig, false); err != nil {
		return err
	}
	return c.complete(ctx, provider, startTimeout)
}

// complete adds to a cluster what kind does not, and waits for all of it.
func (c Cluster) complete(ctx context.Context, provider *cluster.Provider, timeout time.Duration) error {
	kubeconfig, err := provider.KubeConfig(c.Name, false)
	if err != nil {
		return err
	}
	existing, err := provider.ListInternalNodes(c.Name)
	if err != nil {
		return err
	}
	for _, node := range existing {
		if err := keepServicesInside(node); err != nil {
			return err
		}
	}
	agent, err := c.hasNetworkAgent(ctx, existing)
	if err != nil {
		return err
	}
	addons, err := newAddons([]byte(kubeconfig), c.Progress, agent)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return addons.ensure(ctx)
}

// Down deletes the cluster, if there is one.
func (c Cluster) Down() error {
	c.Progress.Step("deleting cluster %s", c.Name)
	return c.provider().Delete(c.Name, c.Kubeconfig)
}

func (c Cluster) provider() *cluster.Provider {
	return cluster.NewProvider(cluster.ProviderWithDocker(), cluster.ProviderWithLogger(c.Progress.KindLogger()))
}
