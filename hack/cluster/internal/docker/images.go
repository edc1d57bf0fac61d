// Package docker asks the docker daemon for images.
package docker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
)

const (
	// firstWord is how long a registry may take to answer at all, and whole how
	// long a pull may last that has begun.
	firstWord = 20 * time.Second
	whole     = 15 * time.Minute
)

// ErrSilent is the error of a pull from a registry that does not answer.
var ErrSilent = errors.New("the registry does not answer")

// ImageID returns the id of an image that the daemon has.
func ImageID(ctx context.Context, image string) (string, error) {
	return command.Output(ctx, "docker", "image", "inspect", "--format", "{{.Id}}", image)
}

// ImageExists tells whether the daemon has an image.
func ImageExists(ctx context.Context, image string) bool {
	_, err := ImageID(ctx, image)
	return err == nil
}

// Pull pulls an image. It gives up soon on a registry that says nothing, and is
// patient with one that does.
func Pull(ctx context.Context, image string) error {
	ctx, cancel := context.WithTimeout(ctx, whole)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", "pull", image)
	var refusal strings.Builder
	cmd.Stderr = &refusal
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	silence := time.AfterFunc(firstWord, cancel)
	answered := heard(stdout, silence)
	if err := cmd.Wait(); err != nil {
		if !answered && ctx.Err() != nil {
			return fmt.Errorf("pull %s: %w", image, ErrSilent)
		}
		return fmt.Errorf("pull %s: %w%s", image, err, command.Tail(refusal.String(), 2))
	}
	return nil
}

// heard reads to the end and ends the wait for the first word when the registry
// has said it: docker's own first line can come before any connection.
func heard(output io.Reader, silence *time.Timer) bool {
	answered := false
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Pulling from") || strings.Contains(lines.Text(), "Digest:") {
			answered = true
			silence.Stop()
		}
	}
	silence.Stop()
	return answered
}
