package workshop_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2/textlogger"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/world"
)

// account is who the operator is in a cluster: the tests give it no more rights than it has there.
const account = "system:serviceaccount:" + world.OperatorNamespace + ":lab-operator"

var (
	cluster *world.World
	running *process
)

func TestWorkshop(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(40 * time.Second)
	EnforceDefaultTimeoutsWhenUsingContexts()
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	SetDefaultConsistentlyPollingInterval(50 * time.Millisecond)
	RunSpecs(t, "Workshop")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	ctrl.SetLogger(textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(GinkgoWriter))))
	var err error
	cluster, err = world.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(cluster.Stop()).To(Succeed()) })
	running = startOperator()
	DeferCleanup(func() { running.stop() })
})

// process is one operator.
type process struct {
	cancel context.CancelFunc
	ended  chan error
}

// startOperator runs the operator as it runs in a cluster.
func startOperator() *process {
	GinkgoHelper()
	config := rest.CopyConfig(cluster.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: account}
	manager, err := operator.New(config, operator.Options{
		Namespace: world.OperatorNamespace, MetricsAddress: "0", SkipNameValidation: true,
	})
	Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{cancel: cancel, ended: make(chan error, 1)}
	go func() { p.ended <- manager.Start(ctx) }()
	return p
}

// stop ends the operator and waits until it has ended.
func (p *process) stop() {
	GinkgoHelper()
	p.cancel()
	Eventually(p.ended).Should(Receive(BeNil()))
}

// restart replaces the operator by one that knows nothing.
func restart() {
	GinkgoHelper()
	running.stop()
	running = startOperator()
}
