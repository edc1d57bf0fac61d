package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// maxRate, maxConcurrency and maxDuration keep a load from harming the node that it runs on.
	maxRate        = 1000.0
	maxConcurrency = 256
	maxDuration    = time.Hour
	// maxBody is how much of an answer is read, in bytes.
	maxBody = 1 << 20
)

// Options say what load to make.
type Options struct {
	// URL that is asked for.
	URL string
	// Rate is the number of requests to start in a second, above 0.
	Rate float64
	// Duration after which the load ends.
	Duration time.Duration
	// Concurrency is the number of requests that may be under way. A request that is due when that many are is not
	// sent: it is counted as missed, so that a slow service is not asked ever more at once.
	Concurrency int
	// Timeout of one request.
	Timeout time.Duration
	// Progress is the time between two lines of progress. Zero gives none.
	Progress time.Duration
}

// validate says which option is out of bounds.
func (o Options) validate() error {
	target, err := url.Parse(o.URL)
	switch {
	case err != nil:
		return fmt.Errorf("url: %w", err)
	case (target.Scheme != "http" && target.Scheme != "https") || target.Host == "":
		return fmt.Errorf("url is %q: it must be like http://web", o.URL)
	case o.Rate <= 0 || o.Rate > maxRate:
		return fmt.Errorf("rate is %v: it must be above 0 and at most %v", o.Rate, maxRate)
	case o.Duration <= 0 || o.Duration > maxDuration:
		return fmt.Errorf("duration is %v: it must be above 0s and at most %v", o.Duration, maxDuration)
	case o.Concurrency < 1 || o.Concurrency > maxConcurrency:
		return fmt.Errorf("concurrency is %d: it must be from 1 to %d", o.Concurrency, maxConcurrency)
	case o.Timeout <= 0:
		return fmt.Errorf("timeout is %v: it must be above 0s", o.Timeout)
	case o.Progress < 0:
		return fmt.Errorf("progress is %v: it must not be negative", o.Progress)
	}
	return nil
}

// Run makes load until its duration is over or the context ends, and reports. Lines of progress are written to out.
// An error says which option is out of bounds: a service that does not answer is a matter of the report.
func Run(ctx context.Context, options Options, client *http.Client, out io.Writer) (Report, error) {
	if err := options.validate(); err != nil {
		return Report{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, options.Duration)
	defer cancel()
	start := time.Now()
	all, recent := newTally(), newTally()
	var (
		under   sync.WaitGroup
		free    = make(chan struct{}, options.Concurrency)
		results = make(chan result)
		stopped = make(chan struct{})
	)
	go func() {
		defer close(stopped)
		pace(ctx, start, options.Rate, func() {
			select {
			case free <- struct{}{}:
			default:
				results <- result{missed: true}
				return
			}
			under.Go(func() {
				defer func() { <-free }()
				results <- ask(ctx, client, options)
			})
		})
		under.Wait()
	}()
	var progress <-chan time.Time
	if options.Progress > 0 {
		ticker := time.NewTicker(options.Progress)
		defer ticker.Stop()
		progress = ticker.C
	}
	since := start
	for {
		select {
		case r := <-results:
			recent.add(r)
		case <-progress:
			fmt.Fprintln(out, recent.report(time.Since(since)).Line())
			all.merge(recent)
			recent, since = newTally(), time.Now()
		case <-stopped:
			all.merge(recent)
			return all.report(time.Since(start)), nil
		}
	}
}

// pace calls send at the times start, start+1/rate, start+2/rate, until the context ends. What is late is made up
// for at once, so that the rate holds over time.
func pace(ctx context.Context, start time.Time, rate float64, send func()) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		send()
		due := start.Add(time.Duration(float64(n) / rate * float64(time.Second)))
		timer.Reset(time.Until(due))
	}
}

// ask sends one request. One that is cut off by the end of the load is not counted.
func ask(ctx context.Context, client *http.Client, options Options) result {
	one, cancel := context.WithTimeout(ctx, options.Timeout)
	defer cancel()
	start := time.Now()
	err := get(one, client, options.URL)
	if err != nil && ctx.Err() != nil {
		return result{cutOff: true}
	}
	return result{took: time.Since(start), err: err}
}

// get asks for a page and reads it. An answer other than a success is an error.
func get(ctx context.Context, client *http.Client, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("no answer in time")
		}
		// Beneath is what happened. The rest repeats the method and the address.
		var outer *url.Error
		if errors.As(err, &outer) {
			return outer.Err
		}
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, maxBody)); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("answered %s", response.Status)
	}
	return nil
}
