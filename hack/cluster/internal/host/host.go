// Package host knows what the machine's kernel grants.
package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// capSysResource is the bit of CAP_SYS_RESOURCE in a capability set.
const capSysResource = 24

// Facts are what decides how containers have to be run here.
type Facts struct {
	// CgroupV1 is true where the unified hierarchy is not the one in use.
	CgroupV1 bool
	// SysResource is true where a process can have CAP_SYS_RESOURCE: docker asks
	// for it when a container is privileged, and lowers OOM scores with it.
	SysResource bool
}

// Read returns the facts of this machine. The capability is that of a daemon
// started by this process, so a remote docker daemon is not described by it.
func Read() (Facts, error) {
	status, err := os.ReadFile("/proc/self/status")
	if os.IsNotExist(err) {
		// Not Linux: docker brings a Linux of its own, with all there is.
		return Facts{SysResource: true}, nil
	}
	if err != nil {
		return Facts{}, err
	}
	bounding, err := boundingSet(string(status))
	if err != nil {
		return Facts{}, err
	}
	_, err = os.Stat("/sys/fs/cgroup/cgroup.controllers")
	return Facts{
		CgroupV1:    os.IsNotExist(err),
		SysResource: bounding&(1<<capSysResource) != 0,
	}, nil
}

// boundingSet finds the capability bounding set in a /proc status file.
func boundingSet(status string) (uint64, error) {
	for line := range strings.Lines(status) {
		if set, found := strings.CutPrefix(line, "CapBnd:"); found {
			return strconv.ParseUint(strings.TrimSpace(set), 16, 64)
		}
	}
	return 0, fmt.Errorf("no capability bounding set in the process status")
}
