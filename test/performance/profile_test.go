package performance

import (
	"os"
	"path/filepath"
	"runtime/pprof"
	"testing"
)

// profile writes how the processors are used meanwhile.
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
	defer pprof.StopCPUProfile()
	do()
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
