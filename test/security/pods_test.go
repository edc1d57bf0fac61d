//go:build cluster

package security

import (
	"context"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// byPods are attacks by what a pod asks for.
func (s *stage) byPods() map[string]attack {
	type pod = corev1.Pod
	container := func(p *pod) *corev1.Container { return &p.Spec.Containers[0] }
	volume := func(source corev1.VolumeSource) func(*pod) {
		return func(p *pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: source}}
			container(p).VolumeMounts = []corev1.VolumeMount{{Name: "v", MountPath: "/v"}}
		}
	}
	limit := func(name corev1.ResourceName, quantity string) func(*pod) {
		return func(p *pod) {
			container(p).Resources.Limits = corev1.ResourceList{name: resource.MustParse(quantity)}
		}
	}
	return map[string]attack{
		"be privileged": s.pod("the node", func(p *pod) {
			container(p).SecurityContext.Privileged = ptr.To(true)
			container(p).SecurityContext.AllowPrivilegeEscalation = nil
		}, insecure("privileged (")),
		"be root": s.pod("root in the container", func(p *pod) {
			p.Spec.SecurityContext.RunAsNonRoot, p.Spec.SecurityContext.RunAsUser = nil, ptr.To[int64](0)
		}, insecure("runAsNonRoot != true")),
		"be root by its container": s.pod("root in the container", func(p *pod) { container(p).SecurityContext.RunAsUser = ptr.To[int64](0) }, insecure("runAsUser=0")),
		"become root":              s.pod("root in the container", func(p *pod) { container(p).SecurityContext.AllowPrivilegeEscalation = ptr.To(true) }, insecure("allowPrivilegeEscalation != false")),
		"have capabilities":        s.pod("the network of the node", func(p *pod) { container(p).SecurityContext.Capabilities.Add = []corev1.Capability{"NET_ADMIN"} }, insecure("unrestricted capabilities")),
		"make any system call":     s.pod("the kernel", func(p *pod) { p.Spec.SecurityContext.SeccompProfile.Type = corev1.SeccompProfileTypeUnconfined }, insecure("seccompProfile")),
		"see all of /proc": s.pod("the kernel", func(p *pod) {
			container(p).SecurityContext.ProcMount = ptr.To(corev1.UnmaskedProcMount)
			p.Spec.HostUsers = ptr.To(false)
		}, insecure("procMount")),
		"set the kernel":           s.pod("the kernel", func(p *pod) { p.Spec.SecurityContext.Sysctls = []corev1.Sysctl{{Name: "kernel.msgmax", Value: "1"}} }, insecure("forbidden sysctls")),
		"be on the node's network": s.pod("the doors of the node", func(p *pod) { p.Spec.HostNetwork = true }, insecure("host namespaces (hostNetwork=true)")),
		"see the node's processes": s.pod("the processes of all", func(p *pod) { p.Spec.HostPID = true }, insecure("host namespaces (hostPID=true)")),
		"take a port of the node":  s.pod("a door of the node", func(p *pod) { container(p).Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: 80}} }, insecure("hostPort")),
		"mount the node's disk":    s.pod("everything", volume(corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}), insecure(`restricted volume types (volume "v" uses restricted volume type "hostPath")`)),
		"mount another's disk": s.pod("what others store", volume(corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{Server: "nfs", Path: "/"}}),
			insecure(`restricted volume types (volume "v" uses restricted volume type "nfs")`)),
		"leave AppArmor": s.pod("the kernel", func(p *pod) {
			p.Spec.SecurityContext.AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeUnconfined}
		}, insecure("forbidden AppArmor profile")),
		"push others out": s.pod("the place of others", func(p *pod) { p.Spec.PriorityClassName = "system-cluster-critical" },
			byPolicy("lab-operator-workloads", "a priority class of the system would push out the pods of others")),
		"take all memory":      s.pod("the memory of others", limit(corev1.ResourceMemory, "900Gi"), overQuota("limits.memory=900Gi")),
		"fill the node's disk": s.pod("a node that serves nobody", limit(corev1.ResourceEphemeralStorage, "900Gi"), overQuota("limits.ephemeral-storage=900Gi")),
		"take all CPU":         s.pod("the CPU of others", func(p *pod) { container(p).Resources.Requests[corev1.ResourceCPU] = resource.MustParse("60") }, overQuota("requests.cpu=60")),
		"take a device": s.pod("a GPU of others", limit("nvidia.com/gpu", "1"),
			byPolicy("lab-operator-workloads", "pods of a lab ask for cpu, memory and ephemeral-storage alone")),
		"take huge pages": s.pod("the memory of others", limit("hugepages-2Mi", "4Mi"),
			byPolicy("lab-operator-workloads", "pods of a lab ask for cpu, memory and ephemeral-storage alone")),
		"grow in place":         {gain: "the memory of others", try: s.growInPlace},
		"write without a limit": {gain: "a node that serves nobody", try: s.limitsByDefault},
		"debug as root":         {gain: "root in a container", try: s.debugAsRoot},
		"debug the node": s.kubectl("the node", []string{"debug", "node/" + s.node(), "--image=" + toolsImage},
			`nodes "`+s.node()+`" is forbidden: User "`+mallory+`" cannot get resource "nodes"`),
		"be a mirror of a static pod": {gain: "a pod that is not counted", try: s.mirror},
		"choose the node": s.pod("a node that is not for labs", func(p *pod) { p.Spec.NodeName = s.node() },
			byPolicy("lab-operator-workloads", "the scheduler chooses the node of a lab's pod")),
		"tolerate every taint": s.pod("a node that is not for labs", func(p *pod) {
			p.Spec.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}
		}, byPolicy("lab-operator-workloads", "taints keep the pods of labs off nodes that are not for them")),
		"keep all pods of others away": s.pod("everybody's pods, pending", antiAffinity(&corev1.PodAffinityTerm{
			NamespaceSelector: &metav1.LabelSelector{}, LabelSelector: &metav1.LabelSelector{}, TopologyKey: corev1.LabelOSStable,
		}), refusal{http.StatusForbidden, "exceeded quota: lab-isolation, requested: pods=1"}),
		"keep the pods of one other away": s.pod("another's pods, pending", antiAffinity(&corev1.PodAffinityTerm{
			Namespaces: []string{s.alice.environment}, LabelSelector: &metav1.LabelSelector{}, TopologyKey: corev1.LabelOSStable,
		}), refusal{http.StatusForbidden, "exceeded quota: lab-isolation, requested: pods=1"}),
		"hold the namespace by a probe": s.pod("a namespace that never goes", func(p *pod) {
			container(p).LivenessProbe = &corev1.Probe{
				ProbeHandler:                  corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"false"}}},
				TerminationGracePeriodSeconds: ptr.To[int64](31536000),
			}
		}, byPolicy("lab-operator-workloads", "a lab cannot wait so long for a container to end")),
		"mount an image": s.pod("a mount that the kubelet makes", volume(corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: workloadImage}}),
			// Two policies say so, and either may come first.
			refusal{http.StatusForbidden, "denied request: volumes of a lab's pods are configMap"}),
		"fill the operator's memory": s.pod("the labs of all", func(p *pod) {
			container(p).Env = slices.Repeat([]corev1.EnvVar{{Name: "abc"}}, 14_000)
		}, byPolicy("lab-operator-sizes", "a pod of a lab has at most 200 entries of env and envFrom")),
	}
}

