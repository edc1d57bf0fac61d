package upgrade

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// start is the time in all fixtures at which everything happened that had happened when they were written.
var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// rewrite returns a copy of a JSON value in which each text is what change makes of it. Names of fields stay.
func rewrite(value any, change func(string) string) any {
	switch value := value.(type) {
	case string:
		return change(value)
	case map[string]any:
		copied := make(map[string]any, len(value))
		for key, item := range value {
			copied[key] = rewrite(item, change)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, item := range value {
			copied[i] = rewrite(item, change)
		}
		return copied
	default:
		return value
	}
}

// moved replaces the UIDs that are known and moves times. It moves them by whole periods: with a long one, all that happened
// in a short run happened at once.
func moved(uids map[string]string, from, to time.Time, period time.Duration) func(string) string {
	return func(text string) string {
		if uid, known := uids[text]; known {
			return uid
		}
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return to.Add(at.Sub(from).Round(period)).UTC().Format(time.RFC3339)
		}
		return text
	}
}

// took is how long a lab took, as status.next says it.
var took = regexp.MustCompile(`^Completed in [0-9hms]+\.`)

// portable returns what another API server can be given of an object, without what differs between two runs.
func portable(object map[string]any, change func(string) string) map[string]any {
	copied := rewrite(object, func(text string) string {
		return took.ReplaceAllString(change(text), "Completed in 0s.")
	}).(map[string]any)
	metadata := copied["metadata"].(map[string]any)
	for _, field := range []string{"creationTimestamp", "generation", "managedFields", "resourceVersion"} {
		delete(metadata, field)
	}
	switch copied["kind"] {
	case "Namespace", "ResourceQuota": // controllers of Kubernetes fill these in
		delete(copied, "status")
	case "Secret":
		copied["data"] = map[string]any{}
	}
	if copied["kind"] == "Namespace" {
		delete(copied, "spec")
	}
	// An object that is created again has generation 1.
	if status, ok := copied["status"].(map[string]any); ok {
		first := func(of map[string]any) {
			if _, observed := of["observedGeneration"]; observed {
				of["observedGeneration"] = int64(1)
			}
		}
		first(status)
		conditions, _ := status["conditions"].([]any)
		for _, condition := range conditions {
			first(condition.(map[string]any))
		}
	}
	return copied
}

func TestPortable(t *testing.T) {
	began := time.Date(2020, 5, 5, 10, 0, 0, 0, time.UTC)
	change := moved(map[string]string{"1-2": "lab-a"}, began, start, time.Hour)
	for name, tc := range map[string]struct{ object, want map[string]any }{
		"UIDs, in labels, owners and the status": {
			map[string]any{
				"metadata": map[string]any{"uid": "1-2", "labels": map[string]any{"1-2": "1-2"}, "ownerReferences": []any{map[string]any{"uid": "1-2"}}},
				"status":   map[string]any{"environment": map[string]any{"namespaceUID": "1-2"}},
			},
			map[string]any{
				"metadata": map[string]any{"uid": "lab-a", "labels": map[string]any{"1-2": "lab-a"}, "ownerReferences": []any{map[string]any{"uid": "lab-a"}}},
				"status":   map[string]any{"environment": map[string]any{"namespaceUID": "lab-a"}},
			},
		},
		"a UID within a text and one that is not known stay": {
			map[string]any{"metadata": map[string]any{"uid": "3-4", "name": "x-1-2"}},
			map[string]any{"metadata": map[string]any{"uid": "3-4", "name": "x-1-2"}},
		},
		"times": {
			map[string]any{"metadata": map[string]any{}, "spec": map[string]any{"at": "2020-05-05T10:00:59Z", "closesAt": "2020-05-07T10:01:02Z"}},
			map[string]any{"metadata": map[string]any{}, "spec": map[string]any{"at": "2000-01-01T00:00:00Z", "closesAt": "2000-01-03T00:00:00Z"}},
		},
		"what a server gives, and a duration": {
			map[string]any{
				"metadata": map[string]any{"name": "a", "resourceVersion": "7", "generation": int64(3)},
				"status": map[string]any{"next": "Completed in 1m2s. Next.", "observedGeneration": int64(3), "conditions": []any{
					map[string]any{"observedGeneration": int64(3)}, map[string]any{"type": "Ready"}}},
			},
			map[string]any{
				"metadata": map[string]any{"name": "a"},
				"status": map[string]any{"next": "Completed in 0s. Next.", "observedGeneration": int64(1), "conditions": []any{
					map[string]any{"observedGeneration": int64(1)}, map[string]any{"type": "Ready"}}},
			},
		},
		"a token": {
			map[string]any{"kind": "Secret", "metadata": map[string]any{}, "data": map[string]any{"kubeconfig": "c2VjcmV0"}},
			map[string]any{"kind": "Secret", "metadata": map[string]any{}, "data": map[string]any{}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, portable(tc.object, change)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
