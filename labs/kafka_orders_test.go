package labs

import "testing"

func TestKafkaOrdersVerdicts(t *testing.T) {
	ledger := func(fields string) string { return `ledger: {json: {` + fields + `}}` }
	judgeAll(t, "kafka-orders", "survived", nil, map[string]verdict{
		"drain: drained": {task: "drain"},
		"drain: the topic is a new one with one partition": {task: "drain", patch: `
kafka: {topics: {orders: {partitions: 1}}, groups: {fulfillment: {members: [{client: a, assigned: 1, host: x, partitions: {orders: [0]}}, {client: b, assigned: 0, host: y, partitions: {}}], memberCount: 2}}}`,
			says: "with work for 1 of 2 members. The topic orders has 1 partition again: give it three"},
		"drain: orders were skipped": {task: "drain", patch: ledger(`skipped: 900`),
			says: "900 acknowledged orders were skipped and never fulfilled, 200 of them before the lab began"},
		"replay: the group went back":                  {task: "replay"},
		"replay: another group did it":                 {task: "replay", patch: ledger(`rewound: 0`), says: "the group fulfillment was set back by 0 orders, and it had skipped 200"},
		"replay: some are left":                        {task: "replay", patch: ledger(`skipped: 100, rewound: 4000`), says: "100 orders lie before the offsets that the group has committed"},
		"survive: the pod was replaced":                {task: "survive"},
		"survive: the pod of the start":                {task: "survive", patch: ledger(`book: {openedAt: "2026-11-28T10:16:00Z"}`), says: "Whether it outlives the pod shows when the pod is deleted"},
		"survive: the topic was lost":                  {task: "survive", patch: ledger(`lost: 70, book: {openedAt: "2026-11-28T10:16:00Z"}`), says: "70 acknowledged orders were lost with the topic before it"},
		"survive: orders are missing":                  {task: "survive", patch: ledger(`audit: {missing: 3, found: 8997}`), says: "8997 orders are at their offsets, 3 are missing"},
		"survive: another broker behind the Service":   {task: "survive", patch: `behind: [{metadata: {name: decoy-0, uid: p-9}}]`, says: "pods with the label app=kafka: decoy-0"},
		"survive: two brokers behind it":               {task: "survive", patch: `behind: [{metadata: {name: decoy-0, uid: p-9}}, {metadata: {name: kafka-0, uid: p-2}}]`, says: "pods with the label app=kafka: decoy-0, kafka-0"},
		"survive: a pod of that name, by hand":         {task: "survive", patch: `broker: {metadata: {ownerReferences: null}}`, says: "the pod kafka-0 is not of the StatefulSet kafka"},
		"survive: the StatefulSet deleted":             {task: "survive", patch: `{broker: null, brokers: null, behind: []}`, says: "there is no StatefulSet named kafka: the lab began with it. Create it again, or start a fresh environment"},
		"survive: the pod is not there for the moment": {task: "survive", patch: `{broker: null, behind: []}`, says: "there is no Pod named kafka-0"},
	})
}
