package kindcluster

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"sigs.k8s.io/kind/pkg/cluster/nodes"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/nodeimage"
)

// serviceSubnet is kind's default.
const serviceSubnet = "10.96.0.0/16"

// keepServicesInside refuses connections to addresses of Services that kube-proxy does not know, as those of one made a
// moment ago. They would leave the node by the default route. Where a gateway takes whatever connection it is asked for,
// a client that keeps its connections never gets to the Service. What kube-proxy knows has a pod's address by
// the time that these rules see it. They are gone when the node stops.
func keepServicesInside(node nodes.Node) error {
	for _, chain := range []string{"FORWARD", "OUTPUT"} {
		rule := []string{chain, "-d", serviceSubnet, "-m", "comment", "--comment", "no Service known", "-j", "REJECT"}
		if node.Command("iptables", append([]string{"--wait", "-C"}, rule...)...).Run() == nil {
			continue
		}
		if err := node.Command("iptables", append([]string{"--wait", "-I"}, rule...)...).Run(); err != nil {
			return fmt.Errorf("keep Services inside of node %s: %w", node, err)
		}
	}
	return nil
}

// hasNetworkAgent tells whether nodes have the image of what enforces network policies. Those of kind have a network that
// does it itself. A node built here before there was an agent has neither, and only its user can decide to give the cluster up.
func (c Cluster) hasNetworkAgent(ctx context.Context, existing []nodes.Node) (bool, error) {
	for _, node := range existing {
		var found bytes.Buffer
		if err := node.Command("crictl", "images", "--quiet", nodeimage.AgentImage).SetStdout(&found).Run(); err != nil {
			return false, fmt.Errorf("look for %s in node %s: %w", nodeimage.AgentImage, node, err)
		}
		if found.Len() > 0 {
			continue
		}
		image, err := command.Output(ctx, "docker", "container", "inspect", "--format", "{{.Config.Image}}", node.String())
		if err != nil {
			return false, err
		}
		if nodeimage.IsBuilt(strings.TrimSpace(image)) {
			c.Progress.Step("node %s is of an older image, which enforces no network policies: make cluster-down cluster makes a new one, without the labs of this one", node)
		}
		return false, nil
	}
	return len(existing) > 0, nil
}
