package performance

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// settings say how much is measured. They come from the environment: see the targets of the Makefile.
type settings struct {
	// labs are the numbers of Labs, the smallest first.
	labs []int
	// idle is how long the operator with most Labs is observed while nothing happens.
	idle time.Duration
	// load is how long changes come at a steady rate.
	load time.Duration
	// changes is how many single changes are measured while nothing else happens.
	changes int
	// foreign is the number of foreign objects.
	foreign int
	// record has the measured values written to the baseline and the report.
	record bool
	// profiles is a folder for CPU and heap profiles, with most Labs. Empty writes none.
	profiles string
}

func settingsOf(t *testing.T) settings {
	t.Helper()
	s := settings{
		idle:     duration(t, "PERFORMANCE_IDLE", 3*time.Second),
		load:     duration(t, "PERFORMANCE_LOAD", 3*time.Second),
		changes:  number(t, "PERFORMANCE_CHANGES", "60"),
		foreign:  number(t, "PERFORMANCE_FOREIGN", "3000"),
		record:   os.Getenv("PERFORMANCE_RECORD") != "",
		profiles: os.Getenv("PERFORMANCE_PROFILES"),
	}
	for text := range strings.SplitSeq(setting("PERFORMANCE_LABS", "10,100"), ",") {
		s.labs = append(s.labs, whole(t, "PERFORMANCE_LABS", text))
	}
	return s
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func number(t *testing.T, name, otherwise string) int {
	t.Helper()
	return whole(t, name, setting(name, otherwise))
}

func whole(t *testing.T, name, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 {
		t.Fatalf("%s has to be made of numbers above zero, not %q", name, text)
	}
	return n
}

func duration(t *testing.T, name string, otherwise time.Duration) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(setting(name, fmt.Sprint(otherwise)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}
