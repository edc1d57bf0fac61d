package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
)

// grant is one verb on one resource: "verb group/resource", and " of name,name" where it is for those alone.
type grant = string

// grants spells out rules.
func grants(rules []rbacv1.PolicyRule) []grant {
	var all []grant
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					one := verb + " " + group + "/" + resource
					if len(rule.ResourceNames) > 0 {
						one += " of " + strings.Join(rule.ResourceNames, ",")
					}
					all = append(all, one)
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func clusterRoles(t *testing.T) map[string]rbacv1.ClusterRole {
	t.Helper()
	return ofKind[rbacv1.ClusterRole](t, manifests(t, configDir+"/rbac"), "ClusterRole")
}

func TestNoRoleHasAWildcard(t *testing.T) {
	rules := map[string][]rbacv1.PolicyRule{}
	for name, role := range clusterRoles(t) {
		rules["ClusterRole "+name] = role.Rules
	}
	for name, role := range ofKind[rbacv1.Role](t, manifests(t, configDir+"/rbac"), "Role") {
		rules["Role "+name] = role.Rules
	}
	for name, rules := range rules {
		for _, rule := range rules {
			for _, word := range slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs, rule.ResourceNames, rule.NonResourceURLs) {
				if strings.Contains(word, "*") {
					t.Errorf("%s has a wildcard: %v", name, rule)
				}
			}
			if len(rule.NonResourceURLs) > 0 {
				t.Errorf("%s has rights that are not about resources: %v", name, rule)
			}
		}
	}
}

// TestRightsInTheWholeCluster is about every ClusterRole that is bound for the cluster, and those aggregated into one.
func TestRightsInTheWholeCluster(t *testing.T) {
	roles := clusterRoles(t)
	bound := map[string]bool{}
	for _, binding := range ofKind[rbacv1.ClusterRoleBinding](t, manifests(t, configDir+"/rbac"), "ClusterRoleBinding") {
		bound[binding.RoleRef.Name] = true
	}
	for name, role := range roles {
		if role.Labels["learning.lab-operator.dev/aggregate-to-evidence"] == "true" {
			bound[name] = true
		}
	}
	want := []string{"lab-operator", "lab-operator-catalog-reader", "lab-operator-deployer-identity", "lab-operator-evidence", "lab-operator-evidence-core"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(bound))); diff != "" {
		t.Errorf("bound for the whole cluster (-want +got):\n%s", diff)
	}
	for name := range bound {
		for _, one := range grants(roles[name].Rules) {
			verb, resource, _ := strings.Cut(one, " ")
			switch {
			case strings.Contains(resource, "/secrets") && !slices.Contains([]string{"create", "patch", "delete"}, verb):
				t.Errorf("%s: %s: the operator reads no Secrets", name, one)
			case verb == "escalate" || verb == "impersonate" || verb == "administer":
				t.Errorf("%s: %s: no one has that in the whole cluster", name, one)
			case verb == "bind" && !strings.HasSuffix(one, " of lab-operator-deployer,lab-operator-learner,lab-operator-learner-labs,lab-operator-registrar"):
				t.Errorf("%s: %s: only the roles of a lab and of an attendee can be bound", name, one)
			case strings.Contains(resource, "/answerkeys"):
				t.Errorf("%s: %s: keys are read in the operator's namespace alone", name, one)
			case strings.HasPrefix(resource, "/pods/") || strings.HasSuffix(resource, "/proxy") || strings.HasSuffix(resource, "/token"):
				t.Errorf("%s: %s: no way into pods, proxies or tokens", name, one)
			}
		}
	}
}

