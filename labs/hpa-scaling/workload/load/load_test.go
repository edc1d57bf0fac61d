package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// service answers requests without a network: in a bubble of synctest the time that it takes is exact.
type service func(n int64, r *http.Request) (*http.Response, error)

// client makes a client of the service, with the number of the request from 1.
func (s service) client() *http.Client {
	var n atomic.Int64
	return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) { return s(n.Add(1), r) })}
}

type transport func(r *http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func respond(code int) *http.Response {
	return &http.Response{
		StatusCode: code, Status: http.StatusText(code), Body: io.NopCloser(strings.NewReader("hello\n")),
	}
}

// after answers when some time has passed, unless the request is given up before.
func after(d time.Duration, r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(d):
		return respond(http.StatusOK), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func options() Options {
	return Options{URL: "http://web", Rate: 10, Duration: 10*time.Second - time.Millisecond, Concurrency: 4, Timeout: 5 * time.Second}
}

func TestRun(t *testing.T) {
	for name, tc := range map[string]struct {
		service service
		change  func(*Options)
		want    Report
	}{
		"the rate holds": {
			service: func(_ int64, r *http.Request) (*http.Response, error) { return after(0, r) },
			want:    Report{Answers: 100},
		},
		"a rate that is no whole number of milliseconds holds": {
			service: func(_ int64, r *http.Request) (*http.Response, error) { return after(0, r) },
			change:  func(o *Options) { o.Rate = 300 },
			want:    Report{Answers: 3000},
		},
		"a slow service is asked no more than concurrency allows": {
			service: func(_ int64, r *http.Request) (*http.Response, error) { return after(950*time.Millisecond, r) },
			// Four are sent and six missed in a second. Of the last four, one is answered before the end.
			want: Report{Answers: 37, Missed: 60, P50: 950 * time.Millisecond, P95: 950 * time.Millisecond, Max: 950 * time.Millisecond},
		},
		"refused connections and bad answers are told apart": {
			service: func(n int64, _ *http.Request) (*http.Response, error) {
				switch n % 4 {
				case 1:
					return nil, errors.New("connection refused")
				case 2:
					return respond(http.StatusServiceUnavailable), nil
				default:
					return respond(http.StatusNoContent), nil
				}
			},
			want: Report{Answers: 50, Errors: map[string]uint64{"connection refused": 25, "answered Service Unavailable": 25}},
		},
		"an answer that takes too long is an error": {
			service: func(n int64, r *http.Request) (*http.Response, error) { return after(time.Duration(n%2)*time.Hour, r) },
			change:  func(o *Options) { o.Rate, o.Timeout = 1, 500*time.Millisecond },
			want:    Report{Answers: 5, Errors: map[string]uint64{"no answer in time": 5}},
		},
		"what is cut off by the end counts as nothing": {
			service: func(_ int64, r *http.Request) (*http.Response, error) { return after(time.Hour, r) },
			change:  func(o *Options) { o.Rate, o.Timeout = 1, time.Minute },
			want:    Report{Missed: 6},
		},
		"many kinds of errors are counted together": {
			service: func(n int64, _ *http.Request) (*http.Response, error) {
				return nil, errors.New("error " + strings.Repeat("x", int(n)))
			},
			want: Report{Errors: map[string]uint64{
				"error x": 1, "error xx": 1, "error xxx": 1, "error xxxx": 1, "error xxxxx": 1, otherErrors: 95,
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := options()
				if tc.change != nil {
					tc.change(&o)
				}
				got, err := Run(t.Context(), o, tc.service.client(), io.Discard)
				if err != nil {
					t.Fatal(err)
				}
				tc.want.Elapsed = o.Duration
				if tc.want.Errors == nil {
					tc.want.Errors = map[string]uint64{}
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("report (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second-time.Millisecond)
		defer cancel()
		var out bytes.Buffer
		o := options()
		o.Progress = time.Second
		got, err := Run(ctx, o, service(func(_ int64, r *http.Request) (*http.Response, error) { return after(0, r) }).client(), &out)
		if err != nil || got.Answers != 30 {
			t.Errorf("got %d answers and error %v, want 30", got.Answers, err)
		}
		if lines := strings.Count(out.String(), "10.0 answers/s  p50 0s"); lines != 2 {
			t.Errorf("want 2 lines of progress, each on its second alone:\n%s", out.String())
		}
	})
}

func TestOptionsAreBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"no scheme":           {func(o *Options) { o.URL = "web" }, `url is "web": it must be like http://web`},
		"another scheme":      {func(o *Options) { o.URL = "ftp://web" }, `url is "ftp://web": it must be like http://web`},
		"no host":             {func(o *Options) { o.URL = "http:///x" }, `url is "http:///x": it must be like http://web`},
		"no rate":             {func(o *Options) { o.Rate = 0 }, "rate is 0: it must be above 0 and at most 1000"},
		"a flood":             {func(o *Options) { o.Rate = 1000.5 }, "rate is 1000.5: it must be above 0 and at most 1000"},
		"for ever":            {func(o *Options) { o.Duration = 0 }, "duration is 0s: it must be above 0s and at most 1h0m0s"},
		"for a day":           {func(o *Options) { o.Duration = 24 * time.Hour }, "duration is 24h0m0s: it must be above 0s and at most 1h0m0s"},
		"nothing at once":     {func(o *Options) { o.Concurrency = 0 }, "concurrency is 0: it must be from 1 to 256"},
		"too much at once":    {func(o *Options) { o.Concurrency = 257 }, "concurrency is 257: it must be from 1 to 256"},
		"no time to answer":   {func(o *Options) { o.Timeout = 0 }, "timeout is 0s: it must be above 0s"},
		"progress from where": {func(o *Options) { o.Progress = -1 }, "progress is -1ns: it must not be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			tc.change(&o)
			_, err := Run(t.Context(), o, http.DefaultClient, io.Discard)
			if err == nil || err.Error() != tc.want {
				t.Errorf("Run: %v, want %s", err, tc.want)
			}
		})
	}
}

// execute runs the command line until it ends.
func execute(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	command := NewCommand()
	command.SilenceUsage, command.SilenceErrors = true, true
	command.SetArgs(args)
	command.SetOut(&out)
	err := command.ExecuteContext(ctx)
	return out.String(), err
}

func TestCommandOpensAConnectionForEachRequest(t *testing.T) {
	for name, tc := range map[string]struct {
		flags  []string
		reuses bool
	}{
		"by default":      {},
		"with keep-alive": {flags: []string{"--keep-alive"}, reuses: true},
	} {
		t.Run(name, func(t *testing.T) {
			var connections, requests atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			server.Start()
			defer server.Close()
			out, err := execute(t.Context(), append(tc.flags, "--url", server.URL, "--rate=50", "--duration=300ms", "--concurrency=1")...)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if !strings.HasPrefix(out, "after 0s: ") || !strings.Contains(out, "errors 0") {
				t.Errorf("output: %s", out)
			}
			if reuses := connections.Load() < requests.Load(); reuses != tc.reuses || requests.Load() < 2 {
				t.Errorf("%d requests on %d connections", requests.Load(), connections.Load())
			}
		})
	}
}

func TestCommandFailsWhenNobodyAnswers(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	out, err := execute(t.Context(), "--url", server.URL, "--rate=50", "--duration=100ms")
	if !errors.Is(err, errNoAnswer) {
		t.Errorf("error %v, want %v", err, errNoAnswer)
	}
	if !strings.Contains(out, "answered 404 Not Found") {
		t.Errorf("the report does not say what went wrong:\n%s", out)
	}
}

func TestCommandStaysWhenAskedTo(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		command := NewCommand()
		command.SetArgs([]string{"--url", server.URL, "--rate=50", "--duration=50ms", "--stay"})
		command.SetOut(write)
		err := command.ExecuteContext(ctx)
		_ = write.CloseWithError(io.EOF)
		ended <- err
	}()
	for lines := bufio.NewScanner(read); lines.Scan(); {
		if lines.Text() == "the load is over, waiting to be stopped" {
			stop()
		}
	}
	if ctx.Err() == nil {
		t.Error("the command ended by itself")
	}
	if err := <-ended; err != nil {
		t.Errorf("being stopped is no failure: %v", err)
	}
}
