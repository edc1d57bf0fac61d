package web

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// burnRound is the number of steps between two looks at the clock: some microseconds of work.
const burnRound = 20_000

// burn uses up CPU time: not time on the wall, which passes on a busy node without any work being done. So a request
// costs the same wherever and beside whatever it runs, and the numbers that an autoscaler sees can be predicted.
// It returns early with the error of the context when that ends.
func burn(ctx context.Context, cpu time.Duration) error {
	if cpu <= 0 {
		return ctx.Err()
	}
	// The clock is that of a thread: this goroutine must keep the one it starts on.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start, err := threadTime()
	if err != nil {
		return err
	}
	for work := uint64(1); ; {
		for range burnRound {
			// A xorshift keeps to the registers: no memory, no branch, nothing that another pod could slow down.
			work ^= work << 13
			work ^= work >> 7
			work ^= work << 17
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		used, err := threadTime()
		if err != nil {
			return err
		}
		if used-start >= cpu {
			return nil
		}
	}
}

// threadTime is the CPU time that the current thread has used.
func threadTime() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0, fmt.Errorf("read the CPU time of the thread: %w", err)
	}
	return time.Duration(t.Nano()), nil
}
