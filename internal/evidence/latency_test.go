package evidence

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
)

// BenchmarkChangeToNotify measures the time from the beginning of a write to its notification, and beside it, for
// the same writes, to the event handler of a bare client-go informer.
func BenchmarkChangeToNotify(b *testing.B) {
	w := newTestServer(b, startAPIServer(b))
	ns := w.namespace("latency")
	w.create(make1(configMaps, ns, "web"))

	ours := make(chan time.Time, 1)
	r := run(b, w.config, func(c *Config) {
		c.Notify = func(types.NamespacedName) { ours <- time.Now() }
	}, func(watches *Watches) {
		watches.Watch(lab("latency"), namespaceOf(ns), []Source{one(configMaps, "web")})
	})
	<-ours

	bare := make(chan time.Time, 1)
	informer := dynamicinformer.NewDynamicSharedInformerFactory(w.client, 0).
		ForResource(configMaps.GroupVersion().WithResource("configmaps")).Informer()
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{UpdateFunc: func(_, changed any) {
		if changed.(*unstructured.Unstructured).GetNamespace() == ns {
			bare <- time.Now()
		}
	}})
	if err != nil {
		b.Fatal(err)
	}
	stop := make(chan struct{})
	defer close(stop)
	go informer.Run(stop)
	w.Eventually(informer.HasSynced).Should(gomega.BeTrue())

	var oursTook, bareTook []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		w.set(ns, "web", fmt.Sprint(i))
		oursTook = append(oursTook, (<-ours).Sub(start))
		bareTook = append(bareTook, (<-bare).Sub(start))
	}
	r.stop()
	for name, took := range map[string][]time.Duration{"notify": oursTook, "informer": bareTook} {
		slices.Sort(took)
		for _, percent := range []int{50, 99} {
			b.ReportMetric(float64(took[len(took)*percent/100].Microseconds())/1000, fmt.Sprintf("%s-p%d-ms", name, percent))
		}
	}
}
