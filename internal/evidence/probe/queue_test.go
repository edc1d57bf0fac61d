package probe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// service is what an adapter of the tests probes at: by the release that evidence names.
type service func(ctx context.Context, looks int) (map[string]any, error)

// scene is a pool with its adapter, and what it told.
type scene struct {
	pool *Pool

	mu       sync.Mutex
	services map[string]service
	looks    map[string]int
	running  map[types.NamespacedName]int
	crowd    int
	told     map[types.NamespacedName]int
	failed   map[bool]int // probes that could not be taken, by whether that lasts
}

func newScene(t *testing.T, services map[string]service) *scene {
	s := &scene{
		services: services, looks: map[string]int{}, told: map[types.NamespacedName]int{}, running: map[types.NamespacedName]int{},
		failed: map[bool]int{},
	}
	s.pool = NewPool(Config{
		Adapters: []Adapter{{Name: "helm", Probe: s.probe}},
		Dialer:   func(namespace string) Dialer { return place{namespace: namespace} },
		Notify: func(lab types.NamespacedName) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.told[lab]++
		},
		Failed: func(lasting bool) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.failed[lasting]++
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.pool.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Start: %v", err)
		}
	})
	return s
}

// place is a Dialer that only knows where it is.
type place struct {
	Dialer
	namespace string
}

func (s *scene) probe(ctx context.Context, dialer Dialer, spec *v1beta1.ProbeEvidence) (map[string]any, error) {
	lab := types.NamespacedName{Name: dialer.(place).namespace}
	s.mu.Lock()
	s.looks[spec.Helm.Release]++
	looks := s.looks[spec.Helm.Release]
	s.running[lab]++
	crowd := s.running[lab]
	s.crowd = max(s.crowd, crowd)
	serve := s.services[spec.Helm.Release]
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running[lab]--
	}()
	return serve(ctx, looks)
}

func (s *scene) taken(service string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looks[service]
}

func (s *scene) news(lab types.NamespacedName) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told[lab]
}

func (s *scene) failures() map[bool]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.failed)
}

func answers(context.Context, int) (map[string]any, error) {
	return map[string]any{"revision": int64(1)}, nil
}

func hangs(ctx context.Context, _ int) (map[string]any, error) {
	<-ctx.Done()
	return nil, FailureOf("web", ctx.Err())
}

// pass lets time pass, by the clock of the bubble that the test runs in.
func pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // nothing sleeps in a bubble of synctest
}

func labNamed(name string) types.NamespacedName { return types.NamespacedName{Name: name} }

func subjectOf(name string, services ...string) Subject {
	subject := Subject{Namespace: name, Environment: "1"}
	for _, service := range services {
		subject.Evidence = append(subject.Evidence, v1beta1.Evidence{
			Name: service, Probe: &v1beta1.ProbeEvidence{Helm: &v1beta1.HelmEvidence{Release: service}},
		})
	}
	return subject
}

