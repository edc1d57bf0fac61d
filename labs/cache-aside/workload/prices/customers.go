package prices

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

const (
	// patience is how long a customer waits for one answer.
	patience = 2 * time.Second
	// memory is how many measurements a report has.
	memory = 12
)

// Customers ask for prices at a steady rate, however slow it answers, and measure what they get.
type Customers struct {
	// URL of the service.
	URL string
	// Source is what the prices follow from: the same as there. Nobody is told a wrong price or an old one
	// without noticing.
	Source Source
	// Rate is requests a second.
	Rate int
	// WarmUp is how long customers ask before they measure. A service whose cache has just come back keeps away from it
	// for a moment: that is no part of what a measurement is about.
	WarmUp time.Duration
	// Length is how long a measurement takes, without the warm-up.
	Length time.Duration

	mu     sync.Mutex
	report Report
	begin  chan struct{}
	once   sync.Once
	client *http.Client
}

// Report is what customers have measured.
type Report struct {
	// State is none, running or done.
	State string `json:"state"`
	// Last is the newest measurement that is done, and Measurements are up to twelve of them, the oldest first.
	Last         *Measurement  `json:"last,omitempty"`
	Measurements []Measurement `json:"measurements"`
}

// Measurement is what customers saw over some time.
type Measurement struct {
	// BeganAt is before the first request that counts, EndedAt after the last answer.
	BeganAt time.Time `json:"beganAt"`
	EndedAt time.Time `json:"endedAt"`
	// Requests is how many there were. Errors of them had no answer within two seconds, one that was no success, or a price
	// that the product never had; FirstError is the first of them.
	Requests   int    `json:"requests"`
	Errors     int    `json:"errors"`
	FirstError string `json:"firstError,omitempty"`
	// FromCache is how many answers were found in the cache.
	FromCache int `json:"fromCache"`
	// P50Millis and P95Millis are the times within which half and 95 % of the requests were over, errors among them.
	P50Millis int64 `json:"p50Millis"`
	P95Millis int64 `json:"p95Millis"`
	// MaxStaleMillis is for how long the oldest price that was told had not been true any more.
	MaxStaleMillis int64 `json:"maxStaleMillis"`
	// Pods is how many answers each pod gave.
	Pods map[string]int `json:"pods"`
}

func (c *Customers) validate() error {
	if err := c.Source.validate(); err != nil {
		return err
	}
	target, err := url.Parse(c.URL)
	switch {
	case err != nil || target.Scheme != "http" || target.Host == "":
		return fmt.Errorf("url is %q: it must be like http://prices", c.URL)
	case c.Rate < 1 || c.Rate > 500:
		return fmt.Errorf("rate is %d: it must be from 1 to 500", c.Rate)
	case c.WarmUp < 0 || c.WarmUp > 10*time.Second:
		return fmt.Errorf("warm-up is %v: it must be from 0s to 10s", c.WarmUp)
	case c.Length < time.Second || c.Length > time.Minute:
		return fmt.Errorf("length is %v: it must be from 1s to 1m", c.Length)
	}
	return nil
}

func (c *Customers) init() {
	c.once.Do(func() {
		c.begin = make(chan struct{}, 1)
		c.report = Report{State: "none", Measurements: []Measurement{}}
		if c.client == nil {
			c.client = &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: c.Rate}}
		}
	})
}

// Handler serves POST /measurements, GET /report, /healthz and /readyz.
func (c *Customers) Handler() http.Handler {
	c.init()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /measurements", func(w http.ResponseWriter, _ *http.Request) {
		c.mu.Lock()
		running := c.report.State == "running"
		c.report.State = "running"
		c.mu.Unlock()
		if running {
			http.Error(w, "a measurement is under way already", http.StatusConflict)
			return
		}
		c.begin <- struct{}{}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "a measurement has begun: in %v /report tells what comes of it\n", c.WarmUp+c.Length)
	})
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, _ *http.Request) {
		c.mu.Lock()
		text, err := json.Marshal(c.report)
		c.mu.Unlock()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// A client that went away is no concern of the service.
		_, _ = w.Write(append(text, '\n'))
	})
	well := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }
	mux.HandleFunc("GET /healthz", well)
	mux.HandleFunc("GET /readyz", well)
	return mux
}

