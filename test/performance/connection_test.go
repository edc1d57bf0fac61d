package performance

import (
	"net/http"
	"testing"
	"time"

	"github.com/onsi/gomega"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/testenv"
)

const (
	// timeout is how long to wait, on a machine that is busy with other things.
	timeout = 10 * time.Minute
	// pollInterval is the time between two checks.
	pollInterval = 20 * time.Millisecond
	// quietPeriod is how long there are no requests once all is done.
	quietPeriod = time.Second
)

// connection is the access of one party to the API server: with connections of its own, so that
// nobody slows another down, and with a count of its requests.
type connection struct {
	*counter
	config *rest.Config
	inner  *http.Transport
}

// connect creates a connection to the API server. Without an account it is that of an
// administrator.
func connect(t *testing.T, cluster *rest.Config, account string) *connection {
	t.Helper()
	tls, err := rest.TLSConfigFor(cluster)
	if err != nil {
		t.Fatal(err)
	}
	inner := utilnet.SetTransportDefaults(&http.Transport{TLSClientConfig: tls, MaxIdleConnsPerHost: 100})
	counted := &counter{inner: inner}
	return &connection{counter: counted, inner: inner, config: &rest.Config{
		Host: cluster.Host, Transport: counted, QPS: -1, Impersonate: rest.ImpersonationConfig{UserName: account},
	}}
}

// awaitQuiet waits until there were no requests for a while.
func (c *connection) awaitQuiet(t *testing.T) {
	t.Helper()
	gomega.NewWithT(t).Eventually(c.quietFor).WithTimeout(timeout).WithPolling(pollInterval).Should(gomega.BeNumerically(">", quietPeriod))
}

// process is one operator, with a connection of its own.
type process struct {
	*connection
	operator *testenv.Operator
}

// startOperator runs the operator as it runs in a cluster, and waits until it has nothing more to
// do.
func startOperator(t *testing.T, cluster *rest.Config) *process {
	t.Helper()
	p := &process{connection: connect(t, cluster, testenv.OperatorAccount)}
	var err error
	if p.operator, err = testenv.RunOperator(p.config, operator.Options{}); err != nil {
		t.Fatal(err)
	}
	gomega.NewWithT(t).Eventually(p.requestsSoFar).WithTimeout(timeout).WithPolling(pollInterval).
		Should(gomega.HaveKey(kindOfRequest{verb: "watch", resource: "labs"}), "the operator watches Labs")
	p.awaitQuiet(t)
	return p
}

// stop ends the operator, and waits until it has ended.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.operator.Stop(); err != nil {
		t.Fatal(err)
	}
	p.inner.CloseIdleConnections()
}
