// Package command runs programs whose output matters only when they fail.
package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Command is a program to run.
type Command struct {
	Dir string
	// Env is added to this process's own.
	Env  []string
	Args []string
}

// Run runs a program and waits for it.
func Run(ctx context.Context, args ...string) error {
	return Command{Args: args}.Run(ctx)
}

// Output runs a program and returns what it printed, trimmed.
func Output(ctx context.Context, args ...string) (string, error) {
	return Command{Args: args}.Output(ctx)
}

// Run runs the program and waits for it.
func (c Command) Run(ctx context.Context) error {
	_, err := c.Output(ctx)
	return err
}

// Output runs the program and returns its standard output, trimmed.
func (c Command) Output(ctx context.Context) (string, error) {
	var said transcript
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdout = said.out()
	cmd.Stderr = said.err()
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", fmt.Errorf("%s: %w%s", name(c.Args), err, Tail(said.all.String(), 12))
	}
	return strings.TrimSpace(said.stdout.String()), nil
}

// Tail returns the last lines of what a program said, set off from the error before it.
func Tail(output string, lines int) string {
	output = strings.TrimSpace(output)
	if output == "" {
		return ""
	}
	all := strings.Split(output, "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return "\n  | " + strings.Join(all, "\n  | ")
}

// name is the program and its subcommand: arguments can be very long.
func name(args []string) string {
	short := []string{filepath.Base(args[0])}
	if len(args) > 1 && !strings.HasPrefix(args[1], "-") {
		short = append(short, args[1])
	}
	return strings.Join(short, " ")
}

// transcript keeps standard output by itself and both outputs as they came;
// each of them is copied by a goroutine of its own.
type transcript struct {
	mu          sync.Mutex
	stdout, all bytes.Buffer
}

type stream func(p []byte)

func (s stream) Write(p []byte) (int, error) {
	s(p)
	return len(p), nil
}

func (t *transcript) out() io.Writer {
	return stream(func(p []byte) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.stdout.Write(p)
		t.all.Write(p)
	})
}

func (t *transcript) err() io.Writer {
	return stream(func(p []byte) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.all.Write(p)
	})
}
