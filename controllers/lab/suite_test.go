package lab_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/klog/v2/textlogger"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/internal/recording"
	"github.com/lab-operator/lab-operator/test/testenv"
)

var (
	cluster *testenv.Environment
	running *testenv.Operator
	exposed *prometheus.Registry // the metrics of the one that runs
	// recorded is what operators saw of each lab.
	recorded recording.Recorder
)

func TestLab(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(20 * time.Second)
	EnforceDefaultTimeoutsWhenUsingContexts()
	SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	SetDefaultConsistentlyPollingInterval(20 * time.Millisecond)
	RunSpecs(t, "Lab")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	ctrl.SetLogger(textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(GinkgoWriter))))
	var err error
	cluster, err = testenv.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(cluster.Stop()).To(Succeed()) })
	running = startOperator()
	DeferCleanup(func() { stop(running) })
})

// startOperator runs the operator as it runs in a cluster.
func startOperator() *testenv.Operator {
	GinkgoHelper()
	exposed = prometheus.NewRegistry()
	started, err := testenv.RunOperator(testenv.Impersonate(cluster.Config, testenv.OperatorAccount), operator.Options{Registerer: exposed, Witness: recorded.See})
	Expect(err).NotTo(HaveOccurred())
	return started
}

// stop ends an operator.
func stop(running *testenv.Operator) {
	GinkgoHelper()
	Expect(running.Stop()).To(Succeed())
}

// restart replaces the operator by one that knows nothing.
func restart() {
	GinkgoHelper()
	stop(running)
	running = startOperator()
}
