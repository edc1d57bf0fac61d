//go:build cluster

package security

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

const labVersion = "learning.lab-operator.dev/v1beta1"

// onLabs are attacks on what a Lab says and on whose it is.
func (s *stage) onLabs() map[string]attack {
	lab := named(labVersion, "Lab", s.mallory.lab.Namespace, s.mallory.lab.Name)
	theirs := named(labVersion, "Lab", s.alice.lab.Namespace, s.alice.lab.Name)
	another := copyOf(labOf(types.NamespacedName{Namespace: malloryHome, Name: "sec-more"}, rangeName))
	const only = "a learner changes only spec.answers and spec.environment of a Lab"
	policy := func(more string) refusal { return byPolicy("lab-operator-labs", only+more) }
	passed := patchSub(lab, "status", types.MergePatchType, `{"status":{"completedAt":"2026-01-01T00:00:00Z","scorePercent":100}}`)
	passed.part = []string{"status", "completedAt"}
	return map[string]attack{
		"write its status":                     s.refused("a lab completed without work", passed, noRight("patch", "labs/status")),
		"write its status beside the spec":     s.statusBesideSpec(),
		"take another topic":                   s.refusedLike("an easier exam", patch(lab, `{"spec":{"topic":"kubernetes"}}`), invalid("topic is immutable"), s.takesAnother(lab)),
		"take another exercise":                s.refusedLike("an easier exercise", patch(lab, `{"spec":{"exercise":"hpa-scaling"}}`), invalid("exercise is immutable"), s.takesAnother(lab)),
		"label it":                             s.refused("a place in another class", patch(lab, `{"metadata":{"labels":{"class":"b"}}}`), policy(", not its labels")),
		"take its finalizer away":              s.refused("an environment that nobody removes", patch(lab, `{"metadata":{"finalizers":null}}`), policy(", not its finalizers")),
		"add a finalizer":                      s.refused("a Lab that cannot be deleted", patch(lab, `{"metadata":{"finalizers":["learning.lab-operator.dev/environment","example.com/keep"]}}`), policy(", not its finalizers")),
		"give it an owner":                     s.refused("a Lab that goes with something else", patch(lab, `{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":"b"}]}}`), policy(", not its owners")),
		"delete it":                            s.refused("a result that is forgotten", remove(lab), noRight("delete", "labs")),
		"delete all":                           s.refused("results that are forgotten", removeAll(&v1beta1.Lab{}, malloryHome, lab), noRight("deletecollection", "labs")),
		"make another":                         s.refused("more than one's share of the cluster", create(another), noRight("create", "labs")),
		"read another's":                       s.refused("another's answers", read(theirs), noRight("get", "labs")),
		"read everybody's":                     s.refused("everybody's answers", list(labVersion, "Lab", ""), noRight("list", "labs")),
		"answer for another":                   s.refused("another's attempts, used up", patch(theirs, `{"spec":{"answers":{"sec-01":"a"}}}`), noRight("patch", "labs")),
		"take another's environment away":      s.refused("another's work, undone", patch(theirs, `{"spec":{"environment":"Absent"}}`), noRight("patch", "labs")),
		"fill it with annotations":             s.refused("a Lab with no room for its status", patch(lab, annotations(33)), byPolicy("lab-operator-labs", "a Lab has room for 32 annotations")),
		"fill it with field managers":          {gain: "a Lab with no room for its status", try: s.manyManagers},
		"fill it with what a manager has set":  {gain: "a Lab with no room for its status", try: s.fatManager},
		"claim another's namespace as its own": s.claimByName(),
	}
}

// statusBesideSpec writes the status where it is passed over.
func (s *stage) statusBesideSpec() attack {
	return attack{gain: "a lab completed without work", try: func(t *testing.T) {
		lab := s.lab(t, s.mallory.lab)
		body := `{"spec":{"environment":"Present"},"status":{"completedAt":"2026-01-01T00:00:00Z","scorePercent":100}}`
		must(t, patch(lab, body).do(t.Context(), s.mallory.client))
		if now := s.lab(t, s.mallory.lab); now.Status.CompletedAt != nil || now.Status.ScorePercent == 100 {
			t.Errorf("the Lab is completed: %v, %d %%", now.Status.CompletedAt, now.Status.ScorePercent)
		}
	}}
}

