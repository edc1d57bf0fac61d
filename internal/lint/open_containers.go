package lint

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// checkOpenContainers looks whether what an author opens of protected pods leaves the rest of them closed.
func (l *exerciseLinter) checkOpenContainers(o setupItem, w workload) {
	annotations := w.meta.Annotations
	ports, hasPorts := annotations[v1beta1.OpenPortsAnnotation]
	value, hasContainers := annotations[v1beta1.OpenContainersAnnotation]
	if !hasPorts && !hasContainers {
		return
	}
	if !protects(w.meta.Labels) && !protects(o.meta().GetLabels()) {
		l.report(ruleOpen, w.field, "the pods of %s are not protected, so everything of them is open: take the annotation out", w.name)
		return
	}
	if hasPorts && ports != "true" {
		l.report(ruleOpen, w.field, "the annotation %s of %s is %q: only \"true\" opens its ports", v1beta1.OpenPortsAnnotation, w.name, ports)
	}
	if !hasContainers {
		return
	}
	if ptr.Deref(w.spec.ShareProcessNamespace, false) {
		l.report(ruleOpen, w.field, "the containers of %s share their processes: who enters one reaches the files of all. Set shareProcessNamespace to false", w.name)
	}
	open := strings.Split(value, ",")
	for i := range open {
		open[i] = strings.TrimSpace(open[i])
	}
	all := slices.Concat(w.spec.InitContainers, w.spec.Containers)
	for _, name := range open {
		at := slices.IndexFunc(all, func(c corev1.Container) bool { return c.Name == name })
		if at < 0 {
			l.report(ruleOpen, w.field, "%s has no container %q to open%s", w.name, name, suggestion(name, namesOf(all)))
			continue
		}
		for _, other := range all {
			if !slices.Contains(open, other.Name) {
				l.checkContainerPair(w, all[at], other)
			}
		}
	}
}

// checkContainerPair looks whether a command in an open container can write what a closed one of the same pod owns.
func (l *exerciseLinter) checkContainerPair(w workload, open, closed corev1.Container) {
	if user := userOf(w.spec, open); user == nil || ptr.Equal(user, userOf(w.spec, closed)) {
		l.report(ruleOpen, w.field, "the containers %s and %s of %s run as the same user: a learner who enters %s owns the data of %s. Give each a runAsUser of its own",
			open.Name, closed.Name, w.name, open.Name, closed.Name)
	}
	for _, mount := range open.VolumeMounts {
		shared := slices.ContainsFunc(closed.VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == mount.Name })
		if shared && !mount.ReadOnly {
			l.report(ruleOpen, w.field, "the containers %s and %s of %s share the volume %s: a learner who enters %s writes there. Mount it readOnly",
				open.Name, closed.Name, w.name, mount.Name, open.Name)
		}
	}
}

// userOf is the user that a container runs as, nil where the image decides.
func userOf(pod *corev1.PodSpec, c corev1.Container) *int64 {
	if c.SecurityContext != nil && c.SecurityContext.RunAsUser != nil {
		return c.SecurityContext.RunAsUser
	}
	if pod.SecurityContext != nil {
		return pod.SecurityContext.RunAsUser
	}
	return nil
}

func namesOf(containers []corev1.Container) []string {
	var names []string
	for _, c := range containers {
		names = append(names, c.Name)
	}
	return names
}
