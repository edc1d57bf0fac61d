package evidence

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"

	"github.com/lab-operator/lab-operator/internal/check"
)

func TestWatchSeesObjects(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.watch("a", one(pods, "web"))
		c.wantTold("a")
		c.wantState("a", check.Missing, "there is no Pod named web")

		c.create(make1(pods, "a", "web"), make1(pods, "other", "web"))
		c.wantTold("a")
		c.wantState("a", check.Seen, "")
		c.wantStats(Stats{Labs: 1, Kinds: 1, Objects: 1})

		c.delete(make1(pods, "a", "web"))
		c.wantTold("a")
		c.wantState("a", check.Missing, "there is no Pod named web")
	})
}

func TestWatchAgainDoesNothing(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.watch("a", one(pods, "web"))
		c.wantTold("a")
		requests := len(c.client.Actions())
		c.watch("a", one(pods, "web"))
		c.wantTold()
		if got := len(c.client.Actions()); got != requests {
			t.Errorf("watching again made %d requests, want none", got-requests)
		}
		if perCall := testing.AllocsPerRun(100, func() { c.Watch(lab("a"), namespaceOf("a"), []Source{one(pods, "web")}) }); perCall > 1 {
			t.Errorf("watching again allocates %v times, want at most once", perCall)
		}
	})
}

func TestWatchWhileTheKindIsWatched(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.watch("a", one(pods, "web"))
		c.create(make1(pods, "b", "web"))
		c.watch("b", one(pods, "web"))
		c.wantTold("a", "b")
		c.wantState("b", check.Seen, "")
		c.create(make1(pods, "b", "second"))
		c.wantTold("b")
	})
}

func TestWatchTriesAgainUntilTheNamespaceIsListed(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.watch("a", one(pods, "web"))
		c.create(make1(pods, "b", "web"))
		c.wantTold("a")
		refusal := c.refuse("list", "pods")
		refusal.Store(apierrors.NewServiceUnavailable("overloaded"))
		c.watch("b", one(pods, "web"))
		c.after(5 * time.Second)
		c.wantTold()
		c.wantState("b", check.NotSynced, "Pods have not been read yet")
		c.wantState("a", check.Missing, "there is no Pod named web")
		refusal.Store(nil)
		c.after(backfillRetryMax)
		c.wantTold("b")
		c.wantState("b", check.Seen, "")
	})
}

func TestWatchOtherSources(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.mapper.serve(widgets, meta.RESTScopeNamespace)
		c.mapper.Reset()
		c.create(make1(pods, "a", "web"), make1(widgets, "a", "web"), make1(nodes, "", "n1"))
		c.watch("a", one(pods, "web"), Source{Name: "n", GVK: nodes, List: true})
		c.wantStats(Stats{Labs: 1, Kinds: 2, Objects: 2})

		c.watch("a", one(widgets, "web"))
		c.wantState("a", check.Seen, "")
		c.wantStats(Stats{Labs: 1, Kinds: 3, Objects: 1})

		c.Watch(lab("a"), namespaceOf("moved"), []Source{one(widgets, "web")})
		synctest.Wait()
		c.wantState("a", check.Missing, "there is no Widget named web")

		c.after(defaultIdleAfter)
		c.wantStats(Stats{Labs: 1, Kinds: 1})

		c.Abandon(lab("a"))
		c.wantStats(Stats{Kinds: 1})
	})
}

func TestAbandon(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.watch("a", one(pods, "web"))
		c.create(make1(pods, "a", "web"))
		c.wantTold("a")
		c.Abandon(lab("a"))
		c.Abandon(lab("never-followed"))
		c.wantStats(Stats{Kinds: 1})
		c.create(make1(pods, "a", "second"))
		c.wantTold()
		if got := c.Snapshot(lab("a")); len(got) > 0 {
			t.Errorf("snapshot of a forgotten lab: %v, want none", got)
		}
	})
}

func TestKindsStopWhenIdle(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.watch("a", one(pods, "web"))
		c.Abandon(lab("a"))
		c.after(defaultIdleAfter - time.Second)
		c.wantStats(Stats{Kinds: 1})
		c.after(time.Second)
		c.wantStats(Stats{})

		c.watch("a", one(pods, "web"))
		c.Abandon(lab("a"))
		c.after(defaultIdleAfter - time.Second)
		c.watch("b", one(pods, "web"))
		c.after(time.Hour)
		c.wantStats(Stats{Labs: 1, Kinds: 1})
		c.create(make1(pods, "b", "web"))
		c.wantState("b", check.Seen, "")
	})
}

func TestWatchBeforeStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cluster{t: t, told: newBell(), namespaces: &fakeNamespaces{before: []string{"a", "b", "orphan"}}}
		served := map[schema.GroupVersionKind]meta.RESTScope{pods: meta.RESTScopeNamespace}
		c.mapper = &fakeMapper{served: served, known: served}
		c.client = fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(),
			map[schema.GroupVersionResource]string{{Version: "v1", Resource: "pods"}: "PodList"},
			make1(pods, "a", "web"), make1(pods, "b", "web"))
		c.Watches = NewWatches(Config{Client: c.client, Mapper: c.mapper, Namespaces: c.namespaces.informer, Notify: c.told.ring, Log: logr.Discard()})
		c.watch("a", one(pods, "web"))
		c.watch("b", one(pods, "web"))
		c.wantState("a", check.NotSynced, "Pods have not been read yet")

		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = c.Start(ctx) })
		synctest.Wait()
		c.wantState("a", check.Seen, "")
		c.wantState("b", check.Seen, "")
		lists := 0
		for _, action := range c.client.Actions() {
			if action.GetVerb() == "list" {
				lists++
			}
		}
		if lists != 1 {
			t.Errorf("%d lists for labs that were known before the start, want 1", lists)
		}
		if err := c.Start(ctx); err == nil {
			t.Error("a second Start is no error")
		}

		cancel()
		running.Wait()
		c.watch("late", one(nodes, "n1"))
		c.wantState("late", check.NotSynced, "Nodes have not been read yet")
	})
}

func TestKindThatIsNotThere(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.watch("a", one(widgets, "web"))
		c.wantTold("a")
		c.wantState("a", check.Unavailable, "the cluster has no kind Widget of group shop.example.com in version v1")
		c.after(time.Minute)
		c.wantTold()

		c.mapper.serve(widgets, meta.RESTScopeNamespace)
		c.after(recheckAfter)
		c.wantTold("a")
		c.wantState("a", check.Missing, "there is no Widget named web")
	})
}

func TestMapperIsNotAskedTooOften(t *testing.T) {
	inCluster(t, func(c *cluster) {
		for _, kind := range []string{"Gadget", "Gizmo", "Doohickey", "Whatsit"} {
			c.watch(kind, one(widgets.GroupVersion().WithKind(kind), "web"))
		}
		c.after(time.Minute)
		if most := int(time.Minute/resetEvery) + 1; c.mapper.resets > most || c.mapper.resets == 0 {
			t.Errorf("the mapper was reset %d times in a minute, want at most %d and some", c.mapper.resets, most)
		}
	})
}

func TestKindThatGoes(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.mapper.serve(widgets, meta.RESTScopeNamespace)
		c.mapper.Reset()
		gone := apierrors.NewGenericServerResponse(http.StatusNotFound, "list", widgets.GroupVersion().WithResource("widgets").GroupResource(), "", "", 0, false)
		refusal := c.refuse("list", "widgets")
		refusal.Store(gone)
		c.watch("a", one(widgets, "web"))
		c.wantState("a", check.Unavailable, "the cluster has no kind Widget of group shop.example.com in version v1")
		c.wantTold("a")
		c.after(time.Minute)
		c.wantTold()
		refusal.Store(nil)
		c.after(recheckAfter)
		c.wantTold("a")
		c.wantState("a", check.Missing, "there is no Widget named web")
	})
}

func TestClusterThatCannotBeAsked(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.mapper.fail(errors.New("no answer"))
		c.watch("a", one(pods, "web"))
		c.after(time.Minute)
		c.wantState("a", check.NotSynced, "Pods have not been read yet")
		c.mapper.fail(nil)
		c.after(resolveRetry)
		c.wantState("a", check.Missing, "there is no Pod named web")
	})
}

func TestReadingThatIsForbidden(t *testing.T) {
	inCluster(t, func(c *cluster) {
		refusal := c.refuse("list", "pods")
		refusal.Store(apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "", errors.New("no right")))
		c.watch("a", one(pods, "web"))
		c.wantState("a", check.NotSynced, "Pods have not been read yet")
		c.after(2 * refusalGrace)
		c.wantTold("a")
		c.wantState("a", check.Failed, "the operator may not read pods: grant it list and watch on them in all namespaces")
		refusal.Store(nil)
		c.after(2 * readRetryMax)
		c.wantTold("a")
		c.wantState("a", check.Missing, "there is no Pod named web")
	})
}

