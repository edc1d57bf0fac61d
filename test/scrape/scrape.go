// Package scrape reads metrics as Prometheus does: over HTTP, in its text format.
package scrape

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Samples are values by series, as in lab_operator_labs{phase="Pending"}: the labels are in the order of their names.
type Samples map[string]float64

// Serve serves the metrics of a registry until stop is called.
func Serve(registry prometheus.Gatherer) (url string, stop func()) {
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return server.URL, server.Close
}

// Get reads what is served at an address.
func Get(ctx context.Context, url string) (Samples, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("scrape: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("scrape: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("scrape: %s answers with status %d", url, response.StatusCode)
	}
	return read(response.Body)
}

func read(text io.Reader) (Samples, error) {
	samples := Samples{}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		if at < 0 {
			return nil, fmt.Errorf("read the scrape: no value in %q", line)
		}
		value, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("read the scrape: %q: %w", line, err)
		}
		samples[line[:at]] = value
	}
	return samples, lines.Err()
}

// Named are the series of one metric. Those of a histogram are of three: its _bucket, _sum and _count.
func (s Samples) Named(metric string) Samples {
	named := Samples{}
	for series, value := range s {
		if name, _, _ := strings.Cut(series, "{"); name == metric {
			named[series] = value
		}
	}
	return named
}

// Since is what was added after an earlier scrape. Series that stayed as they were are left out.
func (s Samples) Since(earlier Samples) Samples {
	added := Samples{}
	for series, value := range s {
		if value != earlier[series] {
			added[series] = value - earlier[series]
		}
	}
	return added
}
