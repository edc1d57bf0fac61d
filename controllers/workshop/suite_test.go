package workshop_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"k8s.io/klog/v2/textlogger"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/world"
)

var (
	cluster *world.World
	running *world.Operator
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
	DeferCleanup(func() { Expect(running.Stop()).To(Succeed()) })
})

// startOperator runs the operator as it runs in a cluster.
func startOperator() *world.Operator {
	GinkgoHelper()
	started, err := world.RunOperator(world.As(cluster.Config, world.OperatorAccount), operator.Options{})
	Expect(err).NotTo(HaveOccurred())
	return started
}

// restart replaces the operator by one that knows nothing.
func restart() {
	GinkgoHelper()
	Expect(running.Stop()).To(Succeed())
	running = startOperator()
}
