package nodeimage

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPodImages(t *testing.T) {
	const list = "registry.k8s.io/kube-proxy:v1.37.2\nregistry.k8s.io/coredns/coredns:v1.14.0\nregistry.k8s.io/pause:3.10.1\n"
	images := podImages(list, Versions{MetricsServer: "v0.9.0"})
	want := []podImage{
		{ref: "registry.k8s.io/kube-proxy:v1.37.2", program: "kube-proxy", dockerfile: "kube-proxy.Dockerfile"},
		{ref: "registry.k8s.io/coredns/coredns:v1.14.0", program: "coredns"},
		{ref: "registry.k8s.io/pause:3.10.1", program: "pause"},
		{ref: "registry.k8s.io/metrics-server/metrics-server:v0.9.0", program: "metrics-server"},
		{ref: "lab-operator.local/provisioner:node", program: "provisioner"},
		{ref: "lab-operator.local/kube-router:node", program: "kube-router", dockerfile: "kube-router.Dockerfile"},
	}
	if diff := cmp.Diff(want, images, cmp.AllowUnexported(podImage{})); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	if pause, err := pauseImage(images); err != nil || pause != "registry.k8s.io/pause:3.10.1" {
		t.Errorf("pause image = %q, %v", pause, err)
	}
	if _, err := pauseImage(nil); err == nil {
		t.Error("no pause image was accepted")
	}
}

func TestScratchDockerfile(t *testing.T) {
	const want = `FROM scratch
COPY etcd /usr/local/bin/etcd
ENTRYPOINT ["/usr/local/bin/etcd"]
`
	if got := scratchDockerfile("etcd"); got != want {
		t.Errorf("Dockerfile:\n%s", got)
	}
}

func TestIsBuilt(t *testing.T) {
	for image, want := range map[string]bool{
		"lab-operator.local/node:6b9f504e9eff":        true,
		"lab-operator.local/node-rootfs:6b9f504e9eff": false,
		"kindest/node:v1.37.0@sha256:a1ed56cf":        false,
	} {
		if got := IsBuilt(image); got != want {
			t.Errorf("IsBuilt(%q) = %t, want %t", image, got, want)
		}
	}
}
