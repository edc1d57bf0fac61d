package lab

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func all(t *testing.T, texts ...string) []*unstructured.Unstructured {
	t.Helper()
	var objects []*unstructured.Unstructured
	for _, text := range texts {
		objects = append(objects, parsed(t, text))
	}
	return objects
}

func TestNoticesOfPods(t *testing.T) {
	const (
		full = `{type: PodScheduled, status: "False", reason: Unschedulable, message: "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."}`
		lost = `{type: PodScheduled, status: "False", reason: Unschedulable, message: 'persistentvolumeclaim "data" not found'}`
		set  = `{kind: StatefulSet, metadata: {name: alpha, namespace: lab-a, uid: s1, generation: 2}, spec: {replicas: 1}, status: {observedGeneration: 2, currentRevision: alpha-1, updateRevision: alpha-2, replicas: 1}}`
	)
	ofSet := func(revision, labels, status string) string {
		return `{metadata: {name: alpha-0, namespace: lab-a, labels: {controller-revision-hash: ` + revision + labels + `}, ownerReferences: [{uid: s1, kind: StatefulSet, name: alpha, controller: true}]}, status: ` + status + `}`
	}
	const (
		noImage = `{phase: Pending, containerStatuses: [{name: main, state: {waiting: {reason: ImagePullBackOff, message: no such image}}}]}`
		ready   = `{phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: main, state: {running: {}}}]}`
	)
	since := func(clock string) string {
		return `{phase: Running, conditions: [{type: Ready, status: "False", lastTransitionTime: "2026-03-02T` + clock + `Z"}], containerStatuses: [{name: main, state: {running: {}}}]}`
	}
	tests := map[string]struct {
		pods, statefulSets, deployments []string
		want                            []string
		again                           time.Duration
	}{
		"no node has room": {
			pods: []string{`{metadata: {name: web-1}, status: {phase: Pending, conditions: [` + full + `]}}`},
			want: []string{"pod web-1 finds no node: 0/1 nodes are available: 1 Insufficient cpu."},
		},
		"no node has room for many": {
			pods: []string{
				`{metadata: {name: web-3}, status: {conditions: [` + full + `]}}`, `{metadata: {name: web-1}, status: {conditions: [` + full + `]}}`,
				`{metadata: {name: web-2}, status: {conditions: [` + full + `]}}`,
			},
			want: []string{"pod web-1 and 2 more find no node: 0/1 nodes are available: 1 Insufficient cpu."},
		},
		"a claim that there is not": {
			pods: []string{`{metadata: {name: redis-0}, status: {conditions: [` + lost + `]}}`},
			want: []string{`pod redis-0 finds no node: persistentvolumeclaim "data" not found`},
		},
		"a pod that goes, and one that has a node": {
			pods: []string{
				`{metadata: {name: a, deletionTimestamp: "2026-01-01T00:00:00Z"}, status: {conditions: [` + full + `]}}`,
				`{metadata: {name: b}, status: {conditions: [{type: PodScheduled, status: "True"}]}}`,
			},
		},
		"out of memory, and waiting to start again": {
			pods: []string{`{metadata: {name: web-1}, status: {containerStatuses: [{name: main, resources: {limits: {memory: 64Mi}},
				state: {waiting: {reason: CrashLoopBackOff, message: back-off 10s}}, lastState: {terminated: {reason: OOMKilled, exitCode: 137}}}]}}`},
			want: []string{"container main of pod web-1 was ended by the kernel (OOMKilled): it used more memory than its limit of 64Mi allows. Raise the limit, or have it use less"},
		},
		"out of memory, and running again": {
			pods: []string{`{metadata: {name: web-1}, status: {containerStatuses: [{name: main, state: {running: {}}, lastState: {terminated: {reason: OOMKilled}}}]}}`},
			want: []string{"container main of pod web-1 was ended by the kernel (OOMKilled): it used more memory than its limit allows. Raise the limit, or have it use less"},
		},
		"out of memory, and ready again": {
			pods: []string{`{metadata: {name: web-1}, status: {containerStatuses: [{name: main, ready: true, state: {running: {}}, lastState: {terminated: {reason: OOMKilled}}}]}}`},
		},
		"out of memory, in a pod of the lab itself": {
			pods: []string{`{metadata: {name: web-1, labels: {learning.lab-operator.dev/protected: "true"}}, status: {containerStatuses: [{name: main, state: {terminated: {reason: OOMKilled}}}]}}`},
			want: []string{"container main of pod web-1 was ended by the kernel (OOMKilled): it used more memory than its limit allows. " +
				"The pod belongs to the lab itself, and its limit cannot be changed: have it use less"},
		},
		"out of memory, for good": {
			pods: []string{`{metadata: {name: job-1}, status: {phase: Failed, containerStatuses: [{name: main, state: {terminated: {reason: OOMKilled}}}]}}`},
			want: []string{"container main of pod job-1 was ended by the kernel (OOMKilled): it used more memory than its limit allows. Raise the limit, or have it use less"},
		},
		"killed, and the node does not say for what": {
			pods: []string{`{metadata: {name: job-1}, status: {phase: Failed, containerStatuses: [{name: main, resources: {limits: {memory: 48Mi}}, state: {terminated: {reason: Error, exitCode: 137}}}]}}`},
			want: []string{"container main of pod job-1 was killed (exit code 137): because it used more memory than its limit of 48Mi allows, " +
				"by its liveness probe or by a signal; the node does not always tell which"},
		},
		"killed, without a limit of memory": {
			pods: []string{`{metadata: {name: job-1}, status: {phase: Failed, containerStatuses: [{name: main, state: {terminated: {reason: Error, exitCode: 137}}}]}}`},
		},
		"killed with its pod": {
			pods: []string{`{metadata: {name: a, deletionTimestamp: "2026-01-01T00:00:00Z"}, status: {containerStatuses: [{name: main, resources: {limits: {memory: 48Mi}}, state: {terminated: {reason: Error, exitCode: 137}}}]}}`},
		},
		"a container that ended by itself": {
			pods: []string{`{metadata: {name: job-1}, status: {phase: Failed, containerStatuses: [{name: main, state: {terminated: {reason: Error, exitCode: 1}}}]}}`},
		},
		"evicted": {
			pods: []string{`{metadata: {name: web-1}, status: {phase: Failed, reason: Evicted, message: "The node was low on resource: ephemeral-storage. "}}`},
			want: []string{"pod web-1 failed: Evicted: The node was low on resource: ephemeral-storage."},
		},
		"a StatefulSet that was corrected": {
			statefulSets: []string{set}, pods: []string{ofSet("alpha-1", "", noImage)},
			want: []string{"pod alpha-0 still has an earlier template of StatefulSet alpha, and is not ready: the template was changed, but a StatefulSet does not replace " +
				"a pod that is not ready. Delete it: kubectl -n lab-a delete pod alpha-0"},
		},
		"a StatefulSet that was corrected, and the pod is the lab's": {
			statefulSets: []string{set}, pods: []string{ofSet("alpha-1", `, learning.lab-operator.dev/protected: "true"`, noImage)},
			want: []string{"pod alpha-0 still has an earlier template of StatefulSet alpha, and is not ready: the template was changed, but a StatefulSet does not replace " +
				"a pod that is not ready. It belongs to the lab itself: a fresh environment replaces it"},
		},
		"a StatefulSet that was corrected, and the pod waits for the learner": {
			statefulSets: []string{set}, pods: []string{ofSet("alpha-1", "", since("08:59:40"))},
			want: []string{"pod alpha-0 still has an earlier template of StatefulSet alpha, and is not ready: the template was changed, but a StatefulSet does not replace " +
				"a pod that is not ready. Delete it: kubectl -n lab-a delete pod alpha-0"},
		},
		"a StatefulSet that was corrected, and the pod was ready a moment ago": {
			statefulSets: []string{set}, pods: []string{ofSet("alpha-1", "", since("08:59:45"))}, again: 5 * time.Second,
		},
		"a StatefulSet that is wrong": {
			statefulSets: []string{set}, pods: []string{ofSet("alpha-2", "", noImage)},
			want: []string{"container main of pod alpha-0 does not run: ImagePullBackOff: no such image"},
		},
		"a StatefulSet that is being rolled out": {statefulSets: []string{set}, pods: []string{ofSet("alpha-1", "", ready)}},
		"a rollout that takes too long": {
			deployments: []string{`{metadata: {name: web}, status: {conditions: [{type: Progressing, status: "False", reason: ProgressDeadlineExceeded, message: 'ReplicaSet "web-1" has timed out progressing.'}]}}`},
			want:        []string{`the rollout of Deployment web does not get on: ProgressDeadlineExceeded: ReplicaSet "web-1" has timed out progressing.`},
		},
		"a rollout that gets on": {
			deployments: []string{`{metadata: {name: web}, status: {conditions: [{type: Progressing, status: "True", reason: NewReplicaSetAvailable}]}}`},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := workloads{pods: all(t, tc.pods...), statefulSets: all(t, tc.statefulSets...), deployments: all(t, tc.deployments...)}
			outdated, again := outdatedPods(w, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
			if again != tc.again {
				t.Errorf("looks again after %s, want %s", again, tc.again)
			}
			got := troubles(w, outdated, nil)
			if diff := cmp.Diff(tc.want, got); len(got)+len(tc.want) > 0 && diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStarved(t *testing.T) {
	const (
		set   = `{kind: StatefulSet, metadata: {name: db, uid: s1, generation: 1}, spec: {replicas: 2}, status: {observedGeneration: 1}}`
		plain = `{kind: StatefulSet, metadata: {name: db, uid: s1, generation: 1}, spec: {}, status: {observedGeneration: 1}}`
		young = `{kind: StatefulSet, metadata: {name: db, uid: s1, generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 1}}`
		none  = `{kind: StatefulSet, metadata: {name: db, uid: s1, generation: 1}, spec: {replicas: 0}, status: {observedGeneration: 1}}`
		first = `{metadata: {name: db-0, ownerReferences: [{uid: s1, controller: true}]}, status: {phase: Running, conditions: [{type: Ready, status: "True"}]}}`
		start = `{metadata: {name: db-0, ownerReferences: [{uid: s1, controller: true}]}, status: {phase: Pending}}`
		job   = `{kind: Job, metadata: {name: count, uid: j1}, status: {}}`
		ended = `{kind: Job, metadata: {name: count, uid: j1}, status: {conditions: [{type: Complete, status: "True"}]}}`
		still = `{kind: Job, metadata: {name: count, uid: j1}, status: {conditions: [{type: Suspended, status: "True"}]}}`
		works = `{metadata: {name: count-x, ownerReferences: [{uid: j1, controller: true}]}, status: {phase: Running}}`
		mine  = `{kind: DaemonSet, metadata: {name: agent, generation: 1}, status: {observedGeneration: 1, desiredNumberScheduled: 1, currentNumberScheduled: 0}}`
	)
	tests := map[string]struct {
		statefulSets, daemonSets, jobs, pods []string
		want                                 []string
	}{
		"a StatefulSet without pods":                  {statefulSets: []string{set}, want: []string{"db"}},
		"a StatefulSet without pods, by default":      {statefulSets: []string{plain}, want: []string{"db"}},
		"a StatefulSet that lacks its second":         {statefulSets: []string{set}, pods: []string{first}, want: []string{"db"}},
		"a StatefulSet whose first is about to start": {statefulSets: []string{set}, pods: []string{start}},
		"a StatefulSet that was just changed":         {statefulSets: []string{young}},
		"a StatefulSet that wants none":               {statefulSets: []string{none}},
		"a Job without a pod":                         {jobs: []string{job}, want: []string{"count"}},
		"a Job at work":                               {jobs: []string{job}, pods: []string{works}},
		"a Job that is complete":                      {jobs: []string{ended}},
		"a Job that is suspended":                     {jobs: []string{still}},
		"a DaemonSet without a pod":                   {daemonSets: []string{mine}, want: []string{"agent"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, object := range starved(workloads{
				statefulSets: all(t, tc.statefulSets...), daemonSets: all(t, tc.daemonSets...), jobs: all(t, tc.jobs...), pods: all(t, tc.pods...),
			}) {
				got = append(got, object.GetName())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("starved (-want +got):\n%s", diff)
			}
		})
	}
}

// What says nothing must not hide what does.
func TestEventsOfEveryKindAreRead(t *testing.T) {
	names := []string{"a", "b", "c", "d"}
	var objects []string
	for _, kind := range []string{"StatefulSet", "PersistentVolumeClaim", "Job"} {
		for _, name := range names {
			objects = append(objects, "{kind: "+kind+", metadata: {name: "+name+"}}")
		}
	}
	taken := map[string][]string{}
	for _, object := range firstOfEachKind(all(t, objects...)) {
		taken[object.GetKind()] = append(taken[object.GetKind()], object.GetName())
	}
	some := names[:maxWaiting]
	if diff := cmp.Diff(map[string][]string{"Job": some, "PersistentVolumeClaim": some, "StatefulSet": some}, taken); diff != "" {
		t.Errorf("events are read of (-want +got):\n%s", diff)
	}
}

func TestNoticeOfEvents(t *testing.T) {
	at := func(second int64, reason, message string) corev1.Event {
		return corev1.Event{Reason: reason, Message: message, LastTimestamp: metav1.Unix(second, 0)}
	}
	newer := corev1.Event{Reason: "FailedCreate", Message: "newer", EventTime: metav1.NewMicroTime(time.Unix(9, 0))}
	const (
		set   = `{kind: StatefulSet, metadata: {name: db}}`
		job   = `{kind: Job, metadata: {name: count}}`
		claim = `{kind: PersistentVolumeClaim, metadata: {name: data}}`
	)
	tests := map[string]struct {
		object string
		events []corev1.Event
		want   string
	}{
		"no events": {set, nil, ""},
		"a StatefulSet that pod security refuses": {set, []corev1.Event{
			at(1, "SuccessfulCreate", "create Claim"),
			at(2, "FailedCreate", `create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: violates PodSecurity "restricted:v1.37": runAsNonRoot != true`),
		}, `pods of StatefulSet db are refused: create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: violates PodSecurity "restricted:v1.37": runAsNonRoot != true`},
		"a Job over quota, in words that do not change": {job, []corev1.Event{
			at(2, "FailedCreate", `Error creating: pods "count-7x2kq" is forbidden: exceeded quota: lab, requested: limits.memory=8Gi, used: limits.memory=0, limited: limits.memory=512Mi`),
		}, `pods of Job count are refused: Error creating: pods "count-*" is forbidden: exceeded quota: lab, requested: limits.memory=8Gi, used: limits.memory=0, limited: limits.memory=512Mi`},
		"a Job that was refused before": {job, []corev1.Event{at(2, "FailedCreate", "no"), at(3, "SuccessfulCreate", "Created pod")}, ""},
		"the newer API":                 {job, []corev1.Event{at(2, "FailedCreate", "older"), newer}, "pods of Job count are refused: newer"},
		"a claim of a class that there is not": {claim, []corev1.Event{at(1, "ProvisioningFailed", `storageclass.storage.k8s.io "fast" not found`)},
			`claim data gets no volume: ProvisioningFailed: storageclass.storage.k8s.io "fast" not found`},
		"a claim without a class": {claim, []corev1.Event{at(1, "FailedBinding", "no persistent volumes available for this claim and no storage class is set")},
			"claim data gets no volume: FailedBinding: no persistent volumes available for this claim and no storage class is set"},
		"a claim that waits for its pod": {claim, []corev1.Event{at(1, "WaitForFirstConsumer", "waiting for first consumer to be created before binding")}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, noticeOf(parsed(t, tc.object), tc.events)); diff != "" {
				t.Errorf("notice (-want +got):\n%s", diff)
			}
		})
	}
}