// takesAnother shows that a Lab can have another topic and exercise when it is made.
func (s *stage) takesAnother(lab client.Object) func(context.Context) error {
	return func(ctx context.Context) error {
		other := labOf(types.NamespacedName{Namespace: lab.GetNamespace(), Name: "sec-other"}, "kubernetes")
		other.Spec.Exercise = "hpa-scaling"
		return client.NewDryRunClient(s.admin).Create(ctx, other)
	}
}

// annotations is a merge patch with some.
func annotations(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"a%d":""`, i))
	}
	return `{"metadata":{"annotations":{` + strings.Join(all, ",") + `}}}`
}

// manyManagers applies a Lab in the name of one manager after the other, until that is refused.
func (s *stage) manyManagers(t *testing.T) {
	lab := object(s.mallory.lab.Namespace, fmt.Sprintf("apiVersion: %s\nkind: Lab\nmetadata: {name: %s, annotations: {%s: \"\"}}\nspec: {topic: %s}",
		labVersion, rangeName, strings.Repeat("x", 60), rangeName))
	var refused error
	made := 0
	for ; made < 64 && refused == nil; made++ {
		refused = applyAs(lab, fmt.Sprintf("manager-%d", made)).do(t.Context(), s.mallory.client)
	}
	if err := byPolicy("lab-operator-labs", "32 field managers of a Lab are enough").check(refused); err != nil {
		t.Error(err)
	}
	if made < 10 {
		t.Errorf("the %d. manager was refused: those that people have must be allowed", made)
	}
	if entries := len(s.lab(t, s.mallory.lab).ManagedFields); entries > 32 {
		t.Errorf("the Lab has %d entries of field managers", entries)
	}
	s.stillJudged(t)
	// Room for what comes next: the annotation goes with its last manager.
	must(t, s.admin.Patch(t.Context(), s.lab(t, s.mallory.lab), client.RawPatch(types.JSONPatchType,
		[]byte(`[{"op":"replace","path":"/metadata/managedFields","value":[{}]},{"op":"remove","path":"/metadata/annotations"}]`))))
}

// fatManager claims in one request that a manager has set a field with a name of a megabyte.
func (s *stage) fatManager(t *testing.T) {
	body := fmt.Sprintf(`{"metadata":{"managedFields":[{"manager":"fat","operation":"Apply","apiVersion":%q,"fieldsType":"FieldsV1",
		"fieldsV1":{"f:spec":{"f:answers":{"f:%s":{}}}}}]}}`, labVersion, strings.Repeat("x", 1<<20))
	lab := s.lab(t, s.mallory.lab)
	if err := patch(lab, body).do(t.Context(), s.mallory.client); err != nil {
		t.Fatalf("it is not well-formed any more: %v", err)
	}
	s.stillJudged(t)
	must(t, patch(lab, `{"metadata":{"managedFields":[{}]}}`).do(t.Context(), s.admin))
}

// claimByName names a Lab so that its namespace would be another's, were it not for the hash.
func (s *stage) claimByName() attack {
	name := strings.TrimPrefix(s.alice.environment, "lab-")
	claim := labOf(types.NamespacedName{Namespace: malloryHome, Name: name}, rangeName)
	return s.refusedLike("another's namespace, to set up and to remove", create(claim), noRight("create", "labs"), func(ctx context.Context) error {
		// Whoever may make it gets another namespace.
		made := copyOf(claim).(*v1beta1.Lab)
		made.Name = "sec-claim"
		return client.NewDryRunClient(s.admin).Create(ctx, made)
	})
}

// stillJudged shows that mallory's lab is judged and answered as ever.
func (s *stage) stillJudged(t *testing.T) {
	t.Helper()
	word := fmt.Sprintf("word-%d", wordCount.Add(1))
	s.say(t, s.mallory, word)
	s.untilSeen(t, s.mallory, "say", "the word is "+word)
	s.neverOurFault(t, s.mallory)
}
