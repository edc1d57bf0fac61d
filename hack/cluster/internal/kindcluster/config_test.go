package kindcluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/host"
)

func TestConfig(t *testing.T) {
	const kubelet = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
	for name, tc := range map[string]struct {
		built       bool
		facts       host.Facts
		wantPatches []string
	}{
		"kind's image on an ordinary machine": {facts: host.Facts{SysResource: true}},
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
