package nodeimage

import (
	"fmt"
	"path"
	"strings"
)

// podImage is an image for the node's containerd: one program on nothing, or on
// what the Dockerfile of its own puts beside it.
type podImage struct {
	ref     string
	program string
	// dockerfile is a file in hack/node; empty for a program on nothing.
	dockerfile string
}

// agentProgram enforces network policies, which the pod network of the node itself does not.
const agentProgram = "kube-router"

// AgentImage is the reference under which a node built here has it. It is pulled nowhere.
const AgentImage = "lab-operator.local/kube-router:node"

// podImages are those that kubeadm wants, in its own list, and ours.
func podImages(kubeadmList string, versions Versions) []podImage {
	var images []podImage
	for _, ref := range strings.Fields(kubeadmList) {
		name, _, _ := strings.Cut(path.Base(ref), ":")
		image := podImage{ref: ref, program: name}
		if name == "kube-proxy" {
			image.dockerfile = "kube-proxy.Dockerfile"
		}
		images = append(images, image)
	}
	return append(images,
		podImage{ref: MetricsServerImage(versions), program: "metrics-server"},
		// named by hack/node/rootfs/kind/manifests/default-storage.yaml
		podImage{ref: "lab-operator.local/provisioner:node", program: "provisioner"},
		podImage{ref: AgentImage, program: agentProgram, dockerfile: "kube-router.Dockerfile"},
	)
}

// MetricsServerImage is the reference under which both kinds of node get it.
func MetricsServerImage(versions Versions) string {
	return "registry.k8s.io/metrics-server/metrics-server:" + versions.MetricsServer
}

// pauseImage is the one of the list that containerd has to know.
func pauseImage(images []podImage) (string, error) {
	for _, image := range images {
		if image.program == "pause" {
			return image.ref, nil
		}
	}
	return "", fmt.Errorf("kubeadm lists no pause image")
}

// scratchDockerfile puts a static program on nothing.
func scratchDockerfile(program string) string {
	return fmt.Sprintf("FROM scratch\nCOPY %[1]s /usr/local/bin/%[1]s\nENTRYPOINT [\"/usr/local/bin/%[1]s\"]\n", program)
}