func TestKindThatCanBeListedOnly(t *testing.T) {
	inCluster(t, func(c *cluster) {
		refusal := c.refuse("watch", "pods")
		refusal.Store(apierrors.NewMethodNotSupported(schema.GroupResource{Resource: "pods"}, "watch"))
		c.watch("a", one(pods, "web"))
		c.after(time.Minute)
		c.wantTold("a")
		c.wantState("a", check.Failed, "Pods cannot be watched: evidence can only be of kinds that can")
	})
}

func TestReadingThatMayBeListedOnly(t *testing.T) {
	inCluster(t, func(c *cluster) {
		refusal := c.refuse("watch", "pods")
		refusal.Store(apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "", errors.New("no right")))
		c.watch("a", one(pods, "web"))
		c.after(time.Minute)
		c.wantTold("a")
		c.wantState("a", check.Failed, "the operator may not read pods: grant it list and watch on them in all namespaces")
	})
}

func TestReadingThatFails(t *testing.T) {
	inCluster(t, func(c *cluster) {
		refusal := c.refuse("list", "pods")
		refusal.Store(apierrors.NewInternalError(errors.New("etcd is away")))
		c.watch("a", one(pods, "web"))
		c.after(time.Minute)
		c.wantTold()
		c.wantState("a", check.NotSynced, "Pods have not been read yet")
		refusal.Store(nil)
		c.after(2 * readRetryMax)
		c.wantState("a", check.Missing, "there is no Pod named web")
	})
}

func TestKindOfAnotherScope(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.create(make1(volumes, "", "pv"))
		c.watch("a", one(volumes, "pv"))
		c.wantTold("a")
		c.wantState("a", check.Failed, "PersistentVolumes are not in namespaces: evidence can only be what is in the lab's namespace, a Node or a StorageClass")
		c.wantStats(Stats{Labs: 1, Kinds: 1})
	})
}

func TestClusterScopedKindsAreForAllWhoWantThem(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.create(make1(nodes, "", "n1"))
		c.watch("a", one(nodes, "n1"))
		c.watch("b", one(nodes, "n1"))
		c.watch("c", one(pods, "n1"))
		c.wantState("a", check.Seen, "")
		c.wantState("b", check.Seen, "")
		c.wantStats(Stats{Labs: 3, Kinds: 2, Objects: 1})
		c.told.heard()
		c.create(make1(nodes, "", "n2"))
		c.wantTold("a", "b")
		c.Abandon(lab("a"))
		c.delete(make1(nodes, "", "n1"))
		c.wantTold("b")
		c.wantState("b", check.Missing, "there is no Node named n1")
	})
}

func TestObjects(t *testing.T) {
	inCluster(t, func(c *cluster) {
		c.create(make1(pods, "a", "y"), make1(pods, "a", "x"), make1(pods, "other", "z"))
		c.Watch(lab("a"), namespaceOf("a"), []Source{{GVK: pods}})
		if _, synced := c.Objects(lab("a"), pods); synced {
			t.Error("synced before anything was read")
		}
		synctest.Wait()
		objects, synced := c.Objects(lab("a"), pods)
		names := []string{}
		for _, o := range objects {
			names = append(names, o.GetName())
		}
		if want := []string{"x", "y"}; !slices.Equal(names, want) || !synced {
			t.Errorf("objects %v, synced %t, want %v, true", names, synced, want)
		}
		if got := c.Snapshot(lab("a")); len(got) > 0 {
			t.Errorf("a source without a name is in the snapshot: %v", got)
		}
		c.watch("b", one(nodes, "n1"))
		if objects, synced := c.Objects(lab("b"), pods); objects != nil || synced {
			t.Errorf("objects of a kind that the lab does not follow: %v, %t", objects, synced)
		}
	})
}

func TestManyWatchAtOnce(t *testing.T) {
	inCluster(t, func(c *cluster) {
		var all sync.WaitGroup
		for i := range 16 {
			name := string(rune('a' + i))
			all.Go(func() {
				for range 20 {
					c.Watch(lab(name), namespaceOf(name), []Source{one(pods, "web"), {Name: "n", GVK: nodes, List: true}})
					c.Snapshot(lab(name))
					c.Objects(lab(name), pods)
					c.Stats()
					c.Abandon(lab(name))
				}
				c.Watch(lab(name), namespaceOf(name), []Source{one(pods, "web")})
			})
		}
		all.Go(func() { c.create(make1(pods, "a", "web"), make1(pods, "b", "web")) })
		all.Wait()
		synctest.Wait()
		c.wantState("a", check.Seen, "")
		c.wantState("p", check.Missing, "there is no Pod named web")
		c.wantStats(Stats{Labs: 16, Kinds: 2, Objects: 2})
	})
}
