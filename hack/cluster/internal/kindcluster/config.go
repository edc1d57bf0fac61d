// Package kindcluster makes the cluster, keeps it going and loads images into it.
package kindcluster

import (
	"fmt"
	"strings"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/host"
)

// podSubnet is kind's default. The network of a node image built here is a file in
// that image, hack/node/rootfs/etc/cni, and has the first /24 of it.
const podSubnet = "10.244.0.0/16"

// config describes a cluster of one node. An image built here brings its own pod
// network and runs in a control group of its own; kind's image does as kind likes.
func config(image string, built bool, facts host.Facts) *v1alpha4.Cluster {
	cluster := &v1alpha4.Cluster{
		TypeMeta: v1alpha4.TypeMeta{Kind: "Cluster", APIVersion: "kind.x-k8s.io/v1alpha4"},
		Networking: v1alpha4.Networking{
			PodSubnet:         podSubnet,
			DisableDefaultCNI: built,
		},
		Nodes: []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole, Image: image}},
	}
	cluster.KubeadmConfigPatches = []string{kubeletPatch(built, facts)}
	return cluster
}

// bounds keep one pod from taking what the node itself needs. kind turns eviction off, for its node shares the disk
// of the machine: with these, pods go when the disk or its inodes are nearly used up, and the machine stays usable.
// The images of all exercises are on that disk, so it is not collected before that. What the node itself needs is kept
// free of pods, but for CPU: with two cores, the exercises request most of it.
const bounds = `podPidsLimit: 1024
evictionHard:
  memory.available: 100Mi
  nodefs.available: 1Gi
  nodefs.inodesFree: 5%
  imagefs.available: 1Gi
evictionPressureTransitionPeriod: 30s
imageGCHighThresholdPercent: 100
systemReserved:
  memory: 256Mi
  ephemeral-storage: 1Gi
  pid: "1000"`

// kubeletPatch is what we and this host ask of the kubelet.
func kubeletPatch(built bool, facts host.Facts) string {
	settings := []string{bounds}
	if built {
		// The container has a cgroup namespace: its root is as good as any, and
		// kind's choice would have to be made before the kubelet starts.
		settings = append(settings, "cgroupRoot: /")
	}
	if facts.CgroupV1 {
		settings = append(settings, "failCgroupV1: false")
	}
	if !facts.SysResource {
		// It tolerates, among others, that OOM scores and limits can't be changed.
		settings = append(settings, "featureGates:\n  KubeletInUserNamespace: true")
	}
	return fmt.Sprintf("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n%s\n", strings.Join(settings, "\n"))
}