func TestALookBecomesEvidence(t *testing.T) {
	tests := map[string]struct {
		serve service
		want  map[string]any
	}{
		"what was read": {
			serve: answers,
			want:  map[string]any{"ok": true, "error": "", "reason": "", "revision": int64(1)},
		},
		"a failure, and what was read nevertheless": {
			serve: func(context.Context, int) (map[string]any, error) {
				return map[string]any{"status": int64(500)}, Failf(Rejected, "web:80 answers with status 500")
			},
			want: map[string]any{"ok": false, "error": "web:80 answers with status 500", "reason": Rejected, "status": int64(500)},
		},
		"no answer in time": {
			serve: hangs,
			want:  map[string]any{"ok": false, "error": "web does not answer in time", "reason": TimedOut},
		},
		"a connection that was closed, and is refused when it is tried again": {
			serve: func(_ context.Context, looks int) (map[string]any, error) {
				if looks == 1 {
					return nil, Failf(Closed, "web:80 closes the connection")
				}
				return nil, Failf(Refused, "web:80 refuses connections")
			},
			want: map[string]any{"ok": false, "error": "web:80 refuses connections", "reason": Refused},
		},
		"an error of a library": {
			serve: func(context.Context, int) (map[string]any, error) {
				return nil, errors.New("unexpected byte \x00 0x1f")
			},
			want: map[string]any{"ok": false, "error": "helm gives an answer that is not understood: unexpected byte 0x1f", "reason": Malformed},
		},
		"more than checks can be given": {
			serve: func(context.Context, int) (map[string]any, error) {
				return map[string]any{"body": string(make([]byte, MaxValue+1))}, nil
			},
			want: map[string]any{"ok": false, "error": "helm read more than 256 KiB", "reason": TooLarge},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, map[string]service{"web": tc.serve})
				s.pool.Want(labNamed("a"), subjectOf("a", "web"), []string{"web"})
				if got := s.pool.Snapshot(labNamed("a"))["web"]; got.State != check.NotSynced {
					t.Errorf("before the first probe it is %v", got)
				}
				began := time.Now()
				pass(DefaultTimeout)
				synctest.Wait()
				got := s.pool.Snapshot(labNamed("a"))["web"]
				if diff := cmp.Diff(any(tc.want), got.Value); diff != "" || got.State != check.Seen {
					t.Errorf("evidence in state %v (-want +got):\n%s", got.State, diff)
				}
				if !got.Since.Equal(began) {
					t.Errorf("seen since %v, want %v", got.Since, began)
				}
				if s.news(labNamed("a")) != 1 {
					t.Errorf("told %d times, want once", s.news(labNamed("a")))
				}
			})
		})
	}
}

func TestLooksComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, map[string]service{"web": answers, "db": func(_ context.Context, looks int) (map[string]any, error) {
			return map[string]any{"revision": int64(looks)}, nil
		}})
		subject := subjectOf("a", "web", "db")
		subject.Evidence[1].Probe.Interval = &metav1.Duration{Duration: 2 * time.Second}
		s.pool.Want(labNamed("a"), subject, []string{"web", "db"})
		pass(20*time.Second + time.Millisecond)
		synctest.Wait()
		if web, db := s.taken("web"), s.taken("db"); web != 5 || db != 11 {
			t.Errorf("looked %d times at web and %d at db, want 5 and 11", web, db)
		}
		// The first probe at web, and every one at db.
		if got := s.news(labNamed("a")); got != 12 {
			t.Errorf("told %d times, want 12", got)
		}
		seen := s.pool.Snapshot(labNamed("a"))["web"]
		if got := seen.At.Sub(seen.Since); got != 20*time.Second {
			t.Errorf("the series of looks lasts %s, want 20s", got)
		}
	})
}

func TestTimeout(t *testing.T) {
	given := func(d time.Duration) *metav1.Duration { return &metav1.Duration{Duration: d} }
	extra := func(*v1beta1.ProbeEvidence) time.Duration { return 2 * time.Second }
	tests := map[string]struct {
		timeout *metav1.Duration
		extra   func(*v1beta1.ProbeEvidence) time.Duration
		want    time.Duration
	}{
		"the default": {want: DefaultTimeout},
		"the default of an adapter that needs more time": {extra: extra, want: DefaultTimeout + 2*time.Second},
		"shorter than the default":                       {timeout: given(time.Second), want: time.Second},
		"longer than the default":                        {timeout: given(30 * time.Second), want: 30 * time.Second},
		"instead of what the adapter needs":              {timeout: given(3 * time.Second), extra: extra, want: 3 * time.Second},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var granted time.Duration
				s := newScene(t, map[string]service{"web": func(ctx context.Context, looks int) (map[string]any, error) {
					deadline, _ := ctx.Deadline()
					granted = time.Until(deadline)
					return hangs(ctx, looks)
				}})
				s.pool.cfg.Adapters[0].Extra = tc.extra
				subject := subjectOf("a", "web")
				subject.Evidence[0].Probe.Timeout = tc.timeout
				s.pool.Want(labNamed("a"), subject, []string{"web"})
				pass(tc.want - time.Millisecond)
				synctest.Wait()
				if got := s.pool.Snapshot(labNamed("a"))["web"]; got.State != check.NotSynced || granted != tc.want {
					t.Errorf("before the timeout of %s it is %v, and the adapter has %s", tc.want, got.State, granted)
				}
				pass(time.Millisecond)
				synctest.Wait()
				want := map[string]any{"ok": false, "error": "web does not answer in time", "reason": TimedOut}
				got := s.pool.Snapshot(labNamed("a"))["web"]
				if diff := cmp.Diff(any(want), got.Value); diff != "" || got.State != check.Seen {
					t.Errorf("after the timeout it is %v (-want +got):\n%s", got.State, diff)
				}
			})
		})
	}
}

