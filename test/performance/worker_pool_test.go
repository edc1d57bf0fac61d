package performance

import (
	"context"
	"sync"
)

// job is the work of one worker.
type job func(ctx context.Context) error

// workerPool does jobs, many at the same time.
type workerPool struct {
	jobs    chan job
	running sync.WaitGroup
}

// startWorkers starts a pool that takes a number of jobs without blocking. Fail gets every error,
// and ends the context: the jobs that are left are dropped.
func startWorkers(ctx context.Context, fail context.CancelCauseFunc, workers, jobs int) *workerPool {
	p := &workerPool{jobs: make(chan job, jobs)}
	for range workers {
		p.running.Go(func() {
			for do := range p.jobs {
				if ctx.Err() != nil {
					continue
				}
				if err := do(ctx); err != nil {
					fail(err)
				}
			}
		})
	}
	return p
}

// wait returns when all jobs are done. No more can be added.
func (p *workerPool) wait() {
	close(p.jobs)
	p.running.Wait()
}
