//go:build cluster

package contract

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/internal/recording"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// operatorKubeconfig names a kubeconfig of the operator's ServiceAccount. With it the suite runs the operator itself, in place of
// the one in the cluster, and keeps what that saw of each run that met the contract.
const operatorKubeconfig = "OPERATOR_KUBECONFIG"

// startOperator starts the operator that records, if the suite is to record.
func (s *suite) startOperator(t *testing.T) {
	path := os.Getenv(operatorKubeconfig)
	if path == "" {
		return
	}
	g := expecting(t)
	config, err := clientcmd.BuildConfigFromFlags("", path)
	g.Expect(err).NotTo(HaveOccurred())
	s.recorder = &recording.Recorder{}
	manager, err := operator.New(config, operator.Options{
		Namespace: testenv.OperatorNamespace, MetricsAddress: "0", Witness: s.recorder.See,
	})
	g.Expect(err).NotTo(HaveOccurred())
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() {
		err := manager.Start(ctx)
		if err != nil {
			// Nothing is judged from now on: whoever waits in vain reads why at the end.
			tell("the operator that records", err.Error())
		}
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the operator that records ended: %v", err)
		}
	})
}

// keep writes what was seen of a lab up to now, beside the exercise of the catalog that it was made by.
func (s *sitting) keep(t *testing.T, f folder, script string) {
	if s.suite.recorder == nil {
		return
	}
	g := expecting(t)
	end, lab := time.Now().UTC(), s.lab(t)
	frames, err := s.suite.recorder.Take(s.uid)
	g.Expect(err).NotTo(HaveOccurred())
	if filepath.Dir(f.path) != filepath.Join(testenv.Root(), "labs") {
		return
	}
	name, err := filepath.Rel(f.path, script)
	g.Expect(err).NotTo(HaveOccurred())
	name = filepath.ToSlash(name)
	origin, err := recording.Origin(f.path, name)
	g.Expect(err).NotTo(HaveOccurred())
	recorded := recording.Recording{Frames: frames, Head: recording.Head{
		Exercise: f.exercise, Topic: lab.Spec.Topic, Script: name, Origin: origin, Learner: s.key.String(),
		Namespace: lab.Status.Namespace, Params: lab.Status.Params, End: end,
	}}
	data, err := recorded.Encode()
	g.Expect(err).NotTo(HaveOccurred())
	file := filepath.Join(f.path, recording.Folder, strings.TrimSuffix(name, ".sh")+recording.Extension)
	g.Expect(os.MkdirAll(filepath.Dir(file), 0o750)).To(Succeed())
	g.Expect(os.WriteFile(file, data, 0o644)).To(Succeed()) //nolint:gosec // it is a file of the repository
	t.Logf("recorded: %d frames, %d bytes", len(frames), len(data))
}
