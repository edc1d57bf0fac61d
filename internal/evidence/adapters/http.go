package adapters

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/text"
)

const (
	// httpHeaderSize bounds the headers of an answer, in bytes.
	httpHeaderSize = 16 << 10
	// httpSampleTime is what each sample beyond the first adds to the time of a probe.
	httpSampleTime = 500 * time.Millisecond
)

func httpAdapter() probe.Adapter {
	return probe.Adapter{
		Name: "http",
		Fields: []probe.Field{
			{Name: "status", Type: "int", Doc: "the status of the last answer"},
			{Name: "statuses", Type: "map", Doc: "how many answers had each status, by the status as text"},
			{Name: "body", Type: "string", Doc: "the body of the last answer"},
			{Name: "json", Type: "dyn", Doc: "that body decoded, where its Content-Type is JSON"},
			{Name: "headers", Type: "map", Doc: "the headers of the last answer, by name in lower case"},
			{Name: "samples", Type: "int", Doc: "how many requests were answered"},
			{Name: "failed", Type: "int", Doc: "how many requests were not answered, or with a status of 400 or more"},
			{Name: "pods", Type: "map", Doc: "how many requests each pod answered, by its name"},
			{Name: "p50Millis", Type: "double", Doc: "the time within which half of the answers came, in milliseconds"},
			{Name: "p95Millis", Type: "double", Doc: "the time within which 95 % of the answers came, in milliseconds"},
			{Name: "maxMillis", Type: "double", Doc: "the time of the slowest answer, in milliseconds"},
		},
		Extra: func(spec *v1beta1.ProbeEvidence) time.Duration {
			return time.Duration(max(spec.HTTP.Samples, 1)-1) * httpSampleTime
		},
		Probe: func(ctx context.Context, dialer probe.Dialer, spec *v1beta1.ProbeEvidence) (map[string]any, error) {
			return probeHTTP(ctx, dialer, *spec.Target, spec.HTTP)
		},
	}
}

// httpSeries is what some requests to one service came to.
type httpSeries struct {
	// about names what was asked, as in GET web:80/.
	about    string
	last     *httpAnswer
	statuses map[string]any
	pods     map[string]any
	times    []time.Duration
	failed   int64
	// failure is the first one.
	failure error
}

// httpAnswer is one answer.
type httpAnswer struct {
	status  int
	headers http.Header
	body    string
	took    time.Duration
}

func probeHTTP(ctx context.Context, dialer probe.Dialer, target v1beta1.ProbeTarget, spec *v1beta1.HTTPEvidence) (map[string]any, error) {
	endpoints, err := dialer.Endpoints(ctx, target)
	if err != nil {
		return nil, err
	}
	if endpoints[0].Ready {
		endpoints = slices.DeleteFunc(endpoints, func(e probe.Endpoint) bool { return !e.Ready })
	}
	clients := make([]*http.Client, len(endpoints))
	for i, endpoint := range endpoints {
		transport := httpTransport(dialer, endpoint)
		defer transport.CloseIdleConnections()
		clients[i] = &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	series := &httpSeries{about: describeHTTP(target, spec), statuses: map[string]any{}, pods: map[string]any{}}
	for i := range int(max(spec.Samples, 1)) {
		at := i % len(endpoints)
		answer, err := askHTTP(ctx, clients[at], target, spec)
		var fault *probe.Fault
		if errors.As(err, &fault) {
			return nil, fault
		}
		series.add(endpoints[at].Pod, answer, err)
		if ctx.Err() != nil {
			break
		}
	}
	return series.values(), series.failure
}

// httpTransport connects to one endpoint, and reads no setting of the process.
func httpTransport(dialer probe.Dialer, endpoint probe.Endpoint) *http.Transport {
	return &http.Transport{
		DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return dialer.Dial(ctx, endpoint) },
		DisableCompression:     true,
		MaxConnsPerHost:        1,
		MaxResponseHeaderBytes: httpHeaderSize,
	}
}

