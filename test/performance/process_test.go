package performance

import (
	"net/http"
	"testing"
	"time"

	"github.com/onsi/gomega"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/world"
)

const (
	// patience is how long to wait for what does come, on a machine that has other things to do as well.
	patience = 10 * time.Minute
	// glance is the time between two looks.
	glance = 20 * time.Millisecond
	// silence is how long nobody asks for anything when all is done.
	silence = time.Second
)

// connection is one party's way to the API server: with connections of its own, so that nobody stands in another's
// way, and counted.
type connection struct {
	*counter
	config *rest.Config
	inner  *http.Transport
}

// connect makes a way to the API server of a cluster. Without an account it is an administrator's.
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

// awaitQuiet waits until nothing has been asked for a while.
func (c *connection) awaitQuiet(t *testing.T) {
	t.Helper()
	gomega.NewWithT(t).Eventually(c.quietFor).WithTimeout(patience).WithPolling(glance).Should(gomega.BeNumerically(">", silence))
}

// process is one operator, with a way of its own.
type process struct {
	*connection
	operator *world.Operator
}

// startOperator runs the operator as it runs in a cluster, and waits until it has nothing to do any more.
func startOperator(t *testing.T, cluster *rest.Config) *process {
	t.Helper()
	p := &process{connection: connect(t, cluster, world.OperatorAccount)}
	var err error
	if p.operator, err = world.RunOperator(p.config, operator.Options{}); err != nil {
		t.Fatal(err)
	}
	gomega.NewWithT(t).Eventually(p.sofar).WithTimeout(patience).WithPolling(glance).
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
