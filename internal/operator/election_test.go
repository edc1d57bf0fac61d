package operator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
	clocktesting "k8s.io/utils/clock/testing"
)

// fakeLock is a lease that does as it is told.
type fakeLock struct {
	resourcelock.Interface
	write func() error
	// holder is who has the lease when it is read.
	holder string
}

func (f fakeLock) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	return &resourcelock.LeaderElectionRecord{HolderIdentity: f.holder}, nil, nil
}

func (f fakeLock) Identity() string { return "me" }

func (f fakeLock) Create(context.Context, resourcelock.LeaderElectionRecord) error { return f.write() }

func (f fakeLock) Update(context.Context, resourcelock.LeaderElectionRecord) error { return f.write() }

func TestTenure(t *testing.T) {
	begin := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	mine := resourcelock.LeaderElectionRecord{HolderIdentity: "me"}
	released := resourcelock.LeaderElectionRecord{}
	type event struct {
		record resourcelock.LeaderElectionRecord
		// took is how long the request was under way.
		took time.Duration
		err  error
	}
	for name, tc := range map[string]struct {
		events []event
		later  time.Duration
		want   bool
	}{
		"before the first renewal":                   {nil, 0, false},
		"right after it":                             {[]event{{record: mine}}, 0, true},
		"just before the deadline":                   {[]event{{record: mine}}, renewDeadline - 1, true},
		"at the deadline":                            {[]event{{record: mine}}, renewDeadline, false},
		"long after it":                              {[]event{{record: mine}}, time.Hour, false},
		"counted from when the renewal was sent":     {[]event{{record: mine, took: renewDeadline}}, 0, false},
		"a renewal that failed is none":              {[]event{{record: mine, err: errors.New("cut off")}}, 0, false},
		"a failed one does not end it":               {[]event{{record: mine}, {record: mine, err: errors.New("cut off")}}, 0, true},
		"released":                                   {[]event{{record: mine}, {record: released}}, 0, false},
		"released, and the answer was lost":          {[]event{{record: mine}, {record: released, err: errors.New("cut off")}}, 0, false},
		"taken over again after it was lost":         {[]event{{record: mine, took: time.Hour}, {record: mine}}, 0, true},
		"a record of another replica begins nothing": {[]event{{record: resourcelock.LeaderElectionRecord{HolderIdentity: "other"}}}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			fake := clocktesting.NewFakeClock(begin)
			held := &tenure{clock: fake}
			for i, e := range tc.events {
				l := lock{Interface: fakeLock{write: func() error { fake.Step(e.took); return e.err }}, tenure: held}
				do := l.Update
				if i == 0 {
					do = l.Create
				}
				if err := do(t.Context(), e.record); !errors.Is(err, e.err) {
					t.Fatalf("the lock returns %v, want %v", err, e.err)
				}
			}
			fake.Step(tc.later)
			if got := held.holds(); got != tc.want {
				t.Errorf("holds is %t, want %t", got, tc.want)
			}
		})
	}
}

func TestAnotherReplicaTakesTheLease(t *testing.T) {
	for name, tc := range map[string]struct {
		leads                  bool
		holder                 string
		wantDeposed, wantHolds bool
	}{
		"from a leader":               {true, "other", true, false},
		"from nobody":                 {false, "other", false, false},
		"a leader reads its own":      {true, "me", false, true},
		"a leader reads a free one":   {true, "", false, true},
		"a follower reads a free one": {false, "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			held := &tenure{clock: clocktesting.NewFakeClock(time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))}
			var deposed error
			l := lock{Interface: fakeLock{write: func() error { return nil }, holder: tc.holder}, tenure: held, deposed: func(err error) { deposed = err }}
			if tc.leads {
				if err := l.Update(t.Context(), resourcelock.LeaderElectionRecord{HolderIdentity: "me"}); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := l.Get(t.Context()); err != nil {
				t.Fatal(err)
			}
			if errors.Is(deposed, errDeposed) != tc.wantDeposed || held.holds() != tc.wantHolds {
				t.Errorf("deposed: %v, holds: %t, want %t and %t", deposed, held.holds(), tc.wantDeposed, tc.wantHolds)
			}
		})
	}
}

func TestGuard(t *testing.T) {
	var served []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { served = append(served, r.Method) }))
	t.Cleanup(server.Close)
	fake := clocktesting.NewFakeClock(time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	held := &tenure{clock: fake}
	client := &http.Client{Transport: guard{tenure: held, inner: http.DefaultTransport}}
	try := func(method string) error {
		body := &bodyReader{Reader: strings.NewReader("a body")}
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL, body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			err = resp.Body.Close()
		}
		if !body.closed {
			t.Errorf("%s: the body was left open", method)
		}
		return err
	}
	reads := []string{http.MethodGet, http.MethodHead, http.MethodOptions}
	writes := []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	for _, leads := range []bool{false, true, false} {
		if leads {
			held.renew(fake.Now())
		} else {
			fake.Step(renewDeadline)
		}
		served = nil
		for _, method := range slices.Concat(reads, writes) {
			wanted := leads || len(served) < len(reads)
			if err := try(method); wanted && err != nil || !wanted && !errors.Is(err, errNotLeading) {
				t.Errorf("leads %t: %s returns %v", leads, method, err)
			}
		}
		want := reads
		if leads {
			want = slices.Concat(reads, writes)
		}
		if strings.Join(served, " ") != strings.Join(want, " ") {
			t.Errorf("leads %t: the server was asked for %v, want %v", leads, served, want)
		}
	}
}

// bodyReader tells whether a body was closed.
type bodyReader struct {
	io.Reader
	closed bool
}

func (b *bodyReader) Close() error {
	b.closed = true
	return nil
}