// antiAffinity has a pod keep others off its node.
func antiAffinity(term *corev1.PodAffinityTerm) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{*term},
		}}
	}
}

// plainPod is a pod as the level restricted wants it.
func plainPod(namespace, name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: corev1.PodSpec{
			TerminationGracePeriodSeconds: ptr.To[int64](1),
			SecurityContext:               &corev1.PodSecurityContext{RunAsNonRoot: ptr.To(true), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			Containers: []corev1.Container{{
				Name: "main", Image: workloadImage, Args: []string{"web"},
				Resources:       corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("5m")}},
				SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: ptr.To(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
			}},
		},
	}
}

// pod is an attack by a pod. Where no lab is, the administrator may make it.
func (s *stage) pod(gain string, change func(*corev1.Pod), want refusal) attack {
	made := plainPod(s.mallory.environment, "sec-escape")
	change(made)
	return attack{gain: gain, try: func(t *testing.T) {
		s.refusedLike(gain, create(made), want, s.elsewhere(create(inHome(made)))).try(t)
		// A template is taken, but what it asks for is not made.
		must(t, client.NewDryRunClient(s.mallory.client).Create(t.Context(), plainPod(s.mallory.environment, "sec-escape")))
	}}
}

// growInPlace resizes a pod beyond the quota.
func (s *stage) growInPlace(t *testing.T) {
	s.haveTools(t)
	tools := named("v1", "Pod", s.mallory.environment, "tools")
	grow := func(memory string) action {
		return patchSub(tools, "resize", types.StrategicMergePatchType, `{"spec":{"containers":[{"name":"main","resources":{"limits":{"memory":"`+memory+`"}}}]}}`)
	}
	s.refusedLike("", grow("900Gi"), refusal{http.StatusForbidden, "exceeded quota: lab"}, func(ctx context.Context) error {
		return grow("100Mi").do(ctx, client.NewDryRunClient(s.mallory.client))
	}).try(t)
}

