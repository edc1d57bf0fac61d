package kindcluster

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/host"
)

// TestTheNodeIsProtected reads what the kubelet gets.
func TestTheNodeIsProtected(t *testing.T) {
	var kubelet struct {
		PodPidsLimit   int64             `json:"podPidsLimit"`
		EvictionHard   map[string]string `json:"evictionHard"`
		SystemReserved map[string]string `json:"systemReserved"`
	}
	if err := yaml.Unmarshal([]byte(kubeletPatch(true, host.Facts{})), &kubelet); err != nil {
		t.Fatal(err)
	}
	if kubelet.PodPidsLimit < 100 || kubelet.PodPidsLimit > 4096 {
		t.Errorf("a pod may have %d processes", kubelet.PodPidsLimit)
	}
	for _, signal := range []string{"memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available"} {
		if threshold := kubelet.EvictionHard[signal]; threshold == "" || strings.HasPrefix(threshold, "0") {
			t.Errorf("pods are evicted at %s of %q", signal, threshold)
		}
	}
	for _, name := range []string{"memory", "ephemeral-storage", "pid"} {
		if _, err := resource.ParseQuantity(kubelet.SystemReserved[name]); err != nil {
			t.Errorf("of %s the system has %q: %v", name, kubelet.SystemReserved[name], err)
		}
	}
}

func TestConfig(t *testing.T) {
	const kubelet = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n" + bounds + "\n"
	for name, tc := range map[string]struct {
		built       bool
		facts       host.Facts
		wantPatches []string
	}{
		"kind's image on an ordinary machine": {facts: host.Facts{SysResource: true}, wantPatches: []string{kubelet}},
		"our image on an ordinary machine": {
			built: true, facts: host.Facts{SysResource: true},
			wantPatches: []string{kubelet + "cgroupRoot: /\n"},
		},
		"kind's image with the old control groups": {
			facts:       host.Facts{SysResource: true, CgroupV1: true},
			wantPatches: []string{kubelet + "failCgroupV1: false\n"},
		},
		"our image on a restricted machine": {
			built: true, facts: host.Facts{CgroupV1: true},
			wantPatches: []string{kubelet + "cgroupRoot: /\nfailCgroupV1: false\nfeatureGates:\n  KubeletInUserNamespace: true\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := config("image", tc.built, tc.facts)
			if diff := cmp.Diff(tc.wantPatches, got.KubeadmConfigPatches); diff != "" {
				t.Errorf("patches (-want +got):\n%s", diff)
			}
			if got.Networking.DisableDefaultCNI != tc.built {
				t.Errorf("kind's pod network is disabled: %t, image built here: %t", got.Networking.DisableDefaultCNI, tc.built)
			}
			if len(got.Nodes) != 1 || got.Nodes[0].Image != "image" || got.Nodes[0].Role != v1alpha4.ControlPlaneRole {
				t.Errorf("nodes = %+v, want the one", got.Nodes)
			}
		})
	}
}
