package operator

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// newManager makes the manager with its cache and its probes, and no controllers. Without leader election there is no
// lease.
func newManager(cluster *rest.Config, options Options, lease resourcelock.Interface) (manager.Manager, error) {
	scheme, err := Scheme()
	if err != nil {
		return nil, err
	}
	ours, err := labels.NewRequirement(v1beta1.LabUIDLabel, selection.Exists, nil)
	if err != nil {
		return nil, fmt.Errorf("select what is made for labs: %w", err)
	}
	attendees, err := labels.NewRequirement(v1beta1.WorkshopUIDLabel, selection.Exists, nil)
	if err != nil {
		return nil, fmt.Errorf("select what is made for attendees: %w", err)
	}
	told := make(chan struct{})
	mgr, err := ctrl.NewManager(cluster, ctrl.Options{
		Scheme:   scheme,
		NewCache: newStoppableCache(told),
		Cache: cache.Options{
			DefaultTransform: cache.TransformStripManagedFields(),
			ByObject: map[client.Object]cache.ByObject{
				namespaces():                  {Label: labels.NewSelector().Add(*ours)},
				&corev1.ResourceQuota{}:       {Label: labels.NewSelector().Add(*ours)},
				&corev1.LimitRange{}:          {Label: labels.NewSelector().Add(*ours)},
				&networkingv1.NetworkPolicy{}: {Label: labels.NewSelector().Add(*ours)},
				&corev1.ServiceAccount{}:      {Label: labels.NewSelector().Add(*attendees)},
				// Bindings are made for labs and for attendees, and no selector says "or".
				&rbacv1.RoleBinding{}: {Label: labels.SelectorFromSet(labels.Set{guardrail.ManagedByLabel: guardrail.ManagedBy})},
				&v1beta1.AnswerKey{}:  {Namespaces: map[string]cache.Config{options.Namespace: {}}},
				pins():                {Namespaces: map[string]cache.Config{options.Namespace: {}}},
			},
		},
		Client: client.Options{Cache: &client.CacheOptions{EnableReadYourWritesConsistency: ptr.To(true)}},
		Controller: config.Controller{
			SkipNameValidation: ptr.To(options.SkipNameValidation),
			// A replica that waits has its caches in sync, so that it goes on at once when it leads.
			EnableWarmup: ptr.To(options.LeaderElection),
		},
		Metrics:                             metricsserver.Options{BindAddress: options.MetricsAddress},
		HealthProbeBindAddress:              options.ProbeAddress,
		LeaderElection:                      options.LeaderElection,
		LeaderElectionID:                    leaderElectionID,
		LeaderElectionResourceLockInterface: lease,
		LeaderElectionReleaseOnCancel:       true,
		LeaseDuration:                       ptr.To(givesUpAfter + leaseDuration),
		RenewDeadline:                       ptr.To(givesUpAfter),
		RetryPeriod:                         ptr.To(retryPeriod),
		GracefulShutdownTimeout:             ptr.To(5 * time.Second),
	})
	if err != nil {
		return nil, fmt.Errorf("make the manager: %w", err)
	}
	if err := mgr.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return nil, fmt.Errorf("add healthz: %w", err)
	}
	installed, err := newInstallation(cluster, options.Namespace)
	if err != nil {
		return nil, err
	}
	ready := &readiness{cache: mgr.GetCache(), kinds: installed.kinds, log: mgr.GetLogger().WithName("readiness")}
	if err := mgr.AddReadyzCheck("readyz", ready.Check); err != nil {
		return nil, fmt.Errorf("add readyz: %w", err)
	}
	return stoppable{mgr, told}, nil
}
