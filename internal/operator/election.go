package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/utils/clock"
)

// The times of the leader election. A replica that ends in order releases the lease. After any other end another replica
// takes over within leaseDuration and twice the wait between two of its tries, which is up to 2.2 retryPeriods: 2.9 s. Every
// renewal is a write of the leader: five a second.
const (
	leaderElectionID = "lab-operator"
	// leaseDuration is how long others leave a lease alone that is not renewed. The Lease counts in whole seconds.
	leaseDuration = 2 * time.Second
	// renewDeadline is how long the leader writes without having renewed the lease. What is left to leaseDuration is for
	// requests that are on their way.
	renewDeadline = 1750 * time.Millisecond
	// retryPeriod is the time between two renewals.
	retryPeriod = 200 * time.Millisecond
	// leaseTimeout bounds one request for the lease.
	leaseTimeout = 1500 * time.Millisecond
	// givesUpAfter is how long a leader tries to renew the lease that nobody else takes, as where there is one replica and the
	// API server is slow. It writes nothing meanwhile, and goes on with what it knows when the lease is renewed.
	givesUpAfter = 30 * time.Second
)

// errDeposed is why an operator ends whose lease another replica has.
var errDeposed = errors.New("another replica has taken the lease")

// errNotLeading is the error of a write that a replica does not send because others may lead by now.
var errNotLeading = errors.New("this replica has not renewed its lease in time, so it writes nothing: another may lead")

// tenure is the time in which this replica leads, by its own clock. The zero value is none.
type tenure struct {
	clock clock.PassiveClock

	mu sync.Mutex
	// renewed is when the last renewal that succeeded was sent. It is the zero time outside of the tenure.
	renewed time.Time
}

// renew notes that the lease was renewed by a request that was sent at a time.
func (t *tenure) renew(sent time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.renewed = sent
}

// end notes that the lease is given up or lost, and tells whether this replica had it.
func (t *tenure) end() (had bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	had = !t.renewed.IsZero()
	t.renewed = time.Time{}
	return had
}

// holds tells whether no other replica can lead now. The time of day counts too: the monotonic clock stands still while
// a virtual machine is suspended.
func (t *tenure) holds() bool {
	now := t.clock.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	passed := max(now.Sub(t.renewed), now.Round(0).Sub(t.renewed.Round(0)))
	return !t.renewed.IsZero() && passed < renewDeadline
}

// guard is a transport that sends writes only during the tenure. A leader notices only some time after the lease is lost
// that it is, and later still if the process was stopped meanwhile: what its workers were about to write would then meet
// what the next leader writes.
type guard struct {
	tenure *tenure
	inner  http.RoundTripper
}

// RoundTrip sends a request, unless it is a write out of the tenure.
func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return g.inner.RoundTrip(req)
	}
	if g.tenure.holds() {
		return g.inner.RoundTrip(req)
	}
	if req.Body != nil {
		return nil, errors.Join(errNotLeading, req.Body.Close())
	}
	return nil, errNotLeading
}

// WrappedRoundTripper is what clients look through for the settings of TLS.
func (g guard) WrappedRoundTripper() http.RoundTripper { return g.inner }

// lock is the lease of the leader election, which keeps the tenure.
type lock struct {
	resourcelock.Interface
	tenure *tenure
	// deposed is called when another replica has taken the lease.
	deposed func(error)
}

// newLock makes the lease in a namespace. Its own writes are not guarded: they are how a tenure begins.
func newLock(cluster *rest.Config, namespace string, tenure *tenure, deposed func(error)) (resourcelock.Interface, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("name this replica: %w", err)
	}
	// Two replicas on a host have two names, and so have two lives of one.
	identity := resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())}
	inner, err := resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, namespace, leaderElectionID, identity, cluster, 2*leaseTimeout)
	if err != nil {
		return nil, fmt.Errorf("make the lease: %w", err)
	}
	return lock{Interface: inner, tenure: tenure, deposed: deposed}, nil
}

// Get reads the lease. It is read again where it could not be renewed.
func (l lock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := l.Interface.Get(ctx)
	if err == nil && record.HolderIdentity != "" && record.HolderIdentity != l.Identity() && l.tenure.end() {
		l.deposed(errDeposed)
	}
	return record, raw, err
}

// Create makes the lease, for this replica.
func (l lock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.write(ctx, record, l.Interface.Create)
}

// Update renews the lease, takes it over or releases it.
func (l lock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.write(ctx, record, l.Interface.Update)
}

func (l lock) write(ctx context.Context, record resourcelock.LeaderElectionRecord,
	do func(context.Context, resourcelock.LeaderElectionRecord) error) error {
	if record.HolderIdentity != l.Identity() {
		// Released, whether or not the answer arrives.
		l.tenure.end()
		return do(ctx, record)
	}
	// The leader itself is more patient with the lease than others are to be.
	record.LeaseDurationSeconds = int(leaseDuration / time.Second)
	sent := l.tenure.clock.Now()
	if err := do(ctx, record); err != nil {
		return err
	}
	l.tenure.renew(sent)
	return nil
}
