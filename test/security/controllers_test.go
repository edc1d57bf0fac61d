//go:build cluster

package security

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// byControllers are attacks that a controller of the cluster would do for a learner. What a learner writes is allowed in
// each of them; what the controller then does must not be.
func (s *stage) byControllers() map[string]attack {
	in := s.mallory.environment
	guard, bare := named("apps/v1", "Deployment", in, "guard"), named("v1", "Pod", in, "bare")
	spare, claim := named("apps/v1", "ReplicaSet", in, "spare"), named("v1", "PersistentVolumeClaim", in, "data-thief-0")
	decoyPod := object(in, fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: decoy, labels: {app: bare}}, spec: %s}`, podSpec("")))
	decoySet := object(in, fmt.Sprintf(`{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: decoy, labels: {app: spare}},
		spec: {replicas: 0, selector: {matchLabels: {app: spare}}, template: {metadata: {labels: {app: spare}}, spec: %s}}}`, podSpec("")))
	return map[string]attack{
		"scale a protected Deployment by an autoscaler": s.deputy(deputy{
			gain: "a guard in any number",
			made: []client.Object{object(in, `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: scaler}, spec: {minReplicas: 3, maxReplicas: 4,
				scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: guard},
				metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]}}`)},
			tried: s.said("scaler", "guard belongs to the lab itself"), untouched: guard,
		}),
		"take a protected pod with a ReplicaSet": s.deputy(deputy{
			gain: "a guard that is gone",
			made: []client.Object{decoyPod, object(in, fmt.Sprintf(`{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: pod-taker},
				spec: {replicas: 0, selector: {matchLabels: {app: bare}}, template: {metadata: {labels: {app: bare}}, spec: %s}}}`, podSpec("")))},
			tried: s.owned(decoyPod, "ReplicaSet"), untouched: bare,
		}),
		"take a protected pod with a Job": s.deputy(deputy{
			gain: "a guard that is gone",
			made: []client.Object{decoyPod, object(in, fmt.Sprintf(`{apiVersion: batch/v1, kind: Job, metadata: {name: job-taker},
				spec: {parallelism: 0, manualSelector: true, selector: {matchLabels: {app: bare}}, template: {metadata: {labels: {app: bare}}, spec: %s}}}`, podSpec("restartPolicy: Never,")))},
			tried: s.owned(decoyPod, "Job"), untouched: bare,
		}),
		"take a protected ReplicaSet with a Deployment": s.deputy(deputy{
			gain: "a guard that is gone",
			made: []client.Object{decoySet, object(in, fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: set-taker},
				spec: {replicas: 0, selector: {matchLabels: {app: spare}}, template: {metadata: {labels: {app: spare, more: "yes"}}, spec: %s}}}`, podSpec("")))},
			tried: s.owned(decoySet, "Deployment"), untouched: spare,
		}),
		"take a protected claim with a StatefulSet": s.deputy(deputy{
			gain: "what the lab had stored, deleted",
			made: []client.Object{object(in, fmt.Sprintf(`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: thief}, spec: {replicas: 1, serviceName: thief,
				persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}, selector: {matchLabels: {app: thief}},
				template: {metadata: {labels: {app: thief}}, spec: %s},
				volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}]}}`, podSpec("")))},
			tried: s.said("thief", "data-thief-0 belongs to the lab itself: nothing else can own it"), untouched: claim,
		}),
		"hold the namespace by the pods of a Deployment": s.deputy(deputy{
			gain: "a namespace that never goes",
			made: []client.Object{object(in, fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: pod-holder}, spec: {replicas: 1,
				selector: {matchLabels: {app: held}}, template: {metadata: {labels: {app: held}, finalizers: [example.com/keep]}, spec: %s}}}`, podSpec("")))},
			tried: s.said("pod-holder", "leave metadata.finalizers out of the pod's template"), untouched: bare, absent: s.noFinalizer,
		}),
		"hold the namespace by the pods of a Job": s.deputy(deputy{
			gain: "a namespace that never goes",
			made: []client.Object{object(in, fmt.Sprintf(`{apiVersion: batch/v1, kind: Job, metadata: {name: job-holder},
				spec: {template: {metadata: {finalizers: [example.com/keep]}, spec: %s}}}`, podSpec("restartPolicy: Never,")))},
			tried: s.said("job-holder", "leave metadata.finalizers out of the pod's template"), untouched: bare, absent: s.noFinalizer,
		}),
		"hold the namespace by the claims of a StatefulSet": s.deputy(deputy{
			gain: "a namespace that never goes",
			made: []client.Object{object(in, fmt.Sprintf(`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: claim-holder}, spec: {replicas: 1, serviceName: claim-holder,
				selector: {matchLabels: {app: holder}}, template: {metadata: {labels: {app: holder}}, spec: %s},
				volumeClaimTemplates: [{metadata: {name: data, finalizers: [example.com/keep]}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}]}}`, podSpec("")))},
			tried: s.said("claim-holder", "leave metadata.finalizers out of the claim's template"), untouched: bare, absent: s.noFinalizer,
		}),
		"hold the namespace by a pod of a Job": {gain: "a namespace that never goes", try: s.strayFromJob},
		"hold the namespace by a pod that takes a year to end": s.deputy(deputy{
			gain: "a namespace that goes in half a year",
			made: []client.Object{object(in, fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: year}, spec: {replicas: 1,
				selector: {matchLabels: {app: slow}}, template: {metadata: {labels: {app: slow}}, spec: %s}}}`,
				strings.Replace(podSpec(""), "terminationGracePeriodSeconds: 1,", "terminationGracePeriodSeconds: 31536000,", 1)))},
			tried: s.said("year", "a lab cannot wait so long for a pod to end"), untouched: bare,
		}),
		"hold the namespace by deleting a pod slowly": {gain: "a namespace that goes in half a year", try: s.deleteSlowly},
	}
}

