package kindcluster

import (
	"fmt"

	"sigs.k8s.io/kind/pkg/cluster/nodes"
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
