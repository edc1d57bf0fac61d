package labs

import (
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// tuned is what is seen when everything is fast and nothing is left that costs.
const tuned = `
shop: {ok: true, error: "", count: 1, rows: [{orders: 150000, customers: 30000, checksum: -4318324650366368/432294551964398, kilobytes: 17100,
  bent: "", ordinary: 2, unknown: "", unattended: "", sold: 600, hot: 900, updated: 2400,
  history: {"Node Type": Limit, "Total Cost": 59.79, Plans: [{"Node Type": Index Scan, "Index Name": history, "Index Cond": (customer_id = 42)}]},
  history_any: {"Node Type": Limit, "Total Cost": 50.01},
  login: {"Node Type": Index Scan, "Total Cost": 8.43, "Plan Rows": 1, "Index Name": login, "Index Cond": "(lower(email) = 'ada.4240@example.org'::text)"},
  login_any: {"Node Type": Index Scan, "Total Cost": 8.43},
  worklist: {"Node Type": Limit, "Total Cost": 3.53, Plans: [{"Node Type": Index Scan, "Index Name": worklist}]},
  indexes: [
    {name: customers_pkey, table: customers, kilobytes: 672, partial: false, valid: true, used: false, key: true, touched: false},
    {name: history, table: orders, kilobytes: 4000, partial: false, valid: true, used: true, key: false, touched: false},
    {name: login, table: customers, kilobytes: 1300, partial: false, valid: true, used: true, key: false, touched: false},
    {name: orders_pkey, table: orders, kilobytes: 3312, partial: false, valid: true, used: true, key: true, touched: false},
    {name: worklist, table: orders, kilobytes: 16, partial: true, valid: true, used: true, key: false, touched: false}]}]}
suspects: {ok: true, error: "", count: 1, rows: [{queryid: "1", known: true, worst: true, calls: 40, percent: 60, counted: 420}]}
`

func TestPostgresTuningVerdicts(t *testing.T) {
	exercise := compile(t, "postgres-tuning")
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	outputs := map[string]map[string]string{
		"baseline": {"history": "3762.97", "login": "728", "worklist": "3736.59"},
		"worklist": {"hot": "40", "updated": "900", "sold": "500"},
	}
	for name, tc := range map[string]struct {
		task string
		// change is made to the one row of the evidence, a merge patch.
		evidence, change string
		// says is part of what the learner reads; empty means that the task is passed.
		says string
	}{
		"suspect: the worst":   {task: "suspect"},
		"suspect: another one": {task: "suspect", evidence: "suspects", change: `{worst: false}`, says: "another one took more"},
		"suspect: in the first seconds": {task: "suspect", evidence: "suspects", change: `{counted: 120}`,
			says: "it has counted 120 so far: wait until the totals mean something"},

		"history: fast": {task: "history"},
		"history: fast for one customer": {task: "history", evidence: "shop", change: `{history_any: {"Total Cost": 3468.79}}`,
			says: "the generic plan costs 3468.79, and before tuning the history cost 3762.97"},
		"history: a role has settings of its own": {task: "history", evidence: "shop", change: `{bent: enable_sort=off for the role dba}`,
			says: "not the default: enable_sort=off for the role dba"},

		"login: fast": {task: "login"},
		"login: fast for one address": {task: "login", evidence: "shop", change: `{login_any: {"Total Cost": 728}}`,
			says: "your index is good for some addresses only"},

		"weight: done": {task: "weight"},
		"weight: in a fresh environment, or after a crash, the counters began again": {task: "weight", evidence: "shop",
			change: `{sold: 3, hot: 10, updated: 12}`},
		"weight: a fresh environment, too early": {task: "weight", evidence: "shop", change: `{sold: 2, hot: 0, updated: 8}`,
			says: "since then it has written 2 orders, and 0 of its 8 updates were HOT"},
		"weight: too early": {task: "weight", evidence: "shop", change: `{sold: 502, hot: 44, updated: 908}`,
			says: "since then it has written 2 orders, and 4 of its 8 updates were HOT"},
		"weight: an index that no statement uses": {task: "weight", evidence: "shop", says: "not valid: 1 of 1 indexes, with 1032 kB", change: `
{indexes: [{name: orders_channel, table: orders, kilobytes: 1032, partial: false, valid: true, used: false, key: false, touched: false}]}`},
		"weight: good for some customers only": {task: "weight", evidence: "shop", change: `{history_any: {"Total Cost": 3468.79}}`,
			says: "your index is good for some customers only"},
	} {
		t.Run(name, func(t *testing.T) {
			r := scene{Now: at, StartedAt: at.Add(-time.Hour)}
			if err := yaml.Unmarshal([]byte(tuned), &r.evidence); err != nil {
				t.Fatal(err)
			}
			if tc.change != "" {
				var change any
				if err := yaml.Unmarshal([]byte(tc.change), &change); err != nil {
					t.Fatal(err)
				}
				rows := r.evidence[tc.evidence].(map[string]any)["rows"].([]any)
				rows[0] = merge(rows[0], change)
			}
			lab := exercise.sit()
			for _, task := range exercise.spec.Tasks {
				if task.Name != tc.task {
					lab.tasks = append(lab.tasks, check.TaskState{Name: task.Name, OpenedAt: at, PassedAt: at, Outputs: outputs[task.Name]})
				}
			}
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
