package workshop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Owner is the field manager of everything that the operator applies.
const Owner = "lab-operator"

// Reconciler moves Workshops towards what their spec and the time ask for. All fields are required; none may change after
// SetupWithManager.
type Reconciler struct {
	// Client reads our own kinds, and the accounts and bindings of attendees, from the cache, and sees its own writes there.
	Client client.Client
	// Direct reads and writes without a cache: namespaces, tokens, Secrets.
	Direct client.Client
	// Deployer deletes pods in the namespaces of labs, as the deployer, who has rights there alone.
	Deployer client.Client
	// Recorder writes events on Workshops.
	Recorder events.EventRecorder
	// Clock is what opening, closing and renewals are measured by.
	Clock clock.Clock
	// ServerTime asks for the API server's time.
	ServerTime func(context.Context) (time.Time, error)
	// MaxAttendees is how many attendees a Workshop may have; 0 is as many as the API allows.
	MaxAttendees int
	// Cluster says how attendees reach the API server.
	Cluster Cluster
	// OperatorNamespace is where the operator's own account is.
	OperatorNamespace string
	// OperatorAccount is the name of that account.
	OperatorAccount string

	stateByWorkshop stateByWorkshop
}

// Reconcile does what is due for the attendees of one Workshop and writes its status once.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	workshop := &v1beta1.Workshop{}
	if err := r.Client.Get(ctx, req.NamespacedName, workshop); err != nil {
		if client.IgnoreNotFound(err) == nil {
			r.stateByWorkshop.drop(req.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	s := r.newScope(workshop)
	if !workshop.DeletionTimestamp.IsZero() {
		return r.finish(ctx, s)
	}
	if controllerutil.AddFinalizer(s.workshop, v1beta1.WorkshopFinalizer) {
		patch := client.MergeFromWithOptions(s.before, client.MergeFromWithOptimisticLock{})
		if err := r.Client.Patch(ctx, s.workshop, patch, client.FieldOwner(Owner)); err != nil {
			return ctrl.Result{}, fmt.Errorf("add the finalizer: %w", err)
		}
		s.before = s.workshop.DeepCopy()
	}
	if err := r.run(ctx, s); err != nil {
		return ctrl.Result{}, errors.Join(err, r.sayLasting(ctx, s, err))
	}
	s.lasting = s.memory.failing.Note(s.retry, s.now)
	s.conclude()
	if err := r.write(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	r.announce(ctx, s)
	s.memory.logFailures(ctx, s.failures)
	if s.retry != nil {
		return ctrl.Result{}, s.retry
	}
	return ctrl.Result{RequeueAfter: s.recheck}, nil
}

// sayLasting tells in the condition Stalled of an error that ended the phases early and has lasted. All else in the status
// stays as it is: nothing was counted.
func (r *Reconciler) sayLasting(ctx context.Context, s *scope, failed error) error {
	if s.lasting = s.memory.failing.Note(failed, s.now); s.lasting == "" {
		return nil
	}
	s.set(v1beta1.ConditionStalled, s.stalled())
	if err := r.write(ctx, s); err != nil {
		return err
	}
	r.announce(ctx, s)
	return nil
}

// run goes through the phases.
func (r *Reconciler) run(ctx context.Context, s *scope) error {
	for _, phase := range []func(context.Context, *scope) error{r.gather, r.checkClock, r.resolveLabs, r.delayLosses, r.prune, r.reconcileAttendees, r.summarize} {
		if err := phase(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

const (
	// failedRecheck is how often what could not be made is tried again where no event may tell that it can be.
	failedRecheck = 15 * time.Second
	// rightsRecheck is how soon a right is tried again that has just been given.
	rightsRecheck = 100 * time.Millisecond
	// requeueNext is how soon the next attendees have their turn.
	requeueNext = 10 * time.Millisecond
)
