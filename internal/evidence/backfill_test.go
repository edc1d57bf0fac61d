package evidence

import (
	"fmt"
	"maps"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/lab-operator/lab-operator/internal/check"
)

func TestNamespacesAreListedByWhatIsLess(t *testing.T) {
	tests := map[string]struct{ total, late, want int }{
		"nothing waits":                        {total: 10, late: 0, want: 0},
		"one waits":                            {total: 0, late: 1, want: 1},
		"a few wait, among many objects":       {total: 4 * objectsPerRequest, late: 4, want: 4},
		"many wait, among not so many objects": {total: 4*objectsPerRequest - 1, late: 4, want: 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			b.ask()
			items := make([]any, tc.total)
			for i := range items {
				items[i] = b.foreign
			}
			b.replace(items, "10", b.began)
			for i := range tc.late {
				b.follow(fmt.Sprintf("n%d", i))
			}
			if got := len(b.rounds()); got != tc.want {
				t.Errorf("%d lists, want %d", got, tc.want)
			}
		})
	}
}

func TestManyNamespacesAtOnceCostOneList(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.follow("a", one(pods, "web"))
		refusal := c.refuse("list", "pods")
		refusal.Store(apierrors.NewServiceUnavailable("overloaded"))
		names := []string{"b", "c", "d", "e"}
		for _, name := range names {
			c.create(make1(pods, name, "web"))
			c.follow(name, one(pods, "web"))
		}
		c.create(make1(pods, "other", "web"))
		c.client.ClearActions()
		refusal.Store(nil)
		c.after(backfillRetryMax)
		for _, name := range names {
			c.wantState(name, check.Seen, "")
		}
		c.wantStats(Stats{Labs: 5, Kinds: 1, Objects: 4})
		if got, want := c.lists(), map[string]int{"": 1}; !maps.Equal(got, want) {
			t.Errorf("lists by namespace: %v, want one of the whole cluster", got)
		}
	})
}
