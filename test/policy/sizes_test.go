package policy

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

const (
	// manyEntries is more than any list of a learner's object needs.
	manyEntries = 1_000
	// floodOfEntries is what a request of ordinary size can hold.
	floodOfEntries = 14_000
	// longText is longer than what any text of a learner's object needs.
	longText = 300 << 10
)

// refusedWhole are parts of an object that a lab refuses however small they are.
func refusedWhole(at path) bool {
	allowed := []string{"name", "configMap", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
	if i := slices.Index(at, "volumes"); i >= 0 && len(at) > i+2 && !slices.Contains(allowed, at[i+2]) {
		return true
	}
	if i := slices.Index(at, "volumeClaimTemplates"); i >= 0 && at[i+2] == "status" {
		return true
	}
	i := slices.Index(at, "sources")
	return i >= 0 && len(at) > i+2 && !slices.Contains([]string{"configMap", "secret", "downwardAPI", "serviceAccountToken"}, at[i+2])
}

// TestEveryListIsBounded fills every list and map of every kind that learners create, one at a time. What is missing in
// config/policy/sizes.yaml, or comes with a later version of Kubernetes, is found here.
func TestEveryListIsBounded(t *testing.T) {
	policy := compilePolicy(t, "lab-operator-sizes")
	looked := 0
	for _, kind := range learnersKinds(t) {
		for _, at := range fields(kind.goType, nil, false) {
			looked++
			of := leafType(kind.goType, at)
			messages, _ := policy.refusals(t, kind.resource, kind.with(at, entries(of, manyEntries)))
			if len(messages) == 0 {
				t.Errorf("%s: %s may have %d entries", kind.resource.Resource, at, manyEntries)
			}
			if messages, _ = policy.refusals(t, kind.resource, kind.with(at, entries(of, 1))); len(messages) > 0 && !refusedWhole(at) {
				t.Errorf("%s: %s may not even have one entry: %v", kind.resource.Resource, at, messages)
			}
		}
	}
	if looked < 500 {
		t.Errorf("only %d lists and maps were found", looked)
	}
}

// TestAFloodIsRefusedCheaply is about objects with as many entries as a request can hold: to refuse them must cost little.
func TestAFloodIsRefusedCheaply(t *testing.T) {
	policy := compilePolicy(t, "lab-operator-sizes")
	for _, kind := range learnersKinds(t) {
		if kind.kind.Kind != "Deployment" {
			continue
		}
		for _, at := range fields(kind.goType, nil, false) {
			messages, cost := policy.refusals(t, kind.resource, kind.with(at, entries(leafType(kind.goType, at), floodOfEntries)))
			if len(messages) == 0 || cost > celconfig.RuntimeCELCostBudget/4 {
				t.Errorf("%s: it costs %d to refuse %d entries with %v", at, cost, floodOfEntries, messages)
			}
		}
	}
}

// TestACrowdIsRefusedCheaply is about more containers than a policy can look at, in what learners write and controllers make.
func TestACrowdIsRefusedCheaply(t *testing.T) {
	policy := compilePolicy(t, "lab-operator-workloads")
	looked := 0
	for _, kind := range learnersKinds(t) {
		if kind.kind.Kind != "Deployment" && kind.kind.Kind != "CronJob" {
			continue
		}
		for _, at := range fields(kind.goType, nil, false) {
			if last := at[len(at)-1]; last != "containers" && last != "initContainers" {
				continue
			}
			looked++
			messages, cost := policy.refusals(t, kind.resource, kind.with(at, entries(leafType(kind.goType, at), floodOfEntries)))
			if len(messages) != 1 || cost > celconfig.RuntimeCELCostBudget/1000 {
				t.Errorf("%s: it costs %d to refuse %d containers with %v", at, cost, floodOfEntries, messages)
			}
		}
	}
	if looked < 4 {
		t.Errorf("only %d lists of containers were found", looked)
	}
}

// TestEveryTextIsBounded makes long, one at a time, the texts of a pod that the API server itself does not bound. All others
// are names, labels or words of a fixed set.
func TestEveryTextIsBounded(t *testing.T) {
	policy := compilePolicy(t, "lab-operator-sizes")
	unbounded := regexp.MustCompile(strings.Join([]string{
		`\.(command|args)\.\[\]$`, `ontainers\.\[\]\.(image|workingDir|terminationMessagePath)$`, `\.env\.\[\]\.(name|value)$`,
		`\.envFrom\.\[\]\.prefix$`, `\.httpHeaders\.\[\]\.(name|value)$`, `\.httpGet\.(path|host)$`, `\.tcpSocket\.host$`, `\.grpc\.service$`,
		`\.volumeMounts\.\[\]\.(mountPath|subPath|subPathExpr)$`, `\.seLinuxOptions\.`, `\.schedulerName$`, `imagePullSecrets\.\[\]\.name$`,
		`\.dnsConfig\.options\.`, `\.items\.\[\]\.(key|path)$`, `\.serviceAccountToken\.`, `\.(configMap|secret)\.(name|secretName)$`, `\.claimName$`,
		`^secrets\.`, `metadata\.annotations\.`, `^(data|binaryData|stringData)\.`,
	}, "|"))
	found := map[string]bool{}
	for _, kind := range learnersKinds(t) {
		for _, at := range fields(kind.goType, nil, true) {
			where := unbounded.FindString(at.String())
			if where == "" || refusedWhole(at) {
				continue
			}
			found[where] = true
			if messages, _ := policy.refusals(t, kind.resource, kind.with(at, strings.Repeat("x", longText))); len(messages) == 0 {
				t.Errorf("%s: %s may have %d characters", kind.resource.Resource, at, longText)
			}
			if messages, _ := policy.refusals(t, kind.resource, kind.with(at, "x")); len(messages) > 0 {
				t.Errorf("%s: %s may not even have one character: %v", kind.resource.Resource, at, messages)
			}
		}
	}
	if len(found) < 30 {
		t.Errorf("only %d sorts of texts were found: %v", len(found), found)
	}
}
