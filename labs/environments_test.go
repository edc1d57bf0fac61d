package labs

import (
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// diary is what is seen of a diary whose pod a StatefulSet has replaced under the same name.
const diary = `
book: {ok: true, error: "", json: {pod: diary-0, life: two, folder: /home/nonroot/diary, mount: /home/nonroot/diary,
  entries: [{text: kept, pod: diary-0, life: one, at: "2026-11-28T12:00:00Z"}]}}
claims: [{metadata: {name: kept-diary-0}, status: {phase: Bound}}]
pods:
- metadata: {name: diary-0, uid: second, creationTimestamp: "2026-11-28T12:00:05Z"}
  spec:
    volumes: [{name: kept, persistentVolumeClaim: {claimName: kept-diary-0}}]
    containers: [{name: diary, image: "lab-operator/workload:dev", volumeMounts: [{name: kept, mountPath: /home/./nonroot//diary/}]}]
  status: {phase: Running, containerStatuses: [{name: diary, restartCount: 0}]}
`

// quorum is what is seen of three members in a fresh environment, of which etcd-1 has been replaced.
const quorum = `
writer: {ok: true, error: "", json: {acknowledged: 40, refused: 1, unknown: 0, last: entry 41 was acknowledged,
  streak: {acknowledged: true, count: 9, answering: [etcd-0, etcd-1, etcd-2]},
  members: {etcd-0: {serializable: {ok: true, entries: 40}, linearizable: {ok: true}}, etcd-1: {serializable: {ok: true, entries: 39}, linearizable: {ok: true}},
    etcd-2: {serializable: {ok: true, entries: 40}, linearizable: {ok: true}}},
  audit: {ok: true, error: "", audited: 39, missing: 0}}}
etcd0: &etcd {ok: true, error: "", json: {header: {cluster_id: "9"}, leader: "100"}}
etcd1: *etcd
etcd2: *etcd
list0: &list {ok: true, error: "", json: {header: {cluster_id: "9"}, members: [{ID: "100", name: etcd-0}, {ID: "111", name: etcd-1}, {ID: "102", name: etcd-2}]}}
list1: *list
list2: *list
claims:
- {metadata: {name: data-etcd-0, creationTimestamp: "2026-11-28T13:00:00Z"}}
- {metadata: {name: data-etcd-1, creationTimestamp: "2026-11-28T13:02:00Z"}}
- {metadata: {name: data-etcd-2, creationTimestamp: "2026-11-28T13:00:01Z"}}
pods:
- {metadata: {name: etcd-0, creationTimestamp: "2026-11-28T13:00:00Z"}}
- {metadata: {name: etcd-1, creationTimestamp: "2026-11-28T13:02:00Z"}}
- {metadata: {name: etcd-2, creationTimestamp: "2026-11-28T13:00:01Z"}}
sets: [{metadata: {name: etcd}}]
`

// links is what is seen of a store that has been replaced with its claim.
const links = `
shortener: {metadata: {name: shortener}}
storeService: {metadata: {name: store}, spec: {selector: {tier: data}}}
report: {ok: true, error: "", json: {state: done, beganAt: "2026-11-28T12:00:00Z", doneAt: "2026-11-28T12:00:02Z",
  lookedAt: "2026-11-28T12:01:30Z", links: 60, codes: 60, right: 60, wrong: 0, missing: 0, unanswered: 0, pods: {a: 30, b: 30}, stores: {"5e9c": 60}}}
store: {ok: true, error: "", replies: {links: 60, codes: 60, log: {appendonly: "yes"}, server: {run_id: "5e9c"}}}
claims: [{metadata: {name: links}, status: {phase: Bound}}]
pods:
- metadata: {name: redis-0, labels: {tier: data}}
  spec: {volumes: [{name: data, persistentVolumeClaim: {claimName: links}}]}
  status: {phase: Running, startTime: "2026-11-28T12:01:00Z", conditions: [{type: Ready, status: "True"}]}
`

// counted is what is seen of a program that counts right on two workers.
const counted = `
master: {ok: true, error: "", json: {aliveworkers: 2, cores: 2, workers: [{host: 10.0.0.1, state: ALIVE}, {host: 10.0.0.2, state: ALIVE}],
  completedapps: [{id: app-20261128120000-0000, state: FINISHED, starttime: 1000000, duration: 30000}]}}
library: {ok: true, error: "", json: {pages: 8, words: 90, last: {app: app-20261128120000-0000, pages: 8, readers: {10.0.0.1: 4, 10.0.0.2: 4},
  parts: 3, of: 3, writers: {10.0.0.1: 2, 10.0.0.2: 1}, writtenAt: 1029000, right: 90, wrong: 0, missing: 0, unknown: 0}}}
pods: [{metadata: {name: one}, status: {phase: Running, podIP: 10.0.0.1}}, {metadata: {name: two}, status: {phase: Running, podIP: 10.0.0.2}},
  {metadata: {name: driver}, status: {phase: Succeeded, podIP: 10.0.0.3}}]
`

// prices is what is seen of a cache that was away and is back.
const prices = `
prices: {metadata: {name: prices}}
services: [{metadata: {name: cache}, spec: {selector: {tier: fast}}}]
pods:
- {metadata: {name: prices-0, creationTimestamp: "2026-11-28T11:00:00Z"}, status: {phase: Running}}
- metadata: {name: redis-0, labels: {tier: fast}}
  status: {phase: Running, startTime: "2026-11-28T12:01:00Z", conditions: [{type: Ready, status: "True"}]}
report: {ok: true, error: "", json: {state: done,
  last: &last {beganAt: "2026-11-28T12:01:10Z", endedAt: "2026-11-28T12:01:30Z", requests: 1200, errors: 0, fromCache: 1150, p95Millis: 12, maxStaleMillis: 9000, pods: {prices-0: 1200}},
  measurements: [{beganAt: "2026-11-28T12:00:20Z", endedAt: "2026-11-28T12:00:40Z", requests: 1200, errors: 0, fromCache: 0, p95Millis: 308, pods: {prices-0: 1200}}, *last]}}
store: {ok: true, error: "", replies: {memory: {maxmemory: 33554432}, policy: {maxmemory-policy: allkeys-lru}, keyspace: {}, stats: {keyspace_hits: 1150}}}
`

// TestVerdictsInAnyEnvironment holds the exercises to what was found to pass for nothing, and to right work that was refused.
func TestVerdictsInAnyEnvironment(t *testing.T) {
	members := map[string]map[string]string{
		"quorum": {"ids": "100 101 102"}, "twoLost": {"ids": "100 101 102"}, "recovered": {"ids": "100 101 102"},
	}
	for name, tc := range map[string]struct {
		exercise, task, state, patch string
		done                         map[string]map[string]string
		params                       map[string]any
		// says is part of what the learner reads; empty means that the task is passed.
		says string
	}{
		"a StatefulSet replaced the pod under its name": {exercise: "container-storage", task: "claim", state: diary},
		"a pod without the label wrote": {exercise: "container-storage", task: "claim", state: diary, says: "no entry is older than the pod diary-0",
			patch: `book: {json: {entries: [{text: kept, pod: helper, life: one, at: "2026-11-28T12:00:09Z"}]}}`},
		"an entry by hand, without a time": {exercise: "container-storage", task: "claim", state: diary, says: "none is older than it",
			patch: `book: {json: {entries: [{text: kept, pod: diary-0, life: one}]}}`},
		"something is mounted, however its path is written": {exercise: "container-storage", task: "write", state: diary,
			params: map[string]any{"word": "kept"}, says: "a volume is mounted at /home/nonroot/diary",
			patch: `book: {json: {life: one}}`},
		"the pod has another UID": {exercise: "container-storage", task: "replaced", state: diary, done: map[string]map[string]string{"pod": {"pod": "first"}},
			patch: `
book: {json: {entries: []}}
pods:
- metadata: {name: diary-0, uid: second}
  spec: {volumes: [{name: kept, emptyDir: {}}], containers: [{name: diary, volumeMounts: [{name: kept, mountPath: /home/nonroot/diary}]}]}
  status: {phase: Running}`},
		"the workload is gone": {exercise: "container-storage", task: "write", state: diary, params: map[string]any{"word": "kept"},
			says: "Set spec.environment of the Lab to Absent, then to Present", patch: `
book: {ok: false, error: no pod behind Service diary runs, reason: NotRunning, json: null}
pods: []`},

		"a member is replaced after a break": {exercise: "etcd-quorum", task: "replaced", state: quorum, done: members, params: map[string]any{"member": "etcd-1"}},
		"another member was replaced as well": {exercise: "etcd-quorum", task: "replaced", state: quorum, done: members, params: map[string]any{"member": "etcd-1"},
			patch: `
list0: &list {json: {members: [{ID: "110", name: etcd-0}, {ID: "111", name: etcd-1}, {ID: "102", name: etcd-2}]}}
list1: *list
list2: *list`},
		"another member was replaced instead": {exercise: "etcd-quorum", task: "replaced", state: quorum, done: members, params: map[string]any{"member": "etcd-0"},
			says: "Replace etcd-0, also if you have replaced another"},
		"the disk is kept after a break": {exercise: "etcd-quorum", task: "replaced", state: quorum, done: members, params: map[string]any{"member": "etcd-1"},
			says: "its claim is still the one that it had", patch: `
claims:
- {metadata: {name: data-etcd-0, creationTimestamp: "2026-11-28T13:00:00Z"}}
- {metadata: {name: data-etcd-1, creationTimestamp: "2026-11-28T13:00:01Z"}}
- {metadata: {name: data-etcd-2, creationTimestamp: "2026-11-28T13:00:01Z"}}`},
		"nobody came back": {exercise: "etcd-quorum", task: "recovered", state: quorum, done: members, params: map[string]any{"member": "etcd-1"},
			says: "In a fresh environment, lose two members again"},
		"two came back, with a member that was replaced before": {exercise: "etcd-quorum", task: "recovered", state: quorum, params: map[string]any{"member": "etcd-1"},
			done: map[string]map[string]string{"quorum": {"ids": "100 101 102"}, "twoLost": {"ids": "100 111 102"}}, patch: `
pods:
- {metadata: {name: etcd-0, creationTimestamp: "2026-11-28T13:00:00Z"}}
- {metadata: {name: etcd-1, creationTimestamp: "2026-11-28T13:05:00Z"}}
- {metadata: {name: etcd-2, creationTimestamp: "2026-11-28T13:05:00Z"}}`},
		"a cluster that was forced, with two members that were added": {exercise: "etcd-quorum", task: "recovered", state: quorum, done: members,
			params: map[string]any{"member": "etcd-1"}, says: "those from before the loss: 1, 1, 1. A member that has left", patch: `
list0: &list {json: {members: [{ID: "100", name: etcd-0}, {ID: "111", name: etcd-1}, {ID: "112", name: etcd-2}]}}
list1: *list
list2: *list`},

		"the store is a StatefulSet with other labels": {exercise: "url-shortener", task: "replace", state: links},
		"a second Redis behind the Service": {exercise: "url-shortener", task: "keep", state: links, says: "Pod decoy uses no claim", patch: `
storeService: {spec: {selector: {tier: decoy}}}
pods:
- {metadata: {name: decoy, labels: {tier: decoy}}, spec: {volumes: []}, status: {phase: Running, startTime: "2026-11-28T11:00:00Z", conditions: [{type: Ready, status: "True"}]}}`},
		"a second Redis by a flag": {exercise: "url-shortener", task: "replace", state: links, says: "the shortener keeps them in another Redis",
			patch: `report: {json: {stores: {"5e9c": null, "77aa": 60}}}`},
		"two stores behind the Service": {exercise: "url-shortener", task: "replace", state: links, says: "pods behind the Service store: 2", patch: `
pods:
- {metadata: {name: redis-0, labels: {tier: data}}, spec: {}, status: {phase: Running, startTime: "2026-11-28T12:01:00Z", conditions: [{type: Ready, status: "True"}]}}
- {metadata: {name: redis-1, labels: {tier: data}}, spec: {}, status: {phase: Running, startTime: "2026-11-28T12:01:00Z", conditions: [{type: Ready, status: "True"}]}}`},
		"numbers of an earlier campaign": {exercise: "url-shortener", task: "replace", state: links, says: "Empty the store",
			patch: `store: {replies: {links: 60, codes: 120}}`},

		"counted on workers": {exercise: "spark-job", task: "right", state: counted},
		"a result that was brought from elsewhere": {exercise: "spark-job", task: "right", state: counted, says: "1 from 127.0.0.1 (no worker)",
			patch: `library: {json: {last: {writers: {127.0.0.1: 1}}}}`},
		"a result that came later": {exercise: "spark-job", task: "right", state: counted, says: "the last one came after the application had ended",
			patch: `library: {json: {last: {writtenAt: 1099000}}}`},
		"a pod that the master does not know": {exercise: "spark-job", task: "shared", state: counted, says: "10.0.0.2 (no worker)",
			patch: `master: {json: {workers: [{host: 10.0.0.1, state: ALIVE}]}}`},
		"four workers": {exercise: "spark-job", task: "workers", state: counted, says: "leaves no memory for a driver", patch: `
master: {json: {aliveworkers: 4, cores: 4, workers: [{host: a, state: ALIVE}, {host: b, state: ALIVE}, {host: c, state: ALIVE}, {host: d, state: ALIVE}]}}
pods: [{metadata: {}, status: {phase: Running, podIP: a}}, {metadata: {}, status: {phase: Running, podIP: b}}, {metadata: {}, status: {phase: Running, podIP: c}}, {metadata: {}, status: {phase: Running, podIP: d}}]`},

		"a cache with other labels was away": {exercise: "cache-aside", task: "survive", state: prices, done: map[string]map[string]string{"before": {"p95": "308"}}, params: map[string]any{"seconds": int64(12)}},
		"measured before at the upper bound": {exercise: "cache-aside", task: "survive", state: prices, done: map[string]map[string]string{"before": {"p95": "600"}}, params: map[string]any{"seconds": int64(12)}},
		"another pod of the same name": {exercise: "cache-aside", task: "survive", state: prices, done: map[string]map[string]string{"before": {"p95": "308"}}, params: map[string]any{"seconds": int64(12)},
			says: "leave the pods of prices alone", patch: `
pods:
- {metadata: {name: prices-0, creationTimestamp: "2026-11-28T12:00:50Z"}, status: {phase: Running}}
- metadata: {name: redis-0, labels: {tier: fast}}
  status: {phase: Running, startTime: "2026-11-28T12:01:00Z", conditions: [{type: Ready, status: "True"}]}`},
		"the bounds are told": {exercise: "cache-aside", task: "survive", state: prices, done: map[string]map[string]string{"before": {"p95": "308"}}, params: map[string]any{"seconds": int64(12)},
			says:  "p95 301 ms, at most 154 needed; 1072 of 1200 answers from the cache, at least 1080 needed",
			patch: `report: {json: {last: {fromCache: 1072, p95Millis: 301}}}`},
		"a source that was made slower": {exercise: "cache-aside", task: "before", state: prices, says: "leave --slow=300ms",
			patch: `report: {json: {last: {fromCache: 0, p95Millis: 706}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			c := compile(t, tc.exercise)
			r := scene{StartedAt: time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)}
			if err := yaml.Unmarshal([]byte(tc.state), &r.evidence); err != nil {
				t.Fatal(err)
			}
			r = r.but(t, tc.patch)
			in := check.Input{
				Evidence: r.snapshot(c.spec), Params: tc.params, Now: r.StartedAt.Add(4 * time.Hour),
				Lab: check.LabInfo{Name: "lab", Namespace: "lab-lab", StartedAt: r.StartedAt}, Holds: map[string]time.Time{tc.task: r.StartedAt},
			}
			for _, task := range c.spec.Tasks {
				if task.Name == tc.task {
					break
				}
				at := r.StartedAt.Add(time.Hour)
				in.Tasks = append(in.Tasks, check.TaskState{Name: task.Name, OpenedAt: at, PassedAt: at, Outputs: tc.done[task.Name]})
			}
			result := c.judge.Evaluate(t.Context(), in)
			if len(result.Faults) > 0 {
				t.Errorf("the exercise is at fault: %v", result.Faults)
			}
			left := unmet(taskOf(t, result, tc.task))
			for _, verdict := range taskOf(t, result, tc.task).Checks {
				if verdict.State == v1beta1.CheckError {
					t.Errorf("%s: %s", verdict.Expected, verdict.Observed)
				}
			}
			if (left == "") != (tc.says == "") || !strings.Contains(left, tc.says) {
				t.Errorf("the learner reads:\n%s\nwant: %s", left, tc.says)
			}
		})
	}
}
