package performance

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
)

// serverProfile is how long the API server is profiled from the start of the work: to the end of
// that time even if the work ends before.
const serverProfile = 15 * time.Second

// profile writes CPU profiles of this process and of the API server while do runs.
func (h *harness) profile(t *testing.T, wanted bool, name string, do func()) {
	t.Helper()
	if !wanted || h.profiles == "" {
		do()
		return
	}
	file := h.profileFile(t, name)
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		t.Fatal(err)
	}
	var profiling sync.WaitGroup
	defer profiling.Wait()
	defer pprof.StopCPUProfile()
	profiling.Go(func() { h.profileServer(t, name) })
	do()
}

// profileServer writes the CPU profile of the API server.
func (h *harness) profileServer(t *testing.T, name string) {
	client, err := kubernetes.NewForConfig(h.env.Config)
	if err != nil {
		t.Error(err)
		return
	}
	seconds := strconv.Itoa(int(serverProfile.Seconds()))
	data, err := client.RESTClient().Get().AbsPath("/debug/pprof/profile").Param("seconds", seconds).DoRaw(t.Context())
	if err != nil {
		t.Error(fmt.Errorf("profile the API server: %w", err))
		return
	}
	if err := os.WriteFile(filepath.Join(h.profiles, name+"-server.pprof"), data, 0o644); err != nil {
		t.Error(err)
	}
}

// profileHeap writes the heap profile.
func (h *harness) profileHeap(t *testing.T, wanted bool) {
	t.Helper()
	if !wanted || h.profiles == "" {
		return
	}
	file := h.profileFile(t, "heap")
	defer file.Close()
	if err := pprof.WriteHeapProfile(file); err != nil {
		t.Fatal(err)
	}
}

func (h *harness) profileFile(t *testing.T, name string) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(h.profiles, name+".pprof"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}
