package web

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

func TestBurnUsesCPUTimeNotTime(t *testing.T) {
	// The goroutine keeps its thread, so that the clock of the thread tells what burn used.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for name, want := range map[string]time.Duration{
		"nothing":    0,
		"negative":   -time.Second,
		"a little":   2 * time.Millisecond,
		"much":       60 * time.Millisecond,
		"in between": 15 * time.Millisecond,
	} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			before, err := threadTime()
			if err != nil {
				t.Fatal(err)
			}
			if err := burn(t.Context(), want); err != nil {
				t.Fatalf("burn: %v", err)
			}
			after, err := threadTime()
			if err != nil {
				t.Fatal(err)
			}
			// The upper bound leaves room for one more round and for the runtime, in CPU time: a busy machine does not count.
			if used := after - before; used < want || used > max(want, 0)+5*time.Millisecond {
				t.Errorf("used %v of CPU time, want %v", used, want)
			}
		})
	}
}

func TestBurnEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := burn(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("burn returned %v, want the error of its context", err)
	}
}
