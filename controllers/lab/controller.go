package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/evidence"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/metrics"
	"github.com/lab-operator/lab-operator/internal/recording"
)

// Owner is the field manager of everything that the operator applies.
const Owner = "lab-operator"

// Reconciler moves Labs towards what their spec and what is seen in their namespaces ask for.
// All fields but Witness are required; none may change after SetupWithManager.
type Reconciler struct {
	// Client reads our own kinds from the cache and sees its own writes there. It writes Labs.
	Client client.Client
	// Direct reads and writes without a cache: namespaces, guardrails, pins.
	Direct client.Client
	// Deployer writes the setup, without a cache, as the lab deployer.
	Deployer client.Client
	// Mapper knows the kinds that the cluster serves.
	Mapper meta.RESTMapper
	// Evidence watches the namespaces of labs.
	Evidence *evidence.Watches
	// Probes look at the services in them.
	Probes *probe.Pool
	// Catalog has the compiled revisions, shared by all labs and with the catalog controller.
	Catalog *catalog.Cache
	// Recorder writes events on Labs.
	Recorder events.EventRecorder
	// Metrics are told of what happens to labs.
	Metrics *metrics.Metrics
	// Clock is what holds, hints and time stamps are measured by.
	Clock clock.Clock
	// Settings say where the operator lives.
	Settings guardrail.Settings
	// Witness is shown each moment by which a lab is judged. Nil in every operator but the one that makes recordings.
	Witness func(lab types.UID, moment recording.Moment)

	stateByLab stateByLab
}

// Reconcile runs the phases of one Lab and writes its status once.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (_ ctrl.Result, err error) {
	defer func() { r.Metrics.Retried(err) }()
	changed := r.Metrics.TakeChange(req.NamespacedName)
	lab := &v1beta1.Lab{}
	if err := r.Client.Get(ctx, req.NamespacedName, lab); err != nil {
		if client.IgnoreNotFound(err) == nil {
			r.Evidence.Abandon(req.NamespacedName)
			r.Probes.Forget(req.NamespacedName)
			r.stateByLab.drop(req.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	s := r.newScope(lab)
	s.memory.noteChange(changed)
	if !lab.DeletionTimestamp.IsZero() {
		return r.finish(ctx, s)
	}
	if controllerutil.AddFinalizer(s.lab, v1beta1.LabFinalizer) {
		patch := client.MergeFromWithOptions(s.original, client.MergeFromWithOptimisticLock{})
		if err := r.Client.Patch(ctx, s.lab, patch, client.FieldOwner(Owner)); err != nil {
			return r.conclude(ctx, s, fmt.Errorf("add the finalizer: %w", err))
		}
		s.original, s.latest = s.lab.DeepCopy(), true
	}
	return r.conclude(ctx, s, r.run(ctx, s))
}

// run goes through the phases until one says that there is nothing to do behind it.
func (r *Reconciler) run(ctx context.Context, s *scope) error {
	phases := []func(context.Context, *scope) error{
		r.observe, r.takeDown, r.pin, r.recall, r.provision, r.snapshot, r.checkReadiness, r.judge, r.grade, r.requestProbes, r.restore,
	}
	for _, phase := range phases {
		if err := phase(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// conclude sorts the error of the phases, writes the status, tells of what changed, and says when to look again.
func (r *Reconciler) conclude(ctx context.Context, s *scope, failed error) (ctrl.Result, error) {
	verdict := sortError(failed)
	s.memory.logFault(ctx, verdict.fault)
	s.lasting = s.memory.failing.Note(verdict.retry, s.now)
	s.mark(verdict)
	s.summarize()

	if wait := s.throttle(); wait > 0 {
		if verdict.retry != nil {
			return ctrl.Result{}, verdict.retry
		}
		s.again(wait)
		return ctrl.Result{RequeueAfter: s.recheck}, nil
	}
	if err := r.write(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	r.recordMetrics(s)
	r.announce(ctx, s)
	if err := errors.Join(r.record(ctx, s), r.review(ctx, s)); err != nil {
		return ctrl.Result{}, err
	}
	if verdict.retry != nil {
		return ctrl.Result{}, verdict.retry
	}
	s.memory.changed = time.Time{}
	if verdict.fault != nil {
		s.again(s.faultRecheck())
	}
	return ctrl.Result{RequeueAfter: s.recheck}, nil
}

const (
	// soonestFaultRecheck is how soon a lab is tried again whose fault no event may tell the end of, and
	// rarestFaultRecheck how often after a long time: a thousand labs of one refused exercise are no load then.
	soonestFaultRecheck = 15 * time.Second
	rarestFaultRecheck  = 5 * time.Minute
	// flapWindow is the shortest time between two status writes that carry no progress.
	flapWindow = 200 * time.Millisecond
)

// faultRecheck is when to try again: the rarer, the longer the lab has been stalled.
func (s *scope) faultRecheck() time.Duration {
	stalled := meta.FindStatusCondition(s.lab.Status.Conditions, v1beta1.ConditionStalled)
	if stalled == nil {
		return soonestFaultRecheck
	}
	return min(max(s.now.Sub(stalled.LastTransitionTime.Time)/2, soonestFaultRecheck), rarestFaultRecheck)
}
