package shortener

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// start makes a server on a store, which may be shared by several.
func start(t *testing.T, store *miniredis.Miniredis, codes string) *Server {
	t.Helper()
	var process storeProcess
	client := redis.NewClient(&redis.Options{Addr: store.Addr(), MaxRetries: -1, OnConnect: process.learn})
	t.Cleanup(func() { _ = client.Close() })
	server, err := New("pod-1", client, &process, codes)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

type reply struct {
	Code           int
	Location, Body string
}

func ask(t *testing.T, server *Server, method, path, body string) reply {
	t.Helper()
	recorder := httptest.NewRecorder()
	server.Handler().ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
	return reply{recorder.Code, recorder.Header().Get("Location"), recorder.Body.String()}
}

func TestServerAnswers(t *testing.T) {
	const known = `{"url": "https://example.com/known"}`
	for name, tc := range map[string]struct {
		method, path, body string
		drained            bool
		want               reply
	}{
		"a new link":            {method: "POST", path: "/links", body: `{"url": "https://example.com/new?a=b"}`, want: reply{201, "/1001", `{"code":"1001","url":"https://example.com/new?a=b"}` + "\n"}},
		"one that is known":     {method: "POST", path: "/links", body: known, want: reply{200, "/1000", `{"code":"1000","url":"https://example.com/known"}` + "\n"}},
		"follow":                {method: "GET", path: "/1000", want: reply{302, "https://example.com/known", ""}},
		"follow while draining": {method: "GET", path: "/1000", drained: true, want: reply{302, "https://example.com/known", ""}},
		"follow nothing":        {method: "GET", path: "/zzzz", want: reply{404, "", "there is no such link\n"}},
		"no JSON":               {method: "POST", path: "/links", body: "https://example.com", want: reply{400, "", `the body must be JSON like {"url": "https://example.com"}: invalid character 'h' looking for beginning of value` + "\n"}},
		"a script":              {method: "POST", path: "/links", body: `{"url": "javascript:alert(1)"}`, want: reply{400, "", "url must be like https://example.com, with at most 2048 bytes\n"}},
		"an endless address":    {method: "POST", path: "/links", body: `{"url": "https://example.com/` + strings.Repeat("x", maxURL) + `"}`, want: reply{400, "", "url must be like https://example.com, with at most 2048 bytes\n"}},
		"healthy":               {method: "GET", path: "/healthz", drained: true, want: reply{200, "", "ok\n"}},
		"ready":                 {method: "GET", path: "/readyz", want: reply{200, "", "ok\n"}},
		"not ready at the end":  {method: "GET", path: "/readyz", drained: true, want: reply{503, "", "shutting down\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, miniredis.RunT(t), FromStore)
			ask(t, server, "POST", "/links", known)
			if tc.drained {
				server.Drain()
			}
			if diff := cmp.Diff(tc.want, ask(t, server, tc.method, tc.path, tc.body)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutItsStoreTheServiceSaysSo(t *testing.T) {
	store := miniredis.RunT(t)
	server := start(t, store, FromStore)
	store.Close()
	for _, asked := range []struct{ method, path, body string }{
		{"POST", "/links", `{"url": "https://example.com"}`},
		{"GET", "/1000", ""},
	} {
		if got := ask(t, server, asked.method, asked.path, asked.body); got.Code != 503 || !strings.Contains(got.Body, "the store does not answer") {
			t.Errorf("%s %s: %v", asked.method, asked.path, got)
		}
	}
	if got := ask(t, server, "GET", "/readyz", ""); got.Code != 200 {
		t.Errorf("not ready without the store: %v", got)
	}
	metrics := ask(t, server, "GET", "/metrics", "").Body
	for _, want := range []string{`shortener_requests_total{code="503",kind="follow"} 1`, `shortener_requests_total{code="503",kind="shorten"} 1`} {
		if !strings.Contains(metrics, "\n"+want) {
			t.Errorf("no %q in:\n%s", want, metrics)
		}
	}
}

// What an exercise is built on: two pods that count for themselves write over each other's links and say nothing of it.
func TestLinksOfTwoPods(t *testing.T) {
	const addresses = 50
	for codes, wantLinks := range map[string]int{FromStore: 2 * addresses, FromProcess: addresses} {
		t.Run(codes, func(t *testing.T) {
			store := miniredis.RunT(t)
			var pods sync.WaitGroup
			for pod := range 2 {
				server := start(t, store, codes)
				pods.Go(func() {
					for i := range addresses {
						if got := ask(t, server, "POST", "/links", fmt.Sprintf(`{"url": "https://example.com/%d/%d"}`, pod, i)); got.Code != 201 {
							t.Errorf("pod %d: %v", pod, got)
						}
					}
				})
			}
			pods.Wait()
			if links := hash(t, store, linksKey); len(links) != wantLinks {
				t.Errorf("%d links, want %d", len(links), wantLinks)
			}
			if known := hash(t, store, codesKey); len(known) != 2*addresses {
				t.Errorf("%d addresses are known, want %d", len(known), 2*addresses)
			}
		})
	}
}

func TestAnAddressHasOneCodeHoweverManyBringIt(t *testing.T) {
	store := miniredis.RunT(t)
	server := start(t, store, FromStore)
	var everybody sync.WaitGroup
	codes := make([]string, 20)
	for i := range codes {
		everybody.Go(func() {
			var link Link
			if err := json.Unmarshal([]byte(ask(t, server, "POST", "/links", `{"url": "https://example.com"}`).Body), &link); err != nil {
				t.Error(err)
			}
			codes[i] = link.Code
		})
	}
	everybody.Wait()
	for _, got := range codes {
		if got != codes[0] || got == "" {
			t.Errorf("codes %v: they are not all the same", codes)
			break
		}
	}
	if diff := cmp.Diff(map[string]string{codes[0]: "https://example.com"}, hash(t, store, linksKey)); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

// hash is what stands under a key.
func hash(t *testing.T, store *miniredis.Miniredis, key string) map[string]string {
	t.Helper()
	fields, err := store.HKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, field := range fields {
		values[field] = store.HGet(key, field)
	}
	return values
}

func TestCodes(t *testing.T) {
	got := map[int64]string{}
	for _, number := range []int64{1, 2, 62, 63, 62 * 62 * 62 * 61, 62*62*62*61 + 1} {
		got[number] = code(number)
	}
	want := map[int64]string{1: "1000", 2: "1001", 62: "100z", 63: "1010", 62 * 62 * 62 * 61: "zzzz", 62*62*62*61 + 1: "10000"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if _, err := New("", nil, nil, "dice"); err == nil || err.Error() != `codes is "dice": it must be process or store` {
		t.Errorf("a way to number that there is not: %v", err)
	}
}
