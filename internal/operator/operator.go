// Package operator puts the controllers, the caches and the evidence watches together into one manager.
package operator

import (
	"context"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	catalogcontroller "github.com/lab-operator/lab-operator/controllers/catalog"
	labcontroller "github.com/lab-operator/lab-operator/controllers/lab"
	workshopcontroller "github.com/lab-operator/lab-operator/controllers/workshop"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/evidence"
	"github.com/lab-operator/lab-operator/internal/evidence/adapters"
	"github.com/lab-operator/lab-operator/internal/evidence/poddial"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/metrics"
	"github.com/lab-operator/lab-operator/internal/recording"
)

// Options are what differs from one place where the operator runs to another.
type Options struct {
	// Namespace is the operator's own: of the answer keys, the revisions and the lab deployer.
	Namespace string
	// LeaderElection has several replicas agree on one that works.
	LeaderElection bool
	// ProbeAddress serves /healthz and /readyz, as in :8081. Empty serves none.
	ProbeAddress string
	// MetricsAddress serves /metrics, as in :8080. Zero ("0") serves none.
	MetricsAddress string
	// Registerer is what serves the operator's own metrics. Nil is the one that is served at MetricsAddress, which all of
	// a process share.
	Registerer prometheus.Registerer
	// Workers is how many labs are reconciled at the same time. Zero is 32, which was the best on two cores.
	Workers int
	// APIServer is the address of the API server as attendees of workshops reach it. Empty is the operator's own.
	APIServer string
	// MaxAttendees is how many attendees a workshop may have. Zero is as many as the API allows.
	MaxAttendees int
	// RevisionHistoryLimit is how many revisions of an exercise in a topic are kept that no Lab refers to. Nil is 10.
	RevisionHistoryLimit *uint
	// Witness is shown each moment by which a lab is judged. Nil shows it to nobody.
	Witness func(lab types.UID, moment recording.Moment)
	// Clock is what holds and hints are measured by. Nil is the real one.
	Clock clock.WithTicker
	// SkipNameValidation lets several managers live one after the other in a process, as tests have them.
	SkipNameValidation bool
}

// DefaultRevisionHistoryLimit is how many revisions are kept that no Lab refers to.
const DefaultRevisionHistoryLimit = 10

const (
	defaultWorkers = 32
	// workshopWorkers is how many workshops are handled at the same time: none keeps another waiting.
	workshopWorkers = 4
)

// New makes a manager that runs the operator against the cluster of a configuration. Nothing runs before its
// Start, and nothing of it outlives that.
func New(cluster *rest.Config, options Options) (manager.Manager, error) {
	return assemble(cluster, options, &tenure{}, func(error) {})
}

// assemble makes the manager of New. With leader election, it writes only during the tenure, and deposed is called when
// another replica has taken the lease.
func assemble(cluster *rest.Config, options Options, held *tenure, deposed func(error)) (manager.Manager, error) {
	cluster = rest.CopyConfig(cluster)
	// The API server's priority and fairness limits us; a limit of our own would only add to that.
	cluster.QPS = -1
	if options.Clock == nil {
		options.Clock = clock.RealClock{}
	}
	if options.Workers == 0 {
		options.Workers = defaultWorkers
	}
	var lease resourcelock.Interface
	if options.LeaderElection {
		held.clock = options.Clock
		var err error
		if lease, err = newLock(cluster, options.Namespace, held, deposed); err != nil {
			return nil, err
		}
		// From here on, of all clients that are made of this configuration.
		cluster.Wrap(func(inner http.RoundTripper) http.RoundTripper { return guard{tenure: held, inner: inner} })
	}
	mgr, err := newManager(cluster, options, lease)
	if err != nil {
		return nil, err
	}
	settings := guardrail.Settings{OperatorNamespace: options.Namespace, Deployer: guardrail.DefaultDeployer}
	direct, err := client.New(cluster, client.Options{HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper()})
	if err != nil {
		return nil, fmt.Errorf("make the direct client: %w", err)
	}
	deployer, err := deployerClient(cluster, mgr, settings)
	if err != nil {
		return nil, err
	}
	dynamicClient, err := dynamic.NewForConfigAndClient(cluster, mgr.GetHTTPClient())
	if err != nil {
		return nil, fmt.Errorf("make the evidence client: %w", err)
	}
	measured := newMetrics(mgr, options)
	if err := mgr.Add(measured); err != nil {
		return nil, fmt.Errorf("add the metrics: %w", err)
	}
	notifier := &labcontroller.Notifier{}
	notify := func(lab types.NamespacedName) {
		measured.EvidenceChanged(lab)
		notifier.Notify(lab)
	}
	probes, err := newProbes(cluster, mgr, settings, options, notify, measured.ProbeFailed)
	if err != nil {
		return nil, err
	}
	watches := evidence.NewWatches(evidence.Config{
		Client: dynamicClient,
		Mapper: mgr.GetRESTMapper(),
		Namespaces: func(ctx context.Context) (evidence.NamespaceInformer, error) {
			return mgr.GetCache().GetInformer(ctx, namespaces())
		},
		Notify: func(lab types.NamespacedName) {
			notify(lab)
			// What changed in the namespace may be what a service was waiting for.
			probes.Trigger(lab)
		},
		Clock: options.Clock,
		Log:   mgr.GetLogger().WithName("evidence"),
	})
	if err := mgr.Add(watches); err != nil {
		return nil, fmt.Errorf("add the evidence watches: %w", err)
	}
	if err := mgr.Add(probes); err != nil {
		return nil, fmt.Errorf("add the probes: %w", err)
	}
	compiled := catalog.NewCache()
	if err := mgr.GetFieldIndexer().IndexField(context.Background(), &v1beta1.Lab{}, catalog.RevisionField, revisionOf); err != nil {
		return nil, fmt.Errorf("index labs by revision: %w", err)
	}
	labs := &labcontroller.Reconciler{
		Client:   mgr.GetClient(),
		Direct:   direct,
		Deployer: deployer,
		Mapper:   mgr.GetRESTMapper(),
		Evidence: watches,
		Probes:   probes,
		Catalog:  compiled,
		Recorder: mgr.GetEventRecorder("lab-operator"),
		Metrics:  measured,
		Clock:    options.Clock,
		Settings: settings,
		Witness:  options.Witness,
	}
	if err := labs.SetupWithManager(mgr, notifier, controller.Options{MaxConcurrentReconciles: options.Workers}); err != nil {
		return nil, fmt.Errorf("set up the lab controller: %w", err)
	}
	reached, err := attendeesCluster(cluster, options.APIServer)
	if err != nil {
		return nil, err
	}
	workshops := &workshopcontroller.Reconciler{
		Client:            mgr.GetClient(),
		Direct:            direct,
		Deployer:          deployer,
		Recorder:          mgr.GetEventRecorder("lab-operator"),
		Clock:             options.Clock,
		ServerTime:        serverTime(cluster, mgr.GetHTTPClient()),
		MaxAttendees:      options.MaxAttendees,
		Cluster:           reached,
		OperatorNamespace: options.Namespace,
		OperatorAccount:   guardrail.OperatorServiceAccount,
	}
	if err := workshops.SetupWithManager(mgr, controller.Options{MaxConcurrentReconciles: workshopWorkers}); err != nil {
		return nil, fmt.Errorf("set up the workshop controller: %w", err)
	}
	entries := &catalogcontroller.Reconciler{
		Client:       mgr.GetClient(),
		Direct:       direct,
		Cache:        compiled,
		Mapper:       mgr.GetRESTMapper(),
		Namespace:    options.Namespace,
		HistoryLimit: int(ptr.Deref(options.RevisionHistoryLimit, DefaultRevisionHistoryLimit)),
	}
	if err := entries.SetupWithManager(mgr); err != nil {
		return nil, fmt.Errorf("set up the catalog controllers: %w", err)
	}
	return mgr, nil
}

