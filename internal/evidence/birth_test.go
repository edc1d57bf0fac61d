package evidence

import (
	"maps"
	"testing"
	"testing/synctest"

	"github.com/lab-operator/lab-operator/internal/check"
)

func TestAwaitANamespaceThatIsCreated(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.follow("a", one(pods, "web"))
		c.client.ClearActions()
		c.Await(lab("b"), "b", []Source{one(pods, "web"), {Name: "n", GVK: nodes, List: true}})
		synctest.Wait()
		c.told.heard()
		c.wantState("b", check.NotSynced, "Pods have not been read yet")
		c.Created(lab("b"), "7")
		c.wantTold("b")
		c.wantState("b", check.Missing, "there is no Pod named web")
		c.create(make1(pods, "b", "web"))
		c.wantState("b", check.Seen, "")
		c.wantTold("b")
		c.Created(lab("b"), "8")
		c.wantTold()
		if got, want := c.lists(), map[string]int{"": 1}; !maps.Equal(got, want) {
			t.Errorf("lists by namespace: %v, want %v, which is that of the nodes", got, want)
		}
	})
}

func TestAwaitANamespaceThatWasThere(t *testing.T) {
	tests := map[string]func(c *cluster){
		"the same is followed": func(c *cluster) { c.follow("b", one(pods, "web")) },
		"something more is":    func(c *cluster) { c.follow("b", one(pods, "web"), Source{Name: "n", GVK: nodes, List: true}) },
		"it is awaited once more": func(c *cluster) {
			c.Await(lab("b"), "b", []Source{one(pods, "web"), {Name: "n", GVK: nodes, List: true}})
			c.follow("b", one(pods, "web"))
		},
	}
	for name, find := range tests {
		t.Run(name, func(t *testing.T) {
			inCluster(t, func(c *cluster) {
				c.create(make1(pods, "b", "web"))
				c.follow("a", one(pods, "web"))
				c.Await(lab("b"), "b", []Source{one(pods, "web")})
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
