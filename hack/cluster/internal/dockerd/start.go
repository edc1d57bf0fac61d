package dockerd

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
)

const (
	// pidFile is docker's own, so that two daemons can't start by accident.
	pidFile = "/var/run/docker.pid"
	// containerdPIDFile is that of the containerd which dockerd starts and waits
	// for, also when the process that has the number now is another one.
	containerdPIDFile = "/var/run/docker/containerd/containerd.pid"
)

func (d Daemon) start(ctx context.Context) error {
	if _, err := os.Stat("/run/systemd/system"); err == nil && d.Facts.SysResource {
		d.Progress.Step("starting docker by systemd")
		if err := command.Run(ctx, "systemctl", "start", "docker"); err != nil {
			return err
		}
		return waitForAnswer(ctx, func() error { return nil })
	}
	for program, file := range map[string]string{"dockerd": pidFile, "containerd": containerdPIDFile} {
		if err := removeStale(file, program); err != nil {
			return err
		}
	}
	args, err := d.arguments(ctx)
	if err != nil {
		return err
	}
	d.Progress.Step("starting dockerd, which logs to %s", d.logFile())
	exited, err := spawn(d.logFile(), d.ownPIDFile(), args)
	if err != nil {
		return err
	}
	return waitForAnswer(ctx, func() error {
		select {
		case err := <-exited:
			log, _ := os.ReadFile(d.logFile())
			return fmt.Errorf("dockerd ended: %w%s", err, command.Tail(string(log), 8))
		default:
			return nil
		}
	})
}

// arguments adds the runtime shim where the capability it works around is missing.
func (d Daemon) arguments(ctx context.Context) ([]string, error) {
	args := []string{"dockerd", "--pidfile", pidFile}
	if d.Facts.SysResource {
		return args, nil
	}
	shim, err := d.shim(ctx)
	if err != nil {
		return nil, err
	}
	return append(args,
		"--add-runtime", "lab-operator-shim="+shim,
		"--default-runtime", "lab-operator-shim",
		// lowering the daemon's own score takes the capability too
		"--oom-score-adjust", "0",
	), nil
}

// shim builds the runtime. Its path stays the same: containers remember it by the
// daemon's configuration and start again with whatever is there.
func (d Daemon) shim(ctx context.Context) (string, error) {
	path := d.Cache.Path("runtime-shim")
	d.Progress.Step("CAP_SYS_RESOURCE is not to be had here: docker gets a runtime that does without")
	build := command.Command{
		Env:  []string{"CGO_ENABLED=0"},
		Args: []string{"go", "build", "-trimpath", "-o", path + ".new", "github.com/lab-operator/lab-operator/hack/cluster/runtime-shim"},
	}
	if err := build.Run(ctx); err != nil {
		return "", err
	}
	return path, os.Rename(path+".new", path)
}

// spawn starts a daemon in a session of its own, so that it outlives this process
// and the terminal's interrupts don't reach it.
func spawn(logFile, ownPIDFile string, args []string) (exited <-chan error, err error) {
	log, err := os.Create(logFile)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if err := os.WriteFile(ownPIDFile, []byte(strconv.Itoa(cmd.Process.Pid)), 0o644); err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	return done, nil
}

// Stop ends the daemon if it is one that Ensure has started.
func (d Daemon) Stop(ctx context.Context) error {
	pid, running := runs(d.ownPIDFile(), "dockerd")
	if !running {
		d.Progress.Step("the docker daemon was not started from here and is left alone")
		return nil
	}
	d.Progress.Step("ending dockerd")
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, running := runs(d.ownPIDFile(), "dockerd"); !running {
			return os.Remove(d.ownPIDFile())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("dockerd does not end: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

func (d Daemon) logFile() string    { return d.Cache.Path("dockerd.log") }
func (d Daemon) ownPIDFile() string { return d.Cache.Path("dockerd.pid") }

// removeStale removes a pid file left by a machine that went down: its number is
// free, or another program's by now.
func removeStale(file, program string) error {
	if _, running := runs(file, program); running {
		return nil
	}
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// runs tells whether the process a pid file names is there and runs that program.
func runs(file, program string) (pid int, running bool) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0, false
	}
	process := filepath.Join("/proc", strconv.Itoa(pid))
	name, err := os.ReadFile(filepath.Join(process, "comm"))
	if err != nil || strings.TrimSpace(string(name)) != program {
		return 0, false
	}
	// A process that has ended and was not waited for yet has no memory map left.
	link, err := os.Readlink(filepath.Join(process, "exe"))
	return pid, err == nil && link != ""
}
