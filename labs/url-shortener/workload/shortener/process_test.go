package shortener

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/alicebob/miniredis/v2/server"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// storeOf starts a Redis that knows one link and says of itself what it is told to. It returns the address.
func storeOf(t *testing.T, info string) string {
	t.Helper()
	fake, err := server.NewServer("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	for command, answer := range map[string]string{"INFO": info, "HGET": "https://example.com/known"} {
		if err := fake.Register(command, func(c *server.Peer, _ string, _ []string) {
			if answer == "" {
				c.WriteError("ERR not here")
				return
			}
			c.WriteBulk(answer)
		}); err != nil {
			t.Fatal(err)
		}
	}
	return fake.Addr().String()
}

func TestAnAnswerSaysWhichProcessHasTheLink(t *testing.T) {
	for name, tc := range map[string]struct{ info, want string }{
		"Redis":                  {"# Server\r\nredis_version:7.0.15\r\nrun_id:5e9c\r\ntcp_port:6379\r\n", "5e9c"},
		"one that has no id":     {"# Server\r\n", ""},
		"one that tells nothing": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var process storeProcess
			client := redis.NewClient(&redis.Options{Addr: storeOf(t, tc.info), MaxRetries: -1, OnConnect: process.learn})
			t.Cleanup(func() { _ = client.Close() })
			shortener, err := New("pod-1", client, &process, FromStore)
			if err != nil {
				t.Fatal(err)
			}
			recorder := httptest.NewRecorder()
			shortener.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/1000", http.NoBody))
			if recorder.Code != http.StatusFound || recorder.Header().Get(storedIn) != tc.want {
				t.Errorf("%d, stored in %q, want %q", recorder.Code, recorder.Header().Get(storedIn), tc.want)
			}
		})
	}
}

func TestCustomersCountWhereLinksAreStored(t *testing.T) {
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://example.com/"+r.URL.Path[1:])
		w.Header().Set(storedIn, r.URL.Path[1:2])
		w.WriteHeader(http.StatusFound)
	}))
	t.Cleanup(front.Close)
	customers := &Customers{URL: front.URL, Links: 3, Workers: 2}
	customers.init()
	customers.report.State = "done"
	for _, code := range []string{"a1", "a2", "b1"} {
		customers.told = append(customers.told, Link{Code: code, URL: "https://example.com/" + code})
	}
	customers.told = append(customers.told, Link{Code: "c1", URL: "https://example.com/other"})
	customers.follow(t.Context())
	if diff := cmp.Diff(map[string]int{"a": 2, "b": 1}, customers.report.Stores); diff != "" || customers.report.Wrong != 1 {
		t.Errorf("%d wrong; stores (-want +got):\n%s", customers.report.Wrong, diff)
	}
}
