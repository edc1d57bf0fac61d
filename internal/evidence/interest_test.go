package evidence

import (
	"maps"
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/internal/check"
)

func TestExpectAndConfirm(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.watch("a", one(pods, "web"))
		c.client.ClearActions()
		c.Expect(lab("b"), "b", []Source{one(pods, "web"), {Name: "n", GVK: nodes, List: true}})
		synctest.Wait()
		c.told.heard()
		c.wantState("b", check.NotSynced, "Pods have not been read yet")
		c.Confirm(lab("b"), "b", "7")
		c.wantTold("b")
		c.wantState("b", check.Missing, "there is no Pod named web")
		c.create(make1(pods, "b", "web"))
		c.wantState("b", check.Seen, "")
		c.wantTold("b")
		c.Confirm(lab("b"), "other", "8")
		c.watch("b", one(pods, "web"), Source{Name: "n", GVK: nodes, List: true})
		c.wantTold()
		if got, want := c.lists(), map[string]int{"": 1}; !maps.Equal(got, want) {
			t.Errorf("lists by namespace: %v, want %v, which is that of the nodes", got, want)
		}
	})
}

func TestExpectedNamespaceThatExists(t *testing.T) {
	tests := map[string]func(c *cluster){
		"the same is watched": func(c *cluster) { c.watch("b", one(pods, "web")) },
		"something more is":   func(c *cluster) { c.watch("b", one(pods, "web"), Source{Name: "n", GVK: nodes, List: true}) },
		"it is expected once more": func(c *cluster) {
			c.Expect(lab("b"), "b", []Source{one(pods, "web"), {Name: "n", GVK: nodes, List: true}})
			c.watch("b", one(pods, "web"))
		},
	}
	for name, find := range tests {
		t.Run(name, func(t *testing.T) {
			inCluster(t, func(c *cluster) {
				c.create(make1(pods, "b", "web"))
				c.watch("a", one(pods, "web"))
				c.Expect(lab("b"), "b", []Source{one(pods, "web")})
				synctest.Wait()
				c.wantState("b", check.NotSynced, "Pods have not been read yet")
				find(c)
				c.wantState("b", check.Seen, "")
				if got := c.lists()["b"]; got != 1 {
					t.Errorf("the namespace was listed %d times, want once", got)
				}
			})
		})
	}
}

// The events of an earlier namespace may be late, so what it held is still held when its name is used again.
func TestEvidenceOfAnEarlierNamespaceIsDropped(t *testing.T) {
	tests := map[string]struct {
		again func(c *cluster)
		lists int
	}{
		"the next one is expected": {
			again: func(c *cluster) {
				c.Expect(lab("a"), "a", []Source{one(pods, "web")})
				synctest.Wait()
				c.wantState("a", check.NotSynced, "Pods have not been read yet")
				c.Confirm(lab("a"), "second", "7")
			},
			lists: 1, // because of the late event
		},
		"the next one was created by another process": {
			again: func(c *cluster) {
				c.Watch(lab("a"), Namespace{"a", "second"}, []Source{one(pods, "web")})
				c.wantState("a", check.NotSynced, "Pods have not been read yet")
				synctest.Wait()
			},
			lists: 1,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			inCluster(t, func(c *cluster) {
				c.create(pod("a", "web@3"))
				c.watch("a", one(pods, "web"))
				c.wantState("a", check.Seen, "")
				deliver := c.holdBackEvents("a")
				c.delete(make1(pods, "a", "web"))
				c.wantState("a", check.Seen, "")
				tc.again(c)
				c.wantState("a", check.Missing, "there is no Pod named web")
				deliver()
				c.wantState("a", check.Missing, "there is no Pod named web")
				if got := c.lists()["a"]; got != tc.lists {
					t.Errorf("the namespace was listed %d times, want %d", got, tc.lists)
				}
			})
		})
	}
}

