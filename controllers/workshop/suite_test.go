package workshop_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"k8s.io/klog/v2/textlogger"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/testenv"
)

var (
	cluster *testenv.Environment
	running *testenv.Operator
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
	cluster, err = testenv.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(cluster.Stop()).To(Succeed()) })
	running = startOperator()
	DeferCleanup(func() { Expect(running.Stop()).To(Succeed()) })
})

// startOperator runs the operator as it runs in a cluster.
func startOperator() *testenv.Operator {
	GinkgoHelper()
	started, err := testenv.RunOperator(testenv.Impersonate(cluster.Config, testenv.OperatorAccount), operator.Options{})
	Expect(err).NotTo(HaveOccurred())
	return started
}

// restart replaces the operator by one that knows nothing.
func restart() {
	GinkgoHelper()
	Expect(running.Stop()).To(Succeed())
	running = startOperator()
}