// deputy is an attack by a controller.
type deputy struct {
	gain string
	// made are written by the learner.
	made []client.Object
	// tried waits until the controller has tried.
	tried func(t *testing.T)
	// untouched stays as it is, also when all that was made is deleted again.
	untouched client.Object
	// absent looks for what must not be there, if anything.
	absent func(t *testing.T)
}

func (s *stage) deputy(d deputy) attack {
	return attack{gain: d.gain, try: func(t *testing.T) {
		a := action{about: []client.Object{d.untouched}}
		before := s.look(t, a)
		for _, object := range d.made {
			must(t, s.mallory.client.Create(t.Context(), copyOf(object)))
		}
		d.tried(t)
		if d.absent != nil {
			d.absent(t)
		}
		for _, object := range d.made {
			s.mallory.gone(t, object)
		}
		eventually(t, "what was made is gone", func() bool {
			for _, object := range d.made {
				if !s.isGone(t, object) {
					return false
				}
			}
			return true
		})
		if after := s.look(t, a); after != before {
			t.Errorf("it is now\n%s\nand was\n%s", after, before)
		}
	}}
}

// said waits for an event about an object, which the learner can read.
func (s *stage) said(name, words string) func(t *testing.T) {
	return func(t *testing.T) {
		eventually(t, "an event says: "+words, func() bool {
			events := &corev1.EventList{}
			must(t, s.mallory.client.List(t.Context(), events, client.InNamespace(s.mallory.environment)))
			for _, event := range events.Items {
				about := event.InvolvedObject.Name
				if (about == name || strings.HasPrefix(about, name+"-")) && strings.Contains(event.Message, words) {
					return true
				}
			}
			return false
		})
	}
}

// owned waits until a controller has taken the decoy, which nothing protects.
func (s *stage) owned(decoy client.Object, kind string) func(t *testing.T) {
	return func(t *testing.T) {
		eventually(t, "the decoy was taken", func() bool {
			found := &unstructured.Unstructured{}
			found.SetGroupVersionKind(decoy.GetObjectKind().GroupVersionKind())
			if err := s.admin.Get(t.Context(), client.ObjectKeyFromObject(decoy), found); err != nil {
				// Deleted by its new owner already.
				return client.IgnoreNotFound(err) == nil
			}
			owner := metav1.GetControllerOf(found)
			return owner != nil && owner.Kind == kind || found.GetDeletionTimestamp() != nil
		})
	}
}

// noFinalizer shows that no pod and no claim is there with a finalizer that nobody takes off.
func (s *stage) noFinalizer(t *testing.T) {
	for _, kind := range []string{"Pod", "PersistentVolumeClaim"} {
		all := &metav1.PartialObjectMetadataList{}
		all.SetGroupVersionKind(named("v1", kind+"List", "", "").GroupVersionKind())
		must(t, s.admin.List(t.Context(), all, client.InNamespace(s.mallory.environment)))
		for _, item := range all.Items {
			if strings.Contains(strings.Join(item.Finalizers, " "), "example.com") {
				t.Errorf("%s %s has the finalizers %v", kind, item.Name, item.Finalizers)
			}
		}
	}
}

// strayFromJob gives the pod of a Job an owner who does not know of the finalizer that the Job gave it.
func (s *stage) strayFromJob(t *testing.T) {
	in := s.mallory.environment
	job := object(in, fmt.Sprintf(`{apiVersion: batch/v1, kind: Job, metadata: {name: stray}, spec: {template: {spec: %s}}}`, podSpec("restartPolicy: Never,")))
	must(t, s.mallory.client.Create(t.Context(), copyOf(job)))
	pods := &corev1.PodList{}
	eventually(t, "the Job has a pod", func() bool {
		must(t, s.mallory.client.List(t.Context(), pods, client.InNamespace(in), client.MatchingLabels{"job-name": "stray"}))
		return len(pods.Items) == 1 && len(pods.Items[0].Finalizers) == 1
	})
	pod := named("v1", "Pod", in, pods.Items[0].Name)
	for _, owner := range []string{`{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"x","uid":"1","controller":true}`, ""} {
		s.refused("", patch(pod, `{"metadata":{"ownerReferences":[`+owner+`]}}`), byPolicy("lab-operator-guardrails", "nobody else would take the finalizer off this pod")).try(t)
	}
	s.mallory.gone(t, job)
	eventually(t, "the pod is gone", func() bool { return s.isGone(t, pod) })
}

// deleteSlowly asks for a year to end a pod.
func (s *stage) deleteSlowly(t *testing.T) {
	slow := object(s.mallory.environment, fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: slow}, spec: %s}`, podSpec("")))
	must(t, s.mallory.client.Create(t.Context(), copyOf(slow)))
	s.untilRuns(t, s.mallory.environment, "slow")
	year := remove(slow, client.GracePeriodSeconds(31536000))
	want := byPolicy("lab-operator-workloads", "a lab cannot wait so long for a pod to end")
	s.refusedLike("", year, want, func(ctx context.Context) error {
		return remove(slow, client.GracePeriodSeconds(300)).do(ctx, client.NewDryRunClient(s.mallory.client))
	}).try(t)
	if err := want.check(s.mallory.client.DeleteAllOf(t.Context(), &corev1.Pod{}, client.InNamespace(s.mallory.environment),
		client.MatchingFields{"metadata.name": "slow"}, client.GracePeriodSeconds(31536000))); err != nil {
		t.Errorf("among others: %v", err)
	}
	s.mallory.gone(t, slow)
}
