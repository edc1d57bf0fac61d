package policy

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// baselineNamespace is that of a lab whose pods are not held to the level restricted.
const baselineNamespace = "lab-baseline"

// storageAttempts are about what a pod mounts and what a claim gets.
func storageAttempts() map[string]attempt {
	const (
		policy  = "lab-operator-workloads"
		volumes = "volumes of a lab's pods are configMap, downwardAPI, emptyDir"
		there   = "a claim of a lab takes no volume that is there already"
		files   = "a claim of a lab is a file system, empty or the copy of another claim of the lab"
	)
	mounting := func(source corev1.VolumeSource) *corev1.Pod {
		return podWith(func(pod *corev1.Pod) { pod.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: source}} })
	}
	claiming := func(change func(*corev1.PersistentVolumeClaimSpec)) *corev1.PersistentVolumeClaim {
		claim := smallClaim("new")
		change(&claim.Spec)
		return claim
	}
	named := claiming(func(spec *corev1.PersistentVolumeClaimSpec) { spec.VolumeName = "anothers" })
	from := func(group *string, kind string) func(*corev1.PersistentVolumeClaimSpec) {
		return func(spec *corev1.PersistentVolumeClaimSpec) {
			spec.DataSource = &corev1.TypedLocalObjectReference{APIGroup: group, Kind: kind, Name: "source"}
		}
	}
	stored := object("v1", "PersistentVolumeClaim", labNamespace, "stored")
	bind := `{"spec":{"volumeName":"anothers"}}`
	elsewhere := named.DeepCopy()
	elsewhere.Namespace = "default"
	all := map[string]attempt{
		"no controller mounts such a volume for a learner": mayNot(controllerManager, create(mounting(corev1.VolumeSource{
			Image: &corev1.ImageVolumeSource{Reference: "web:1"}})), policy, volumes),
		"a pod mounts what is of the lab": may(learner, create(podWith(func(pod *corev1.Pod) {
			for name, source := range map[string]corev1.VolumeSource{
				"a": {ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "rules"}}},
				"b": {Secret: &corev1.SecretVolumeSource{SecretName: "password"}},
				"c": {EmptyDir: &corev1.EmptyDirVolumeSource{}},
				"d": {PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "stored"}},
				"e": {DownwardAPI: &corev1.DownwardAPIVolumeSource{}},
				"f": {Projected: &corev1.ProjectedVolumeSource{}},
				"g": {Ephemeral: &corev1.EphemeralVolumeSource{VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{Spec: smallClaim("").Spec}}},
			} {
				pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: source})
			}
		}))),
		"a learner's claim takes no volume by name":    mayNot(learner, create(named), policy, there),
		"nor does the claim of a controller":           mayNot(controllerManager, create(named), policy, there),
		"a learner's claim takes no volume by label":   mayNot(learner, create(claiming(func(spec *corev1.PersistentVolumeClaimSpec) { spec.Selector = &metav1.LabelSelector{} })), policy, there),
		"a learner's claim takes none without a class": mayNot(learner, create(claiming(func(spec *corev1.PersistentVolumeClaimSpec) { spec.StorageClassName = ptr.To("") })), policy, there),
		"a learner's claim names a class":              may(learner, create(claiming(func(spec *corev1.PersistentVolumeClaimSpec) { spec.StorageClassName = ptr.To("standard") }))),
		"a learner's claim takes no volume later":      mayNot(learner, merge(stored, bind), policy, there),
		"the binder gives a claim its volume":          may(controllerManager, merge(stored, bind)),
		"elsewhere claims take what they will":         may(editor, create(elsewhere)),
		"a learner's claim is no raw device":           mayNot(learner, create(claiming(func(spec *corev1.PersistentVolumeClaimSpec) { spec.VolumeMode = ptr.To(corev1.PersistentVolumeBlock) })), policy, files),
		"a learner's claim holds no snapshot":          mayNot(learner, create(claiming(from(ptr.To("snapshot.storage.k8s.io"), "VolumeSnapshot"))), policy, files),
		"a learner's claim is filled by nobody": mayNot(learner, create(claiming(func(spec *corev1.PersistentVolumeClaimSpec) {
			spec.DataSourceRef = &corev1.TypedObjectReference{APIGroup: ptr.To("example.com"), Kind: "Download", Name: "source"}
		})), policy, files),
		"a learner's claim is a copy of another": may(learner, create(claiming(from(nil, "PersistentVolumeClaim")))),
	}
	// At the level restricted pod security refuses some of them itself.
	for name, source := range map[string]corev1.VolumeSource{
		"an image":        {Image: &corev1.ImageVolumeSource{Reference: "web:1"}},
		"an inline drive": {CSI: &corev1.CSIVolumeSource{Driver: "example.com"}},
		"NFS":             {NFS: &corev1.NFSVolumeSource{Server: "192.0.2.1", Path: "/"}},
		"iSCSI":           {ISCSI: &corev1.ISCSIVolumeSource{TargetPortal: "192.0.2.1", IQN: "iqn.2001-04.com.example:a"}},
		"FC":              {FC: &corev1.FCVolumeSource{WWIDs: []string{"a"}}},
	} {
		pod := mounting(source)
		pod.Namespace = baselineNamespace
		all["no pod of a lab mounts "+name] = mayNot(administrator, create(pod), policy, volumes)
	}
	return all
}
