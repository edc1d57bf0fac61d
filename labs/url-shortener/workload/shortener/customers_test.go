package shortener

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// shop is a service of several pods and its customers.
type shop struct {
	store     *miniredis.Miniredis
	customers *Customers
	fails     atomic.Int64 // how many of the next requests are not answered well
}

func open(t *testing.T, pods int, codes string) *shop {
	t.Helper()
	s := &shop{store: miniredis.RunT(t)}
	handlers := make([]http.Handler, pods)
	for i := range handlers {
		server := start(t, s.store, codes)
		server.name = string(rune('a' + i))
		handlers[i] = server.Handler()
	}
	var turn atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.fails.Add(-1) >= 0 {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		handlers[int(turn.Add(1))%pods].ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	s.customers = &Customers{URL: front.URL, Links: 40, Workers: 4}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	handler := s.customers.Handler()
	go func() {
		defer close(ended)
		s.customers.Run(ctx, 5*time.Millisecond)
	}()
	t.Cleanup(func() { stop(); <-ended })
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("POST", "/campaigns", nil))
	if recorder.Code != http.StatusAccepted {
		t.Fatalf("the campaign was answered %d", recorder.Code)
	}
	return s
}

// until waits for a report.
func (s *shop) until(t *testing.T, ready func(Report) bool) Report {
	t.Helper()
	for {
		recorder := httptest.NewRecorder()
		s.customers.Handler().ServeHTTP(recorder, httptest.NewRequest("GET", "/report", nil))
		var report Report
		if err := json.Unmarshal(recorder.Body.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		if ready(report) {
			return report
		}
		if t.Context().Err() != nil {
			t.Fatalf("the last report: %s", recorder.Body)
		}
	}
}

func TestCustomersReport(t *testing.T) {
	looked := func(r Report) bool { return r.LookedAt != nil }
	for name, tc := range map[string]struct {
		pods  int
		codes string
		want  Report
	}{
		"one counter": {pods: 2, codes: FromStore, want: Report{
			State: "done", Campaigns: 1, Links: 40, Codes: 40, Pods: map[string]int{"a": 20, "b": 20}, Right: 40,
			Stores: map[string]int{"": 40}}},
		"a counter each": {pods: 2, codes: FromProcess, want: Report{
			State: "done", Campaigns: 1, Links: 40, Codes: 20, Pods: map[string]int{"a": 20, "b": 20}, Right: 20, Wrong: 20,
			Stores: map[string]int{"": 20}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := open(t, tc.pods, tc.codes).until(t, looked)
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreTypes(&time.Time{})); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if got.DoneAt.Before(*got.BeganAt) || got.LookedAt.Before(*got.DoneAt) {
				t.Errorf("began %v, done %v, looked %v", got.BeganAt, got.DoneAt, got.LookedAt)
			}
		})
	}
}

func TestCustomersSeeWhatIsLost(t *testing.T) {
	s := open(t, 1, FromStore)
	s.until(t, func(r Report) bool { return r.Right == 40 })
	s.store.FlushAll()
	s.until(t, func(r Report) bool { return r.Missing == 40 && r.Right == 0 })
	s.store.Close()
	s.until(t, func(r Report) bool { return r.Unanswered == 40 && r.Missing == 0 })
}

func TestCustomersTryAgain(t *testing.T) {
	s := open(t, 1, FromStore)
	s.until(t, func(r Report) bool { return r.Right == 40 })
	s.fails.Store(10)
	recorder := httptest.NewRecorder()
	s.customers.Handler().ServeHTTP(recorder, httptest.NewRequest("POST", "/campaigns", nil))
	got := s.until(t, func(r Report) bool { return r.Campaigns == 2 && r.Right == 40 })
	if got.Links != 40 || got.Codes != 40 {
		t.Errorf("%d links with %d codes, want 40", got.Links, got.Codes)
	}
}

func TestCustomersAreBounded(t *testing.T) {
	for want, customers := range map[string]*Customers{
		`url is "shortener"`: {URL: "shortener", Links: 1, Workers: 1},
		"links is 0":         {URL: "http://shortener", Workers: 1},
		"workers is 65":      {URL: "http://shortener", Links: 1, Workers: 65},
	} {
		if err := customers.validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
