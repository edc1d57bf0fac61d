package metrics

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// prometheus is one that runs.
type prometheus struct{ url string }

// config of a Prometheus that scrapes the operator as the ServiceMonitor has it done, but more often.
const config = `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs:
- job_name: lab-operator
  static_configs:
  - targets: [%q]
`

// run starts a Prometheus that scrapes an address.
func run(t *testing.T, rules, address string) *prometheus {
	t.Helper()
	listen := free(t)
	var said bytes.Buffer
	command := exec.CommandContext(t.Context(), "prometheus",
		"--config.file="+write(t, "prometheus.yml", fmt.Appendf(nil, config, rules, address)),
		"--storage.tsdb.path="+t.TempDir(), "--web.listen-address="+listen, "--log.level=warn")
	command.Stdout, command.Stderr = &said, &said
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 20 * time.Second
	if err := command.Start(); err != nil {
		t.Fatalf("start prometheus: %v: run make test-metrics, which has prometheus", err)
	}
	t.Cleanup(func() {
		// The test's context has ended by now, and with it Prometheus.
		if err := command.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("prometheus: %v", err)
		}
		if t.Failed() {
			t.Logf("prometheus said:\n%s", said.String())
		}
	})
	p := &prometheus{url: "http://" + listen}
	eventually(t, "Prometheus has scraped the operator that works", func(ctx context.Context) (string, error) {
		// Until it listens it refuses connections.
		if found, err := p.query(ctx, `up{job="lab-operator"} == 1 and on (instance) lab_operator_labs{phase="Pending"}`); err != nil || len(found) == 0 {
			return fmt.Sprintf("nothing of it is known: %v", err), nil
		}
		return "", nil
	})
	return p
}

// get asks for something of the HTTP API.
func get[T any](ctx context.Context, p *prometheus, path string, values url.Values) (T, error) {
	var answer struct {
		Status string `json:"status"`
		Error  string `json:"error"`
		Data   T      `json:"data"`
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/v1/"+path+"?"+values.Encode(), http.NoBody)
	if err != nil {
		return answer.Data, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer.Data, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer.Data, err
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return answer.Data, fmt.Errorf("%w: %s", err, body)
	}
	if answer.Status != "success" {
		return answer.Data, errors.New(answer.Error)
	}
	return answer.Data, nil
}

// ask is get where an error ends the test.
func ask[T any](t *testing.T, p *prometheus, path string, values url.Values) T {
	t.Helper()
	answer, err := get[T](t.Context(), p, path, values)
	if err != nil {
		t.Fatalf("%s %v: %v", path, values, err)
	}
	return answer
}

// sample is one element of what a query finds.
type sample struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
}

// number is the value as Prometheus writes it, as in 0.5 or NaN.
func (s sample) number() string { return fmt.Sprint(s.Value[1]) }

// query runs an expression.
func (p *prometheus) query(ctx context.Context, expression string) ([]sample, error) {
	found, err := get[struct {
		Result []sample `json:"result"`
	}](ctx, p, "query", url.Values{"query": {expression}})
	return found.Result, err
}
