// Package dockerd makes sure that a docker daemon answers.
package dockerd

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/host"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/progress"
)

// Daemon is the docker daemon of this machine.
type Daemon struct {
	Cache    cache.Cache
	Facts    host.Facts
	Progress *progress.Reporter
}

// Ensure returns when a daemon answers: the one that is there, or else one that is
// started, and installed before where this is possible.
func (d Daemon) Ensure(ctx context.Context) error {
	if answers(ctx) {
		return nil
	}
	if err := startable(runtime.GOOS, os.Getuid(), os.Getenv("DOCKER_HOST")); err != nil {
		return err
	}
	if _, err := exec.LookPath("dockerd"); err != nil {
		if err := d.install(ctx); err != nil {
			return err
		}
	}
	return d.start(ctx)
}

// Answers fails if no daemon answers, and starts none.
func Answers(ctx context.Context) error {
	if !answers(ctx) {
		return fmt.Errorf("no docker daemon answers: a cluster would be kept on its disk, start it first")
	}
	return nil
}

// startable tells what to do where the daemon is not ours to start.
func startable(goos string, uid int, dockerHost string) error {
	switch {
	case dockerHost != "":
		return fmt.Errorf("no docker daemon answers at DOCKER_HOST=%s", dockerHost)
	case goos != "linux":
		return fmt.Errorf("no docker daemon answers: start Docker Desktop or its like")
	case uid != 0:
		return fmt.Errorf("no docker daemon answers: start it (sudo systemctl start docker) and be a member of the group docker")
	}
	return nil
}

func answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := command.Output(ctx, "docker", "version", "--format", "{{.Server.Version}}")
	return err == nil
}

// waitForAnswer polls until the daemon answers; alive says why it never will.
func waitForAnswer(ctx context.Context, alive func() error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if answers(ctx) {
			return nil
		}
		if err := alive(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the docker daemon was started and does not answer: %w", ctx.Err())
		case <-tick.C:
		}
	}
}