// TestATimeoutLongerThanTheInterval has a service hang that is to be probed far more often than it can be.
func TestATimeoutLongerThanTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, map[string]service{"web": hangs})
		subject := subjectOf("a", "web")
		subject.Evidence[0].Probe.Interval = &metav1.Duration{Duration: time.Second}
		subject.Evidence[0].Probe.Timeout = &metav1.Duration{Duration: 30 * time.Second}
		s.pool.Want(labNamed("a"), subject, []string{"web"})
		began := time.Now()
		pass(30 * time.Second)
		for range 120 {
			synctest.Wait()
			if got := s.pool.Snapshot(labNamed("a"))["web"]; got.State != check.Seen || !got.Since.Equal(began) {
				t.Fatalf("after %s it is %v since %s: %s", time.Since(began), got.State, got.Since.Sub(began), got.Detail)
			}
			pass(time.Second)
		}
	})
}

func TestOnlyWhatIsWantedIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, map[string]service{"web": answers, "db": answers})
		subject := subjectOf("a", "web", "db")
		subject.Evidence = append(subject.Evidence, v1beta1.Evidence{Name: "pods", List: &v1beta1.ListEvidence{}})
		s.pool.Want(labNamed("a"), subject, []string{"web", "pods"})
		pass(time.Minute)
		synctest.Wait()
		if got := s.pool.Snapshot(labNamed("a")); len(got) != 1 || s.taken("db") != 0 {
			t.Errorf("looked %d times at db, know %v", s.taken("db"), got)
		}
		s.pool.Want(labNamed("a"), subject, nil)
		taken := s.taken("web")
		pass(time.Minute)
		synctest.Wait()
		if got := s.pool.Snapshot(labNamed("a")); len(got) != 0 || s.taken("web") != taken {
			t.Errorf("looked %d times at web when nobody wanted to know, know %v", s.taken("web")-taken, got)
		}
	})
}

func TestAnotherEnvironmentIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := newScene(t, map[string]service{"web": func(ctx context.Context, looks int) (map[string]any, error) {
			if looks == 2 {
				// A probe at the old environment that ends in the new one.
				<-release
				return map[string]any{"old": true}, nil
			}
			return answers(ctx, looks)
		}})
		subject := subjectOf("a", "web")
		s.pool.Want(labNamed("a"), subject, []string{"web"})
		pass(defaultInterval)
		synctest.Wait()
		subject.Environment = "2"
		s.pool.Want(labNamed("a"), subject, []string{"web"})
		if got := s.pool.Snapshot(labNamed("a"))["web"]; got.State != check.NotSynced {
			t.Errorf("of the new environment is known: %v", got)
		}
		close(release)
		synctest.Wait()
		want := map[string]any{"ok": true, "error": "", "reason": "", "revision": int64(1)}
		if diff := cmp.Diff(any(want), s.pool.Snapshot(labNamed("a"))["web"].Value); diff != "" {
			t.Errorf("evidence (-want +got):\n%s", diff)
		}
	})
}

