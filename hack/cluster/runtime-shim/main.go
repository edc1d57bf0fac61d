// Command runtime-shim stands between docker and runc on a machine that grants
// nobody CAP_SYS_RESOURCE. Docker asks for the capability in every privileged
// container and every lowered OOM score, and the kernel refuses; the shim takes
// both out of what runc is told to do, then becomes runc.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "runtime-shim: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if path, process := edited(args); path != "" {
		if err := edit(path, process); err != nil {
			return err
		}
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{"runc"}, args...), os.Environ())
}

// edit rewrites the file that runc is about to read.
func edit(path string, process bool) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	change := lowerSpec
	if process {
		change = lowerProcessFile
	}
	content, err = change(content)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, content, 0o600)
}
