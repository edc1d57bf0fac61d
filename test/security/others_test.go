//go:build cluster

package security

import (
	"fmt"
	"net/http"
	"testing"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// onOthers are attacks on the labs of others, and on what is the cluster's to look at.
func (s *stage) onOthers() map[string]attack {
	theirs := s.alice.environment
	rules := named("v1", "ConfigMap", theirs, "rules")
	planted := object(theirs, `{apiVersion: v1, kind: ConfigMap, metadata: {name: note}, data: {word: planted}}`)
	pod := object(theirs, fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: planted}, spec: %s}`, podSpec("")))
	slice := object(theirs, `{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: home-1, labels: {kubernetes.io/service-name: home}}, addressType: IPv4, ports: [{port: 8080}], endpoints: []}`)
	return map[string]attack{
		"read another's objects":        s.refused("another's solution", list("v1", "ConfigMap", theirs), noRight("list", "configmaps")),
		"read another's Secrets":        s.refused("another's credentials", list("v1", "Secret", theirs), noRight("list", "secrets")),
		"read another's pods":           s.refused("another's solution", list("v1", "Pod", theirs), noRight("list", "pods")),
		"plant a solution in another's": s.refused("a pass that is not another's own", create(planted), noRight("create", "configmaps")),
		"start a pod in another's":      s.refused("another's quota, used up", create(pod), noRight("create", "pods")),
		"delete another's objects":      s.refused("another's work, undone", remove(rules), noRight("delete", "configmaps")),
		"lead another's service astray": s.refused("another's traffic", create(slice), noRight("create", "endpointslices")),
		"enter another's pod":           s.intoPod("another's work", theirs, "guard-", "exec"),
		"dial another's pod":            s.intoPod("another's doors", theirs, "guard-", "portforward"),
		"read another's log":            s.intoPod("another's work", theirs, "guard-", "log"),
		"read what others use": s.refused("knowledge of others", list("metrics.k8s.io/v1beta1", "PodMetrics", theirs),
			refusal{http.StatusForbidden, fmt.Sprintf("User %q cannot list resource %q in API group %q", mallory, "pods", "metrics.k8s.io")}),
		"read everybody's pods":        s.refused("knowledge of others", list("v1", "Pod", ""), noRight("list", "pods")),
		"read everybody's Secrets":     s.refused("everybody's credentials", list("v1", "Secret", ""), noRight("list", "secrets")),
		"read the names of namespaces": s.refused("knowledge of others", list("v1", "Namespace", ""), noRight("list", "namespaces")),
		"read another's namespace":     s.refused("knowledge of others", read(named("v1", "Namespace", "", theirs)), noRight("get", "namespaces")),
		"read the cluster's DNS":       s.refused("the cluster", list("v1", "ConfigMap", "kube-system"), noRight("list", "configmaps")),
		"read the cluster's tokens":    s.refused("the cluster", list("v1", "Secret", "kube-system"), noRight("list", "secrets")),
	}
}

// raw is a plain request of a path of the API server.
func (s *stage) raw(gain, path, words string) attack {
	return attack{gain: gain, try: func(t *testing.T) {
		ask := func(config *rest.Config) error {
			typed, err := kubernetes.NewForConfig(config)
			must(t, err)
			return typed.Discovery().RESTClient().Get().RequestURI(path).Do(t.Context()).Error()
		}
		if err := (refusal{http.StatusForbidden, words}).check(ask(s.mallory.config)); err != nil {
			t.Error(err)
		}
		if err := ask(s.config); err != nil {
			t.Errorf("it is not well-formed: the administrator gets %v", err)
		}
	}}
}
