package evidence

import (
	"context"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// startAPIServer starts kube-apiserver and etcd for the time of a test. Without their programs the test fails.
func startAPIServer(t testing.TB) *rest.Config {
	t.Helper()
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Fatal("KUBEBUILDER_ASSETS is not set: set it to the folder that 'go run ./hack/cluster assets' prints")
	}
	logf.SetLogger(logr.Discard())
	environment := &envtest.Environment{}
	config, err := environment.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := environment.Stop(); err != nil {
			t.Error(err)
		}
	})
	config.QPS, config.Burst = 1000, 1000
	return config
}

// running are watches that run, with the requests that they make.
type running struct {
	*Watches
	told *bell
	wire *wire
	stop func()
}

// run starts watches with a configuration that the caller may change.
func run(t testing.TB, config *rest.Config, change func(*Config), before ...func(*Watches)) *running {
	t.Helper()
	r := &running{told: newBell(), wire: &wire{open: map[string]int{}}}
	// The namespaces come from another client, which no test restricts or counts.
	unrestricted := rest.CopyConfig(config)
	unrestricted.Impersonate = rest.ImpersonationConfig{}
	plain, err := dynamic.NewForConfig(unrestricted)
	if err != nil {
		t.Fatal(err)
	}
	config = rest.CopyConfig(config)
	config.Wrap(r.wire.wrap)
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	mapper, err := apiutil.NewDynamicRESTMapper(config, httpClient)
	if err != nil {
		t.Fatal(err)
	}
	labeled := dynamicinformer.NewFilteredDynamicInformer(plain, corev1.SchemeGroupVersion.WithResource("namespaces"), "", 0,
		cache.Indexers{}, func(options *metav1.ListOptions) { options.LabelSelector = v1beta1.LabUIDLabel }).Informer()
	cfg := Config{
		Client: client, Mapper: mapper, Notify: r.told.ring, Log: logr.Discard(),
		Namespaces: func(context.Context) (NamespaceInformer, error) { return labeled, nil },
	}
	if change != nil {
		change(&cfg)
	}
	r.Watches = NewWatches(cfg)
	for _, do := range before {
		do(r.Watches)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	var informing sync.WaitGroup
	informing.Go(func() { labeled.RunWithContext(ctx) })
	go func() { ended <- r.Start(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		informing.Wait()
	})
	t.Cleanup(r.stop)
	return r
}

// wire sees requests, and knows which watches are open.
type wire struct {
	mu       sync.Mutex
	open     map[string]int
	requests []string
}

func (w *wire) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		path := request.URL.Path
		query := request.URL.Query()
		w.mu.Lock()
		w.requests = append(w.requests, path+"?"+query.Encode())
		w.mu.Unlock()
		response, err := next.RoundTrip(request)
		if err == nil && query.Get("watch") == "true" && response.StatusCode == http.StatusOK {
			w.count(path, 1)
			response.Body = &closer{response.Body, sync.OnceFunc(func() { w.count(path, -1) })}
		}
		return response, err
	})
}

func (w *wire) count(path string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[path] += n
}

// watches is how many watches of ConfigMaps are open.
func (w *wire) watches() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open[configMapsPath]
}

// seen counts the requests that contain all the words.
func (w *wire) seen(words ...string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
next:
	for _, request := range w.requests {
		for _, word := range words {
			if !strings.Contains(request, word) {
				continue next
			}
		}
		n++
	}
	return n
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type closer struct {
	io.ReadCloser
	closed func()
}

func (c *closer) Close() error {
	c.closed()
	return c.ReadCloser.Close()
}

// thing makes an object of a kind, with some fields.
func thing(gvk schema.GroupVersionKind, namespace, name string, fields map[string]any) *unstructured.Unstructured {
	o := make1(gvk, namespace, name)
	maps.Copy(o.Object, fields)
	return o
}

// timeless leaves out since when something is seen.
var timeless = cmpopts.IgnoreFields(check.Observation{}, "Since")
