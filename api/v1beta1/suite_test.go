package v1beta1_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// startTimeout is for machines that are busy with other things.
const startTimeout = 2 * time.Minute

// crdFolder is where controller-gen writes what these tests hold against the API server.
var crdFolder = filepath.Join("..", "..", "config", "crd", "bases")

// apiServer is set once, before the first test. The tests leave no object behind that another one sees.
var apiServer *rest.Config

func TestMain(m *testing.M) {
	os.Exit(withAPIServer(m.Run))
}

func withAPIServer(run func() int) int {
	environment := &envtest.Environment{
		CRDDirectoryPaths:        []string{crdFolder},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  startTimeout,
	}
	config, err := environment.Start()
	if err != nil {
		fmt.Fprintf(os.Stderr, "starting the API server (make test-api finds it): %v\n", err)
		return 1
	}
	apiServer = config
	code := run()
	if err := environment.Stop(); err != nil {
		fmt.Fprintf(os.Stderr, "stopping the API server: %v\n", err)
		return 1
	}
	return code
}