// TestWhatTheOperatorWrites lists every right of the operator that is more than looking, so that another one is a decision.
func TestWhatTheOperatorWrites(t *testing.T) {
	looking := []string{"get", "list", "watch"}
	writes := func(rules []rbacv1.PolicyRule) []grant {
		return slices.DeleteFunc(grants(rules), func(one grant) bool {
			verb, _, _ := strings.Cut(one, " ")
			return slices.Contains(looking, verb)
		})
	}
	tests := map[string]struct {
		rules []rbacv1.PolicyRule
		want  []grant
	}{
		"in the whole cluster": {
			rules: clusterRoles(t)["lab-operator"].Rules,
			want: []grant{
				"bind rbac.authorization.k8s.io/clusterroles of lab-operator-deployer,lab-operator-learner,lab-operator-learner-labs,lab-operator-registrar",
				"create /limitranges", "create /namespaces", "create /resourcequotas", "create /secrets",
				"create events.k8s.io/events", "create learning.lab-operator.dev/exerciserevisions",
				"create learning.lab-operator.dev/labresults", "create learning.lab-operator.dev/labreviews", "create learning.lab-operator.dev/labs",
				"create networking.k8s.io/networkpolicies", "create rbac.authorization.k8s.io/rolebindings",
				"delete /namespaces", "delete /secrets",
				"delete learning.lab-operator.dev/exerciserevisions", "delete learning.lab-operator.dev/labresults", "delete learning.lab-operator.dev/labs",
				"operate learning.lab-operator.dev/labs",
				"patch /limitranges", "patch /resourcequotas", "patch /secrets",
				"patch events.k8s.io/events",
				"patch learning.lab-operator.dev/exercises/status", "patch learning.lab-operator.dev/labresults", "patch learning.lab-operator.dev/labreviews",
				"patch learning.lab-operator.dev/labs", "patch learning.lab-operator.dev/labs/status", "patch learning.lab-operator.dev/topics/status",
				"patch learning.lab-operator.dev/workshops", "patch learning.lab-operator.dev/workshops/status",
				"patch networking.k8s.io/networkpolicies", "patch rbac.authorization.k8s.io/rolebindings",
				"update learning.lab-operator.dev/exercises/status", "update learning.lab-operator.dev/labs",
				"update learning.lab-operator.dev/labs/finalizers", "update learning.lab-operator.dev/labs/status",
				"update learning.lab-operator.dev/topics/status", "update learning.lab-operator.dev/workshops",
				"update learning.lab-operator.dev/workshops/finalizers", "update learning.lab-operator.dev/workshops/status",
			},
		},
		"as evidence": {rules: clusterRoles(t)["lab-operator-evidence-core"].Rules, want: []grant{}},
		"in its own namespace": {
			rules: ofKind[rbacv1.Role](t, manifests(t, configDir+"/rbac"), "Role")["lab-operator"].Rules,
			want: []grant{
				"create /events", "create apps/controllerrevisions", "create coordination.k8s.io/leases", "create events.k8s.io/events",
				"delete apps/controllerrevisions",
				"impersonate /serviceaccounts of lab-deployer",
				"patch /events", "patch coordination.k8s.io/leases", "patch events.k8s.io/events",
				"update coordination.k8s.io/leases",
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, writes(tc.rules)); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvidenceCanBeWatched(t *testing.T) {
	has := grants(clusterRoles(t)["lab-operator-evidence-core"].Rules)
	for _, resource := range []string{
		"/pods", "/services", "/configmaps", "/persistentvolumeclaims", "/serviceaccounts", "/nodes", "/persistentvolumes",
		"apps/deployments", "apps/replicasets", "apps/statefulsets", "apps/daemonsets", "batch/jobs", "batch/cronjobs",
		"autoscaling/horizontalpodautoscalers", "policy/poddisruptionbudgets", "discovery.k8s.io/endpointslices",
		"networking.k8s.io/ingresses", "networking.k8s.io/networkpolicies", "storage.k8s.io/storageclasses",
	} {
		for _, verb := range []string{"get", "list", "watch"} {
			if want := verb + " " + resource; !slices.Contains(has, want) {
				t.Errorf("the evidence role lacks: %s", want)
			}
		}
	}
}

// TestWhatIsBoundInALab keeps out of the roles of a lab what undoes its fence.
func TestWhatIsBoundInALab(t *testing.T) {
	roles := clusterRoles(t)
	writing := []string{"create", "update", "patch", "delete", "deletecollection"}
	tests := map[string]struct {
		// protected is what the role may look at but not write, beside what no role may.
		protected []string
	}{
		"lab-operator-learner":  {protected: []string{"/resourcequotas", "/limitranges", "networking.k8s.io/networkpolicies", "networking.k8s.io/ingresses", "/namespaces", "/endpoints", "discovery.k8s.io/endpointslices", "/events", "events.k8s.io/events"}},
		"lab-operator-deployer": {protected: []string{"/resourcequotas", "/limitranges", "/namespaces"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			all := grants(roles[name].Rules)
			if len(all) == 0 {
				t.Fatal("the role is empty")
			}
			for _, one := range all {
				verb, resource, _ := strings.Cut(one, " ")
				switch {
				case strings.HasPrefix(resource, "rbac.authorization.k8s.io/"), strings.HasPrefix(resource, "admissionregistration.k8s.io/"),
					strings.HasPrefix(resource, "learning.lab-operator.dev/"), strings.HasPrefix(resource, "certificates.k8s.io/"):
					t.Errorf("%s: that group is not the lab's", one)
				case strings.HasSuffix(resource, "/status"), strings.HasSuffix(resource, "/token"), strings.HasSuffix(resource, "/proxy"),
					strings.HasSuffix(resource, "/eviction"), strings.HasSuffix(resource, "/binding"), strings.HasSuffix(resource, "/finalize"):
					t.Errorf("%s: that subresource goes around the guardrails", one)
				case !slices.Contains([]string{"get", "list", "watch"}, verb) && !slices.Contains(writing, verb):
					t.Errorf("%s: that verb is no work in a lab", one)
				case slices.Contains(writing, verb) && slices.Contains(tc.protected, resource):
					t.Errorf("%s: only to be looked at", one)
				}
			}
		})
	}
}

// TestLearnersWorkOnLabsAlone is about the roles outside of the namespace of a lab.
func TestLearnersWorkOnLabsAlone(t *testing.T) {
	want := []grant{
		"get /events", "get events.k8s.io/events",
		"get learning.lab-operator.dev/labreviews", "get learning.lab-operator.dev/labs",
		"list /events", "list events.k8s.io/events",
		"list learning.lab-operator.dev/labreviews", "list learning.lab-operator.dev/labs", "patch learning.lab-operator.dev/labs",
		"update learning.lab-operator.dev/labs",
		"watch /events", "watch events.k8s.io/events",
		"watch learning.lab-operator.dev/labreviews", "watch learning.lab-operator.dev/labs",
	}
	if diff := cmp.Diff(want, grants(clusterRoles(t)["lab-operator-learner-labs"].Rules)); diff != "" {
		t.Errorf("rights on Labs (-want +got):\n%s", diff)
	}
	want = nil
	for _, verb := range []string{"get", "list", "watch"} {
		for _, resource := range []string{"exerciserevisions", "topics"} {
			want = append(want, fmt.Sprintf("%s learning.lab-operator.dev/%s", verb, resource))
		}
	}
	if diff := cmp.Diff(want, grants(clusterRoles(t)["lab-operator-catalog-reader"].Rules)); diff != "" {
		t.Errorf("rights on the catalog (-want +got):\n%s", diff)
	}
}

// TestEventsAreReadByBothGroups is about roles for people: kubectl describe drops the events that it may not read, and says
// nothing.
func TestEventsAreReadByBothGroups(t *testing.T) {
	const core, own = " /events", " events.k8s.io/events"
	for name, role := range clusterRoles(t) {
		if role.Labels["learning.lab-operator.dev/aggregate-to-evidence"] == "true" {
			continue // It is for the operator, who watches one group.
		}
		has := grants(role.Rules)
		for _, verb := range []string{"get", "list", "watch"} {
			if inCore, inOwn := slices.Contains(has, verb+core), slices.Contains(has, verb+own); inCore != inOwn {
				t.Errorf("%s may %s events of the core group: %t, of events.k8s.io: %t", name, verb, inCore, inOwn)
			}
		}
	}
	for _, name := range []string{"lab-operator-facilitator", "lab-operator-administrator"} {
		for _, verb := range []string{"get", "list", "watch"} {
			if !slices.Contains(grants(clusterRoles(t)[name].Rules), verb+core) {
				t.Errorf("%s may not %s events, where stuck attendees are named", name, verb)
			}
		}
	}
}