func askHTTP(ctx context.Context, client *http.Client, target v1beta1.ProbeTarget, spec *v1beta1.HTTPEvidence) (*httpAnswer, error) {
	about := describeHTTP(target, spec)
	request, err := http.NewRequestWithContext(ctx, method(spec), "http://"+addressOf(target)+path(spec), bytes.NewReader([]byte(spec.Body)))
	if err != nil {
		return nil, probe.Failf(probe.Rejected, "%s cannot be asked: %v", about, err)
	}
	for _, header := range spec.Headers {
		if strings.EqualFold(header.Name, "Host") {
			request.Host = header.Value
		}
		request.Header.Set(header.Name, header.Value)
	}
	began := time.Now() //nolint:forbidigo // what is measured is a service, and no clock makes it slower
	response, err := client.Do(request)
	if err != nil {
		return nil, httpFailure(about, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, probe.MaxText+1))
	switch {
	case len(body) > probe.MaxText:
		return nil, probe.Failf(probe.TooLarge, "%s answers with more than %d KiB", about, probe.MaxText>>10)
	case err != nil:
		return nil, httpFailure(about, err)
	}
	return &httpAnswer{
		status: response.StatusCode, headers: response.Header, body: text.Valid(string(body)), took: time.Since(began),
	}, nil
}

func httpFailure(about string, err error) error {
	if strings.Contains(err.Error(), "response headers exceeded") {
		return probe.Failf(probe.TooLarge, "%s answers with more than %d KiB of headers", about, httpHeaderSize>>10)
	}
	return probe.FailureOf(about, err)
}

func (s *httpSeries) add(pod string, answer *httpAnswer, err error) {
	if err == nil && answer.status >= http.StatusBadRequest {
		err = probe.Failf(probe.Rejected, "%s answers with status %d", s.about, answer.status)
	}
	if err != nil {
		s.failed++
		if s.failure == nil {
			s.failure = err
		}
	}
	if answer == nil {
		return
	}
	s.last = answer
	s.times = append(s.times, answer.took)
	count(s.statuses, strconv.Itoa(answer.status))
	count(s.pods, pod)
}

func count(into map[string]any, key string) {
	before, _ := into[key].(int64)
	into[key] = before + 1
}

func (s *httpSeries) values() map[string]any {
	values := map[string]any{
		"samples": int64(len(s.times)), "failed": s.failed, "statuses": s.statuses, "pods": s.pods,
	}
	if s.last == nil {
		return values
	}
	slices.Sort(s.times)
	values["p50Millis"], values["p95Millis"] = millis(percentile(s.times, 50)), millis(percentile(s.times, 95))
	values["maxMillis"] = millis(s.times[len(s.times)-1])
	values["status"], values["body"] = int64(s.last.status), s.last.body
	headers := make(map[string]any, len(s.last.headers))
	for name, texts := range s.last.headers {
		headers[strings.ToLower(name)] = text.Valid(strings.Join(texts, ", "))
	}
	values["headers"] = headers
	if strings.Contains(s.last.headers.Get("Content-Type"), "json") {
		if decoded, err := decodeJSON(s.last.body); err == nil {
			values["json"] = decoded
		}
	}
	return values
}

// percentile is the smallest of some sorted times that a share of them, in percent, does not exceed.
func percentile(sorted []time.Duration, percent int) time.Duration {
	rank := int(math.Ceil(float64(len(sorted)*percent) / 100))
	return sorted[max(rank, 1)-1]
}

// millis is a time in milliseconds, to a tenth.
func millis(d time.Duration) float64 {
	return math.Round(float64(d)/float64(100*time.Microsecond)) / 10
}

// decodeJSON decodes a text into plain values: whole numbers are int64.
func decodeJSON(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	return plainJSON(value), nil
}

func plainJSON(value any) any {
	switch v := value.(type) {
	case json.Number:
		if whole, err := v.Int64(); err == nil {
			return whole
		}
		// A number that is too large for a float is infinite, as it is in CEL.
		float, _ := v.Float64()
		return float
	case map[string]any:
		for key := range v {
			v[key] = plainJSON(v[key])
		}
	case []any:
		for i := range v {
			v[i] = plainJSON(v[i])
		}
	}
	return value
}

func method(spec *v1beta1.HTTPEvidence) string {
	if spec.Method == "" {
		return http.MethodGet
	}
	return spec.Method
}

func path(spec *v1beta1.HTTPEvidence) string {
	if spec.Path == "" {
		return "/"
	}
	return spec.Path
}

// addressOf names a target as learners know it, as in web:80.
func addressOf(target v1beta1.ProbeTarget) string {
	name := target.Service
	if name == "" {
		name = target.Pod
	}
	return fmt.Sprintf("%s:%d", name, target.Port)
}

func describeHTTP(target v1beta1.ProbeTarget, spec *v1beta1.HTTPEvidence) string {
	return fmt.Sprintf("%s %s%s", method(spec), addressOf(target), path(spec))
}
