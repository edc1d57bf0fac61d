package operator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	clocktesting "k8s.io/utils/clock/testing"
)

// logged are the lines that a part of the operator logs.
type logged struct{ lines []string }

func TestTheOperatorWaitsForItsInstallation(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	fake := clocktesting.NewFakeClock(time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	var log logged
	logger := funcr.New(func(_, args string) { log.lines = append(log.lines, args) }, funcr.Options{})
	// It is looked at first, then twice in vain, then it is complete.
	answers := []error{errors.New("no kinds"), errors.New("no kinds"), errors.New("no policies"), nil}
	probed := map[string]int{}
	check := func(context.Context) error {
		answer := answers[0]
		answers = answers[1:]
		if len(answers) < 3 {
			for _, path := range []string{"/healthz", "/readyz"} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				if err := resp.Body.Close(); err != nil {
					t.Fatal(err)
				}
				probed[path] = resp.StatusCode
			}
		}
		return answer
	}
	ended := make(chan error, 1)
	go func() {
		ended <- waitForInstallation(t.Context(), check, Options{ProbeAddress: address, Clock: fake}, logger)
	}()
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			if probed["/healthz"] != http.StatusOK || probed["/readyz"] != http.StatusServiceUnavailable {
				t.Errorf("while it waits the probes are %v, want healthy and not ready", probed)
			}
			if len(log.lines) != 3 || !strings.Contains(log.lines[0], "no kinds") || !strings.Contains(log.lines[1], "no policies") {
				t.Errorf("it logs %q, want each problem once and the end", log.lines)
			}
			if listener, err = net.Listen("tcp", address); err != nil {
				t.Errorf("the probes are not free for the operator: %v", err)
			} else if err := listener.Close(); err != nil {
				t.Error(err)
			}
			return
		default:
			if fake.HasWaiters() {
				fake.Step(installationRecheck)
			}
		}
	}
}

func TestTheOperatorEndsWhenItsKindsAreGone(t *testing.T) {
	fake := clocktesting.NewFakeClock(time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	silent := errors.New("the API server does not answer")
	answers := []error{nil, silent, errKindsMissing}
	asked := 0
	ended := make(chan error, 1)
	go func() {
		ended <- watchKinds(t.Context(), func(context.Context) error { asked++; return answers[asked-1] }, fake)
	}()
	for {
		select {
		case err := <-ended:
			if !errors.Is(err, errKindsMissing) || asked != len(answers) {
				t.Errorf("it ends with %v after %d looks, want the third: %v", err, asked, errKindsMissing)
			}
			return
		default:
			if fake.HasWaiters() {
				fake.Step(kindsRecheck)
			}
		}
	}
}