// revisionOf is the revision that a Lab was started from, if it was.
func revisionOf(object client.Object) []string {
	if lab, ok := object.(*v1beta1.Lab); ok && lab.Status.Revision != "" {
		return []string{lab.Status.Revision}
	}
	return nil
}

// Scheme has the types of Kubernetes and our own.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("add the types of Kubernetes: %w", err)
	}
	if err := v1beta1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("add our types: %w", err)
	}
	return scheme, nil
}

// newMetrics counts what the operator does.
func newMetrics(mgr manager.Manager, options Options) *metrics.Metrics {
	registerer := options.Registerer
	switch {
	case registerer != nil:
	case options.MetricsAddress == "0":
		// Nobody is served, so that several operators in a process do not meet.
		registerer = prometheus.NewRegistry()
	default:
		registerer = ctrlmetrics.Registry
	}
	return metrics.New(metrics.Config{Registerer: registerer, Labs: mgr.GetCache(), Working: mgr.Elected(), Clock: options.Clock})
}

// attendeesCluster is how attendees reach the API server: as the operator does, unless it is told otherwise.
func attendeesCluster(cluster *rest.Config, server string) (workshopcontroller.Cluster, error) {
	// A copy: loading reads the certificate from its file.
	cluster = rest.CopyConfig(cluster)
	if err := rest.LoadTLSFiles(cluster); err != nil {
		return workshopcontroller.Cluster{}, fmt.Errorf("read the API server's certificate: %w", err)
	}
	if server == "" {
		server = cluster.Host
	}
	return workshopcontroller.Cluster{Server: server, CA: cluster.CAData}, nil
}

// newProbes looks at services as the lab deployer, who has rights in the namespaces of labs alone.
func newProbes(cluster *rest.Config, mgr manager.Manager, settings guardrail.Settings, options Options,
	notify func(types.NamespacedName), failed func(lasting bool)) (*probe.Pool, error) {
	dialer, err := poddial.New(asDeployer(cluster, settings), mgr.GetRESTMapper())
	if err != nil {
		return nil, fmt.Errorf("make the dialer of pods: %w", err)
	}
	return probe.NewPool(probe.Config{
		Adapters: adapters.All(),
		Dialer:   dialer.Namespace,
		Notify:   notify,
		Failed:   failed,
		Clock:    options.Clock,
		Log:      mgr.GetLogger().WithName("probes"),
	}), nil
}

// asDeployer is the configuration of the lab deployer.
func asDeployer(cluster *rest.Config, settings guardrail.Settings) *rest.Config {
	cluster = rest.CopyConfig(cluster)
	cluster.Impersonate = rest.ImpersonationConfig{
		UserName: fmt.Sprintf("system:serviceaccount:%s:%s", settings.OperatorNamespace, settings.Deployer),
	}
	return cluster
}

// deployerClient writes as the lab deployer, who has rights in the namespaces of labs alone.
func deployerClient(cluster *rest.Config, mgr manager.Manager, settings guardrail.Settings) (client.Client, error) {
	cluster = asDeployer(cluster, settings)
	http, err := rest.HTTPClientFor(cluster)
	if err != nil {
		return nil, fmt.Errorf("make the deployer's transport: %w", err)
	}
	deployer, err := client.New(cluster, client.Options{HTTPClient: http, Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper()})
	if err != nil {
		return nil, fmt.Errorf("make the deployer's client: %w", err)
	}
	return deployer, nil
}
