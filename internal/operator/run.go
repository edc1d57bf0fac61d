package operator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

const (
	// installationRecheck is how often an installation is looked at that is not complete, and kindsRecheck how often one
	// that was complete.
	installationRecheck = 2 * time.Second
	kindsRecheck        = 5 * time.Second
	// reminder is how often it is told again that the installation is not complete.
	reminder = time.Minute
	// closing is how long the probes of a waiting operator may take to end.
	closing = time.Second
)

// ErrRestart is the error of an operator that has to begin again in a new process, since the lease was lost or kinds are
// gone: its caches and workers are of no use any more.
var ErrRestart = errors.New("the operator has to begin again")

// Run waits until the installation is complete, and then runs the operator until the context ends.
func Run(ctx context.Context, cluster *rest.Config, options Options) error {
	if options.Clock == nil {
		options.Clock = clock.RealClock{}
	}
	log := ctrl.Log.WithName("installation")
	installed, err := newInstallation(cluster, options.Namespace)
	if err != nil {
		return err
	}
	if err := waitForInstallation(ctx, installed.check, options, log); err != nil || ctx.Err() != nil {
		return err
	}
	if earlier, err := installed.earlierVersions(ctx); err == nil && len(earlier) > 0 {
		log.Info("Kinds of an earlier edition are left. Nothing reads them", "versions", earlier)
	}
	held := &tenure{}
	leading, depose := context.WithCancelCause(ctx)
	defer depose(nil)
	mgr, err := assemble(cluster, options, held, depose)
	if err != nil {
		return err
	}
	watch := manager.RunnableFunc(func(ctx context.Context) error { return watchKinds(ctx, installed.kinds, options.Clock) })
	if err := mgr.Add(everywhere{watch}); err != nil {
		return fmt.Errorf("add the watch of the installation: %w", err)
	}
	err = mgr.Start(leading)
	if ctx.Err() != nil {
		return err
	}
	if cause := context.Cause(leading); cause != nil {
		return fmt.Errorf("%w: %w", ErrRestart, cause)
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, errKindsMissing) || options.LeaderElection && wasElected(mgr) && !held.holds() {
		return fmt.Errorf("%w: %w", ErrRestart, err)
	}
	return fmt.Errorf("run: %w", err)
}

// wasElected tells whether this replica has led.
func wasElected(mgr manager.Manager) bool {
	select {
	case <-mgr.Elected():
		return true
	default:
		return false
	}
}

// everywhere is a part of the operator that replicas which do not lead run too.
type everywhere struct{ manager.Runnable }

// NeedLeaderElection is false.
func (everywhere) NeedLeaderElection() bool { return false }

// waitForInstallation returns when the check returns nil or the context ends. Meanwhile the process is healthy and not
// ready, and says why in its log.
func waitForInstallation(ctx context.Context, check func(context.Context) error, options Options, log logr.Logger) error {
	problem := check(ctx)
	if problem == nil {
		return nil
	}
	stop, err := serveWaiting(options.ProbeAddress, func() string { return "the installation is not complete: see the log" })
	if err != nil {
		return err
	}
	defer stop()
	var told string
	var toldAt time.Time
	for problem != nil {
		if now := options.Clock.Now(); problem.Error() != told || now.Sub(toldAt) >= reminder {
			log.Info("The operator waits: the installation is not complete", "problem", problem.Error())
			told, toldAt = problem.Error(), now
		}
		select {
		case <-ctx.Done():
			return nil
		case <-options.Clock.After(installationRecheck):
		}
		problem = check(ctx)
	}
	log.Info("The installation is complete")
	return nil
}

// watchKinds returns an error when one of our kinds is gone. An API server that does not answer is not an answer.
func watchKinds(ctx context.Context, kinds func(context.Context) error, clock clock.Clock) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-clock.After(kindsRecheck):
		}
		if err := kinds(ctx); errors.Is(err, errKindsMissing) {
			return err
		}
	}
}

// serveWaiting serves the probes of an operator that waits. An empty address serves none.
func serveWaiting(address string, why func() string) (stop func(), err error) {
	if address == "" || address == "0" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve the probes: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, why(), http.StatusServiceUnavailable) })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: closing}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // it ends when it is stopped
	}()
	return func() {
		_ = server.Close() // what was asked meanwhile is asked again
		<-ended
	}, nil
}
