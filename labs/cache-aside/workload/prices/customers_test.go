package prices

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// direct asks a handler without a network, so that time can be the test's own.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	d.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// measured is what customers report after some measurements, and what they answered to being asked for one.
func measured(t *testing.T, handler http.Handler, times int) (Report, int) {
	t.Helper()
	customers := &Customers{
		URL: "http://prices", Source: Source{Seed: 7, Products: 4, Every: 5 * time.Second}, Rate: 100,
		WarmUp: 3 * time.Second, Length: 20 * time.Second,
		client: &http.Client{Transport: direct{handler}},
	}
	if err := customers.validate(); err != nil {
		t.Fatal(err)
	}
	go customers.Run(t.Context())
	front, status := customers.Handler(), 0
	for range times {
		recorder := httptest.NewRecorder()
		front.ServeHTTP(recorder, httptest.NewRequest("POST", "/measurements", nil))
		again := httptest.NewRecorder()
		front.ServeHTTP(again, httptest.NewRequest("POST", "/measurements", nil))
		if again.Code != http.StatusConflict {
			t.Errorf("a second measurement at the same time: %d", again.Code)
		}
		status = recorder.Code
		timer := time.NewTimer(30 * time.Second)
		<-timer.C
	}
	recorder := httptest.NewRecorder()
	front.ServeHTTP(recorder, httptest.NewRequest("GET", "/report", nil))
	var report Report
	if err := json.Unmarshal(recorder.Body.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	return report, status
}

func TestCustomersMeasure(t *testing.T) {
	for name, tc := range map[string]struct {
		service func() http.Handler
		want    Measurement
	}{
		"the source": {func() http.Handler {
			source := &Source{Seed: 7, Products: 4, Every: 5 * time.Second, Slow: 200 * time.Millisecond}
			return (&Server{Name: "a", Source: source}).Handler()
		}, Measurement{Requests: 2000, P50Millis: 200, P95Millis: 200, Pods: map[string]int{"a": 2000}}},
		"prices that never change": {func() http.Handler {
			source, began := &Source{Seed: 7, Products: 4, Every: 5 * time.Second}, time.Now()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set(foundIn, inCache)
				_ = json.NewEncoder(w).Encode(source.At(int(r.URL.Path[len(r.URL.Path)-1]-'0'), began))
			})
			// The price that ends soonest is that of a product whose era ends with the first request: 20 s of being old.
		}, Measurement{Requests: 2000, FromCache: 2000, Pods: map[string]int{"": 2000}}},
		"a service that fails at first": {func() http.Handler {
			began, well := time.Now(), (&Server{Name: "a", Source: &Source{Seed: 7, Products: 4, Every: 5 * time.Second}}).Handler()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if time.Since(began) < 2*time.Second {
					http.Error(w, "no", http.StatusServiceUnavailable)
					return
				}
				well.ServeHTTP(w, r)
			})
		}, Measurement{Requests: 2000, Pods: map[string]int{"a": 2000}}},
		"a price of another source": {func() http.Handler {
			return (&Server{Source: &Source{Seed: 8, Products: 4, Every: 5 * time.Second}}).Handler()
		}, Measurement{Requests: 2000, Errors: 2000, Pods: map[string]int{}}},
		"errors": {func() http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) })
		}, Measurement{Requests: 2000, Errors: 2000, FirstError: "answered 503 Service Unavailable: no\n", Pods: map[string]int{}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				report, status := measured(t, tc.service(), 1)
				if status != http.StatusAccepted || report.State != "done" || report.Last == nil {
					t.Fatalf("%d, then %+v", status, report)
				}
				ignore := []string{"BeganAt", "EndedAt", "MaxStaleMillis"}
				if tc.want.FirstError == "" {
					ignore = append(ignore, "FirstError")
				}
				if diff := cmp.Diff(tc.want, *report.Last, cmpopts.IgnoreFields(Measurement{}, ignore...)); diff != "" {
					t.Errorf("measurement (-want +got):\n%s", diff)
				}
				stale, frozen := report.Last.MaxStaleMillis, tc.want.FromCache > 0
				if frozen != (stale > 15_000) || (!frozen && stale != 0) {
					t.Errorf("prices were %d ms old", stale)
				}
			})
		})
	}
}

func TestCustomersForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &Source{Seed: 7, Products: 4, Every: 5 * time.Second}
		report, _ := measured(t, (&Server{Source: source}).Handler(), memory+2)
		if len(report.Measurements) != memory || !report.Last.BeganAt.Equal(report.Measurements[memory-1].BeganAt) {
			t.Errorf("%d measurements, the last of %v", len(report.Measurements), report.Last.BeganAt)
		}
	})
}

func TestCustomersAreBounded(t *testing.T) {
	source := Source{Products: 1, Every: time.Second}
	for want, customers := range map[string]*Customers{
		`url is "prices"`: {URL: "prices", Source: source, Rate: 1, Length: time.Second},
		"rate is 0":       {URL: "http://prices", Source: source, Length: time.Second},
		"warm-up is -1s":  {URL: "http://prices", Source: source, Rate: 1, WarmUp: -time.Second, Length: time.Second},
		"length is 0s":    {URL: "http://prices", Source: source, Rate: 1},
		"products is 0":   {URL: "http://prices", Rate: 1, Length: time.Second},
	} {
		if err := customers.validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
