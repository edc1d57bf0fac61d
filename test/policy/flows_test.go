package policy

import (
	"net/http"
	"sync"
	"testing"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// flows notes which flow schema the API server put the latest answer to.
type flows struct {
	http.RoundTripper
	mu     sync.Mutex
	schema string
}

// RoundTrip sends a request.
func (f *flows) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := f.RoundTripper.RoundTrip(request)
	if err == nil {
		f.mu.Lock()
		f.schema = response.Header.Get(flowcontrolv1.ResponseHeaderMatchedFlowSchemaUID)
		f.mu.Unlock()
	}
	return response, err
}

// matched is the flow schema of the latest request.
func (f *flows) matched() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.schema
}

// tryFlows shows whose requests wait behind whose: a learner's behind those of learners, the operator's behind none of theirs.
func (c *cluster) tryFlows(t *testing.T) {
	tests := map[string]struct {
		config *rest.Config
		want   string
	}{
		"a learner":                         {c.tokens[learner], "lab-operator-learners"},
		"the operator":                      {c.tokens[operator], "lab-operator"},
		"the deployer, as the operator":     {c.impersonating(deployer, "system:serviceaccounts"), "lab-operator"},
		"a controller of the cluster's":     {c.impersonating(garbageCollector, "system:serviceaccounts", "system:serviceaccounts:kube-system"), "kube-system-service-accounts"},
		"the controller manager":            {c.impersonating(controllerManager), "kube-controller-manager"},
		"somebody who is no ServiceAccount": {c.impersonating(editor), "global-default"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			schema := &flowcontrolv1.FlowSchema{}
			c.must(t, c.admin.Get(t.Context(), client.ObjectKey{Name: tc.want}, schema))
			seen := &flows{}
			config := rest.CopyConfig(tc.config)
			config.Wrap(func(next http.RoundTripper) http.RoundTripper {
				seen.RoundTripper = next
				return seen
			})
			typed, err := kubernetes.NewForConfig(config)
			c.must(t, err)
			c.eventually(t, func() bool {
				_ = typed.RESTClient().Get().AbsPath("/api/v1/namespaces/" + labNamespace + "/configmaps").Do(t.Context()).Error()
				return seen.matched() == string(schema.UID)
			})
		})
	}
}

// impersonating is a configuration of the administrator who acts as a user, with the groups that anybody who has logged in has
// and some more.
func (c *cluster) impersonating(user string, groups ...string) *rest.Config {
	config := rest.CopyConfig(c.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: append([]string{"system:authenticated"}, groups...)}
	return config
}