func TestNamespacesThatStoodBeforeTheStartCostOneList(t *testing.T) {
	namespaces := []string{"a", "b", "c", "orphan"}
	inClusterWith(t, namespaces, func(c *cluster) {
		for _, name := range namespaces {
			c.create(make1(pods, name, "web"), make1(configMaps, name, "web"))
		}
		c.create(make1(pods, "foreign", "web"))
		c.client.ClearActions()
		c.watch("a", one(pods, "web"), Source{Name: "c", GVK: configMaps, ObjectName: "web"})
		c.wantStats(Stats{Labs: 1, Kinds: 2, Objects: 8})
		c.watch("b", Source{Name: "e", GVK: pods, ObjectName: "web", Brief: true})
		c.Watch(lab("c"), Namespace{"c", "second"}, []Source{one(pods, "web")})
		c.wantState("b", check.Seen, "")
		c.wantState("c", check.NotSynced, "Pods have not been read yet")
		c.Abandon(lab("orphan"))
		synctest.Wait()
		c.wantState("c", check.Seen, "")
		c.wantStats(Stats{Labs: 3, Kinds: 2, Objects: 4})
		if got, want := c.lists(), map[string]int{"": 2, "c": 1}; !maps.Equal(got, want) {
			t.Errorf("lists by namespace: %v, want %v: each kind once, and the namespace that is another one now", got, want)
		}
	})
}

func TestDeletedNamespaceIsReleased(t *testing.T) {
	tests := map[string]struct {
		before   []string
		do       func(c *cluster)
		wantTold []string
		want     Stats
	}{
		"one that is watched": {
			do:       func(c *cluster) { c.watch("a", one(pods, "web")) },
			wantTold: []string{"a"},
			want:     Stats{Kinds: 1},
		},
		"one that was expected and confirmed": {
			do: func(c *cluster) {
				c.Expect(lab("a"), "a", []Source{one(pods, "web")})
				c.Confirm(lab("a"), "a", "7")
			},
			wantTold: []string{"a"},
			want:     Stats{Kinds: 1},
		},
		"one whose lab was not reconciled yet": {
			before: []string{"a"},
			do:     func(c *cluster) { c.watch("b", one(pods, "web")) },
			want:   Stats{Labs: 1, Kinds: 1},
		},
		"not one that is expected": {
			do: func(c *cluster) {
				c.Expect(lab("a"), "a", []Source{one(pods, "web")})
			},
			want: Stats{Labs: 1, Kinds: 1, Objects: 1},
		},
		"not one that came in its place": {
			do:   func(c *cluster) { c.Watch(lab("a"), Namespace{"a", "second"}, []Source{one(pods, "web")}) },
			want: Stats{Labs: 1, Kinds: 1, Objects: 1},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			inClusterWith(t, tc.before, func(c *cluster) {
				tc.do(c)
				synctest.Wait()
				c.told.heard()
				c.namespaces.delete("a")
				c.wantTold(tc.wantTold...)
				// It is somebody else's namespace of that name now, or the lab's next one.
				c.create(make1(pods, "a", "web"))
				c.wantStats(tc.want)
			})
		})
	}
}

func TestForeignNamespaceIsReleased(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.watch("b", one(pods, "web"))
		c.create(make1(pods, "a", "web"))
		c.Expect(lab("a"), "a", []Source{one(pods, "web")})
		c.create(make1(pods, "a", "second"))
		c.Abandon(lab("a"))
		c.told.heard()
		c.create(make1(pods, "a", "third"))
		c.wantTold()
		c.wantStats(Stats{Labs: 1, Kinds: 1})
		if got := c.lists()["a"]; got != 0 {
			t.Errorf("the foreign namespace was listed %d times", got)
		}
	})
}

func TestLabOfANamespaceWithoutOurLabel(t *testing.T) {
	foreign := labNamespace("a")
	foreign.Labels = nil
	if lab, namespace, ok := labOf(foreign); ok {
		t.Errorf("it belongs to lab %v as %v, want to none", lab, namespace)
	}
	if got, namespace, ok := labOf(labNamespace("a")); !ok || got != lab("a") || namespace != (Namespace{"a", types.UID("a")}) {
		t.Errorf("the namespace of lab a belongs to lab %v as %v", got, namespace)
	}
}
