package performance

import (
	"context"
	"sync"
)

// job is something to be done by one of a crew.
type job func(ctx context.Context) error

// crew does jobs, many at the same time.
type crew struct {
	jobs    chan job
	working sync.WaitGroup
}

// hire makes a crew that can be given a number of jobs without waiting. Fail is told the first error, and ends the
// context: what is left to do then is left.
func hire(ctx context.Context, fail context.CancelCauseFunc, hands, jobs int) *crew {
	c := &crew{jobs: make(chan job, jobs)}
	for range hands {
		c.working.Go(func() {
			for do := range c.jobs {
				if ctx.Err() != nil {
					continue
				}
				if err := do(ctx); err != nil {
					fail(err)
				}
			}
		})
	}
	return c
}

// dismiss waits until all jobs are done. No more can be given.
func (c *crew) dismiss() {
	close(c.jobs)
	c.working.Wait()
}