// Run makes the measurements that are asked for, until the context ends.
func (c *Customers) Run(ctx context.Context) {
	c.init()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.begin:
			c.measure(ctx)
		}
	}
}

// outcome is what one customer saw.
type outcome struct {
	took, stale time.Duration
	pod         string
	cached      bool
	err         error
}

// measure warms up, sends requests at the rate, whether the earlier ones were answered or not, and reports when all are over.
func (c *Customers) measure(ctx context.Context) {
	// Connections of before lead to pods that may be no more.
	c.client.CloseIdleConnections()
	if _, ended := c.send(ctx, c.WarmUp); ended {
		return
	}
	began := time.Now()
	outcomes, ended := c.send(ctx, c.Length)
	if ended {
		return
	}
	measurement := summarize(began, time.Now(), outcomes)
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := slices.Concat(c.report.Measurements, []Measurement{measurement})
	kept = kept[max(len(kept)-memory, 0):]
	c.report = Report{State: "done", Last: &kept[len(kept)-1], Measurements: kept}
}

// send sends requests for some time and waits for their answers. It tells whether the context has ended before.
func (c *Customers) send(ctx context.Context, length time.Duration) (outcomes []outcome, ended bool) {
	outcomes = make([]outcome, int(length.Seconds()*float64(c.Rate)))
	ticker := time.NewTicker(time.Second / time.Duration(c.Rate))
	defer ticker.Stop()
	var requests sync.WaitGroup
	defer requests.Wait()
	for i := range outcomes {
		select {
		case <-ctx.Done():
			return nil, true
		case <-ticker.C:
		}
		requests.Go(func() { outcomes[i] = c.ask(ctx, 1+i%c.Source.Products) })
	}
	return outcomes, false
}

// ask asks for one price, and looks whether it is one that the product has or had.
func (c *Customers) ask(ctx context.Context, product int) outcome {
	began := time.Now()
	price, header, err := c.get(ctx, product)
	now := time.Now()
	seen := outcome{took: now.Sub(began), err: err}
	if err != nil {
		return seen
	}
	if price != c.Source.At(product, price.Since) || price.Since.After(now) {
		seen.err = fmt.Errorf("product %d never had the price %d", product, price.Cents)
		return seen
	}
	seen.pod, seen.cached = header.Get(servedBy), header.Get(foundIn) == inCache
	seen.stale = max(now.Sub(price.Since.Add(c.Source.Every)), 0)
	return seen
}

func (c *Customers) get(ctx context.Context, product int) (Price, http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/products/%d", c.URL, product), http.NoBody)
	if err != nil {
		return Price{}, nil, err
	}
	response, err := c.client.Do(request)
	if err != nil {
		return Price{}, nil, err
	}
	defer func() { _ = response.Body.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	switch {
	case err != nil:
		return Price{}, nil, err
	case response.StatusCode != http.StatusOK:
		return Price{}, nil, fmt.Errorf("answered %s: %.200s", response.Status, text)
	}
	var price Price
	err = json.Unmarshal(text, &price)
	return price, response.Header, err
}

// summarize makes a measurement of what the customers saw.
func summarize(began, ended time.Time, outcomes []outcome) Measurement {
	m := Measurement{BeganAt: began.UTC(), EndedAt: ended.UTC(), Requests: len(outcomes), Pods: map[string]int{}}
	times := make([]time.Duration, len(outcomes))
	for i, seen := range outcomes {
		times[i] = seen.took
		if seen.err != nil {
			m.Errors++
			if m.FirstError == "" {
				m.FirstError = seen.err.Error()
			}
			continue
		}
		m.Pods[seen.pod]++
		if seen.cached {
			m.FromCache++
		}
		m.MaxStaleMillis = max(m.MaxStaleMillis, seen.stale.Milliseconds())
	}
	slices.Sort(times)
	// The smallest time that at least this part of all is not above.
	within := func(part float64) int64 {
		if len(times) == 0 {
			return 0
		}
		return times[int(math.Ceil(part*float64(len(times))))-1].Milliseconds()
	}
	m.P50Millis, m.P95Millis = within(0.5), within(0.95)
	return m
}
