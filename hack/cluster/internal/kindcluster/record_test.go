package kindcluster

import "testing"

func TestIsLoaded(t *testing.T) {
	for name, tc := range map[string]struct {
		docker, node string
		last         string
		want         bool
	}{
		"the same id":                           {"sha256:a", "sha256:a", "", true},
		"another id, and no record":             {"sha256:index", "sha256:a", "", false},
		"another id, loaded from here":          {"sha256:index", "sha256:a", "sha256:index sha256:a\n", true},
		"docker has another since":              {"sha256:newer", "sha256:a", "sha256:index sha256:a\n", false},
		"the node has another since":            {"sha256:index", "sha256:b", "sha256:index sha256:a\n", false},
		"a record that is not whole":            {"sha256:index", "sha256:a", "sha256:index", false},
		"an empty record and nothing to record": {"sha256:index", "", "\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := isLoaded(tc.docker, tc.node, parseRecord(tc.last)); got != tc.want {
				t.Errorf("loaded is %t, want %t", got, tc.want)
			}
		})
	}
}

func TestRecordPath(t *testing.T) {
	if got, want := recordPath("lab-operator/etcd:v3.7.3"), "/var/lib/lab-operator/images/lab-operator_etcd_v3.7.3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
