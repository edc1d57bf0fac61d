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

// serverProfile is how long the API server is looked at from the beginning of what is profiled: it goes on to the end
// of that time when all is done before.
const serverProfile = 15 * time.Second

// profile writes how the processors are used meanwhile: by this process, and by the API server.
func (h *hall) profile(t *testing.T, wanted bool, name string, do func()) {
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
	var looking sync.WaitGroup
	defer looking.Wait()
	defer pprof.StopCPUProfile()
	looking.Go(func() { h.profileServer(t, name) })
	do()
}

// profileServer writes how the API server uses its processors.
func (h *hall) profileServer(t *testing.T, name string) {
	client, err := kubernetes.NewForConfig(h.world.Config)
	if err != nil {
		t.Error(err)
		return
	}
	seconds := strconv.Itoa(int(serverProfile.Seconds()))
	data, err := client.RESTClient().Get().AbsPath("/debug/pprof/profile").Param("seconds", seconds).DoRaw(t.Context())
	if err != nil {
		t.Error(fmt.Errorf("look at the API server: %w", err))
		return
	}
	if err := os.WriteFile(filepath.Join(h.profiles, name+"-server.pprof"), data, 0o644); err != nil {
		t.Error(err)
	}
}

// profileHeap writes what is held in memory.
func (h *hall) profileHeap(t *testing.T, wanted bool) {
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

func (h *hall) profileFile(t *testing.T, name string) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(h.profiles, name+".pprof"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}