func TestNudge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, map[string]service{"web": answers})
		s.pool.Want(labNamed("a"), subjectOf("a", "web"), []string{"web"})
		pass(3 * time.Second)
		for range 10 {
			s.pool.Trigger(labNamed("a"))
			synctest.Wait()
		}
		if got := s.taken("web"); got != 2 {
			t.Errorf("looked %d times, want at once when nudged, and then not more than once a second", got)
		}
		pass(minInterval)
		synctest.Wait()
		if got := s.taken("web"); got != 3 {
			t.Errorf("looked %d times a second after, want 3", got)
		}
	})
}

func TestAGapBeginsANewSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outage := &Fault{Message: "the API server does not answer"}
		s := newScene(t, map[string]service{"web": func(ctx context.Context, looks int) (map[string]any, error) {
			if looks > 2 && looks < 9 {
				return nil, outage
			}
			return answers(ctx, looks)
		}})
		s.pool.Want(labNamed("a"), subjectOf("a", "web"), []string{"web"})
		at := func(after time.Duration) check.Observation {
			pass(after)
			synctest.Wait()
			return s.pool.Snapshot(labNamed("a"))["web"]
		}
		began := time.Now()
		if got := at(20 * time.Second); got.State != check.Seen || !got.At.Equal(began.Add(5*time.Second)) {
			t.Errorf("in a short outage it is %v as of %v, want what was seen last", got.State, got.At)
		}
		if got := at(10 * time.Second); got.State != check.NotSynced || got.Detail != "web could not be looked at for some time" {
			t.Errorf("in a long outage it is %v: %s", got.State, got.Detail)
		}
		if got := at(15 * time.Second); got.State != check.Seen || !got.Since.Equal(began.Add(40*time.Second)) {
			t.Errorf("after the outage it is %v, seen since %v", got.State, got.Since.Sub(began))
		}
		if diff := cmp.Diff(map[bool]int{false: 6}, s.failures()); diff != "" {
			t.Errorf("told of looks that failed, by whether that lasts (-want +got):\n%s", diff)
		}
	})
}

func TestFaultsOfOurs(t *testing.T) {
	tests := map[string]struct {
		serve service
		want  string
	}{
		"a right that is missing": {
			serve: func(context.Context, int) (map[string]any, error) {
				return nil, &Fault{Message: "the operator may not reach pods", Lasting: true}
			},
			want: "the operator may not reach pods",
		},
		"an adapter that breaks": {
			serve: func(context.Context, int) (map[string]any, error) { panic("index out of range") },
			want:  "the adapter helm broke: report it with the operator's log",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, map[string]service{"web": tc.serve})
				s.pool.Want(labNamed("a"), subjectOf("a", "web"), []string{"web"})
				synctest.Wait()
				if got := s.pool.Snapshot(labNamed("a"))["web"]; got.State != check.NotSynced {
					t.Errorf("at once it is %v: rights that were just granted are refused for a moment", got.State)
				}
				pass(faultGrace)
				synctest.Wait()
				if got := s.pool.Snapshot(labNamed("a"))["web"]; got.State != check.Failed || got.Detail != tc.want {
					t.Errorf("got %v: %q, want it failed: %q", got.State, got.Detail, tc.want)
				}
				if diff := cmp.Diff(map[bool]int{true: 2}, s.failures()); diff != "" {
					t.Errorf("told of looks that failed, by whether that lasts (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestHangingServicesCostOthersNothing has far more labs hang than probes are taken at the same time.
func TestHangingServicesCostOthersNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, map[string]service{"good": answers, "bad": hangs})
		for i := range 3 * (defaultQuick + defaultSlow) {
			name := fmt.Sprintf("bad-%d", i)
			s.pool.Want(labNamed(name), subjectOf(name, "bad"), []string{"bad"})
		}
		// Until all of them are known to hang.
		pass(4 * DefaultTimeout)
		s.pool.Want(labNamed("good"), subjectOf("good", "good"), []string{"good"})
		pass(time.Minute)
		synctest.Wait()
		if got := s.taken("good"); got != 13 {
			t.Errorf("looked %d times at the service that answers, want 13: every 5 s", got)
		}
		if s.crowd > 1 {
			t.Errorf("took %d looks at one lab at the same time", s.crowd)
		}
	})
}