// limitsByDefault makes a pod that asks for nothing, and gets limits nevertheless.
func (s *stage) limitsByDefault(t *testing.T) {
	made := plainPod(s.mallory.environment, "sec-greedy")
	made.Spec.Containers[0].Resources = corev1.ResourceRequirements{}
	must(t, client.NewDryRunClient(s.mallory.client).Create(t.Context(), made))
	limits := made.Spec.Containers[0].Resources.Limits
	for _, name := range []corev1.ResourceName{corev1.ResourceMemory, corev1.ResourceEphemeralStorage} {
		if quantity, ok := limits[name]; !ok || quantity.IsZero() {
			t.Errorf("it gets no limit of %s", name)
		}
	}
}

// debugAsRoot adds a container to a pod of one's own, as kubectl debug does.
func (s *stage) debugAsRoot(t *testing.T) {
	s.haveTools(t)
	for profile, words := range map[string]string{"sysadmin": "privileged (", "general": "allowPrivilegeEscalation != false"} {
		a := s.kubectl("", []string{"debug", "tools", "--image=" + toolsImage, "--profile=" + profile, "-c", "debug-" + profile}, insecure(words).words)
		a.try(t)
	}
	// With the profile that fits it is allowed.
	out, err := s.runKubectl(t, "debug", "tools", "--image="+toolsImage, "--profile=restricted", "-c", "debug-restricted", "--", "true")
	if err != nil {
		t.Errorf("it is not well-formed: %v: %s", err, out)
	}
}

// kubectl is an attack with kubectl and the learner's kubeconfig. Its words are those of the refusal.
func (s *stage) kubectl(gain string, args []string, words string) attack {
	return attack{gain: gain, try: func(t *testing.T) {
		out, err := s.runKubectl(t, args...)
		if err == nil || !strings.Contains(out, words) {
			t.Errorf("kubectl %s: %v: %s; want it refused with: %s", strings.Join(args, " "), err, out, words)
		}
	}}
}

func (s *stage) runKubectl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	args = append([]string{"--kubeconfig", s.mallory.kubeconfig, "-n", s.mallory.environment}, args...)
	out, err := exec.CommandContext(t.Context(), "kubectl", args...).CombinedOutput()
	return string(out), err
}

// node is the name of some node.
func (s *stage) node() string {
	nodes := &corev1.NodeList{}
	if err := s.admin.List(context.Background(), nodes); err != nil || len(nodes.Items) == 0 {
		return "any"
	}
	return nodes.Items[0].Name
}

// mirror makes a pod that says it is the mirror of a static one, in the hope that nobody counts it, or looks at it. Such a pod
// names its node.
func (s *stage) mirror(t *testing.T) {
	made := plainPod(s.mallory.environment, "sec-mirror")
	made.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "mirror"}
	made.Spec.NodeName = s.node()
	made.Spec.AutomountServiceAccountToken = ptr.To(false)
	s.refusedLike("", create(made), byPolicy("lab-operator-workloads", "the scheduler chooses the node of a lab's pod"), s.elsewhere(create(inHome(made)))).try(t)
}
