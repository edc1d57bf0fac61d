package labs

import (
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// tookOver is what is seen when alpha is gone and beta leads in its place, with nothing missing.
const tookOver = `
ledger: {ok: true, error: "", json: {acknowledged: 60, held: 1, mode: "on", last: entry 61 was acknowledged,
  streak: {system: "77", timeline: 2, acknowledged: 20, guarded: 0},
  reigns: [{system: "77", timeline: 1, acknowledged: 40, guarded: 12}, {system: "77", timeline: 2, acknowledged: 20, guarded: 0}],
  servers: {alpha: {ok: false, error: no answer in time}, beta: {ok: true, error: "", recovering: false, entries: 60, behind: 0}},
  audit: {ok: true, error: "", system: "77", timeline: 2, audited: 60, missing: 0}}}
alpha: {ok: false, error: there is no pod alpha-0, reason: NotFound}
beta: {ok: true, error: "", rows: [{recovering: false, system: "77", timeline: 2, unapplied: 0, receiver: "", directed: true, standbys: [], replaced: ""}]}
betaPod: {metadata: {name: beta-0}, status: {phase: Running, podIP: 10.0.0.2}}
servers: [{metadata: {name: alpha}, spec: {replicas: 0}}, {metadata: {name: beta}, spec: {replicas: 1}}]
pods: [{metadata: {name: beta-0}}, {metadata: {name: ledger-1}}]
`

// guarding is what is seen while beta follows alpha, which waits for it.
const guarding = `
ledger: {json: {streak: {system: "77", timeline: 1, acknowledged: 30, guarded: 12},
  reigns: [{system: "77", timeline: 1, acknowledged: 40, guarded: 12}],
  servers: {alpha: {ok: true, error: "", entries: 40, behind: 0}, beta: {recovering: true, entries: 40}},
  audit: {timeline: 1, audited: 40}}}
alpha: {ok: true, error: "", reason: null, rows: [{recovering: false, system: "77", timeline: 1, unapplied: 0, receiver: "", directed: false,
  standbys: [{name: beta, address: 10.0.0.2, state: streaming, sync: sync}], replaced: ""}]}
beta: {rows: [{recovering: true, system: "77", timeline: 1, unapplied: 0, receiver: streaming, directed: true, standbys: [], replaced: ""}]}
servers: [{metadata: {name: alpha}, spec: {replicas: 1}}, {metadata: {name: beta}, spec: {replicas: 1}}]
pods: [{metadata: {name: alpha-0}}, {metadata: {name: beta-0}}, {metadata: {name: ledger-1}}]
`

func TestStreamingReplicationVerdicts(t *testing.T) {
	exercise := compile(t, "streaming-replication")
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		task, state, patch string
		// says is part of what the learner reads; empty means that the task is passed.
		says string
	}{
		"follow: it does": {task: "follow", state: guarding},
		"follow: beta has no address": {task: "follow", state: guarding, says: "its primary_conninfo is empty", patch: `
alpha: {rows: [{recovering: false, system: "77", timeline: 1, directed: false, standbys: [], replaced: ""}]}
beta: {rows: [{recovering: true, system: "77", timeline: 1, unapplied: 0, receiver: "", directed: false, standbys: [], replaced: ""}]}`},
		"follow: alpha has functions of the learner's": {task: "follow", state: guarding, says: "replaced on alpha: pg_stat_get_wal_senders", patch: `
alpha: {rows: [{recovering: false, system: "77", timeline: 1, directed: false, replaced: pg_stat_get_wal_senders,
  standbys: [{name: beta, address: 10.0.0.2, state: streaming, sync: sync}]}]}`},

		"synchronous: it is": {task: "synchronous", state: guarding},
		"synchronous: in the memory of beta": {task: "synchronous", state: guarding, says: "synchronous_commit = remote_write, which does not wait for the disk",
			patch: `ledger: {json: {mode: remote_write, streak: {guarded: 0}}}`},
		"synchronous: the ledger writes elsewhere": {task: "synchronous", state: guarding, says: "let the Service primary lead to alpha",
			patch: `ledger: {json: {streak: {system: "78"}}}`},
		"synchronous: nothing has waited in vain in this environment": {task: "synchronous", state: guarding, says: "none has waited in vain",
			patch: `ledger: {json: {held: 0}}`},

		"failover: done": {task: "failover", state: tookOver},
		"failover: done on a later timeline": {task: "failover", state: tookOver, patch: `
ledger: {json: {streak: {timeline: 5}, audit: {timeline: 5},
  reigns: [{system: "77", timeline: 3, acknowledged: 9, guarded: 0}, {system: "77", timeline: 4, acknowledged: 40, guarded: 4},
    {system: "77", timeline: 5, acknowledged: 20, guarded: 0}]}}
beta: {rows: [{recovering: false, system: "77", timeline: 5, unapplied: 0, receiver: "", directed: true, standbys: [], replaced: ""}]}`},
		"failover: alpha runs": {task: "failover", state: guarding, says: "beta is still a follower"},
		"failover: the clients were sent to a follower": {task: "failover", state: tookOver, says: "they were read from a follower: promote it", patch: `
ledger: {json: {streak: {timeline: 1}, reigns: [{system: "77", timeline: 1, acknowledged: 40, guarded: 12}], audit: {timeline: 0}}}
beta: {rows: [{recovering: true, system: "77", timeline: 1, unapplied: 0, receiver: "", directed: true, standbys: [], replaced: ""}]}`},
		"failover: started and not promoted": {task: "failover", state: tookOver, says: "it was started as a leader and not promoted", patch: `
ledger: {json: {streak: {timeline: 1}, reigns: [{system: "77", timeline: 1, acknowledged: 60, guarded: 12}], audit: {timeline: 1}}}
beta: {rows: [{recovering: false, system: "77", timeline: 1, unapplied: 0, receiver: "", directed: true, standbys: [], replaced: ""}]}`},
		"failover: another cluster": {task: "failover", state: tookOver, says: "it is another cluster", patch: `
beta: {rows: [{recovering: false, system: "78", timeline: 2, unapplied: 0, receiver: "", directed: true, standbys: [], replaced: ""}]}`},
		"failover: alpha had waited for nobody": {task: "failover", state: tookOver, says: "had not been confirmed by a standby", patch: `
ledger: {json: {reigns: [{system: "77", timeline: 1, acknowledged: 40, guarded: 0}, {system: "77", timeline: 2, acknowledged: 20, guarded: 0}]}}`},
		"failover: an earlier alpha had waited, the last one had not": {task: "failover", state: tookOver, says: "had not been confirmed by a standby", patch: `
ledger: {json: {streak: {timeline: 3}, audit: {timeline: 3}, reigns: [{system: "77", timeline: 1, acknowledged: 40, guarded: 12},
  {system: "77", timeline: 2, acknowledged: 9, guarded: 0}, {system: "77", timeline: 3, acknowledged: 20, guarded: 20}]}}
beta: {rows: [{recovering: false, system: "77", timeline: 3, unapplied: 0, receiver: "", directed: true, standbys: [], replaced: ""}]}`},
		"failover: entries are missing": {task: "failover", state: tookOver, says: "that takes a fresh environment (set spec.environment",
			patch: `ledger: {json: {audit: {missing: 11}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := scene{Now: at, StartedAt: at.Add(-time.Hour)}
			if err := yaml.Unmarshal([]byte(tookOver), &r.evidence); err != nil {
				t.Fatal(err)
			}
			if tc.state != tookOver {
				r = r.but(t, tc.state)
			}
			if tc.patch != "" {
				r = r.but(t, tc.patch)
			}
			lab := exercise.sit()
			lab.pass(tc.task, at.Add(-time.Minute))
			task := taskOf(t, lab.look(t, r, 0), tc.task)
			if passed := task.State == v1beta1.TaskPassed; passed != (tc.says == "") {
				t.Errorf("%s, and reads:\n%s", task.State, unmet(task))
			}
			if read := unmet(task); !strings.Contains(read, tc.says) {
				t.Errorf("should read %q, and reads:\n%s", tc.says, read)
			}
		})
	}
}
