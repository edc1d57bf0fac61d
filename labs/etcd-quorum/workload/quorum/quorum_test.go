package quorum

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// member is one that behaves as it is told. What is written goes into a store that members may share.
type member struct {
	*store
	// refuses is what puts and linearizable reads are answered with; empty is none.
	refuses string
	// silent members take what they are sent and answer nothing.
	silent bool
}

type store struct {
	mu       sync.Mutex
	entries  map[string]int64
	revision int64
}

func newStore() *store { return &store{entries: map[string]int64{}} }

func (m member) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Key          []byte
		Serializable bool
		Keys         bool `json:"keys_only"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	put := r.URL.Path == "/v3/kv/put"
	if m.silent && !asked.Serializable {
		if put {
			m.revision++
			m.entries[string(asked.Key)] = m.revision
		}
		m.mu.Unlock()
		<-r.Context().Done()
		m.mu.Lock()
		return
	}
	switch {
	case m.refuses != "" && !asked.Serializable:
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, `{"code":14,"message":%q}`, m.refuses)
	case put:
		m.revision++
		m.entries[string(asked.Key)] = m.revision
		fmt.Fprintf(w, `{"header":{"revision":"%d"}}`, m.revision)
	case asked.Keys:
		var kvs []map[string]any
		for key, revision := range m.entries {
			kvs = append(kvs, map[string]any{"key": []byte(key), "create_revision": fmt.Sprint(revision)})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"kvs": kvs})
	default:
		fmt.Fprintf(w, `{"count":"%d"}`, len(m.entries))
	}
}

func serve(t *testing.T, name string, m member) Member {
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	return Member{Name: name, URL: server.URL}
}

// gone is a member that nothing listens for.
func gone(name string) Member {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return Member{Name: name, URL: server.URL}
}

func newWriter(t *testing.T, members ...Member) *Writer {
	t.Helper()
	ledger, err := OpenLedger(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ledger.Close(); err != nil {
			t.Error(err)
		}
	})
	w, err := NewWriter(Options{Members: members, Pace: 10 * time.Millisecond}, ledger, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func step(t *testing.T, steps ...func(context.Context) error) {
	t.Helper()
	for _, step := range steps {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

const noLeader = "etcdserver: no leader"

func TestWhatBecomesOfAnEntry(t *testing.T) {
	up := member{store: newStore()}
	for name, tc := range map[string]struct {
		members func(t *testing.T) []Member
		want    Counts
		says    string
	}{
		"acknowledged": {
			members: func(t *testing.T) []Member { return []Member{serve(t, "a", up)} },
			want:    Counts{Acknowledged: 1}, says: "entry 1 was acknowledged",
		},
		"acknowledged by another than the first": {
			members: func(t *testing.T) []Member { return []Member{gone("a"), serve(t, "b", up)} },
			want:    Counts{Acknowledged: 1}, says: "entry 1 was acknowledged",
		},
		"refused by who has no leader": {
			members: func(t *testing.T) []Member {
				return []Member{serve(t, "a", member{store: newStore(), refuses: noLeader}), gone("b")}
			},
			want: Counts{Refused: 1}, says: "entry 1 was refused, a says: etcdserver: no leader",
		},
		"nobody there": {
			members: func(*testing.T) []Member { return []Member{gone("a")} },
			want:    Counts{Refused: 1}, says: "connection refused",
		},
		"timed out within the cluster": {
			members: func(t *testing.T) []Member {
				return []Member{serve(t, "a", member{store: newStore(), refuses: "etcdserver: request timed out"}), serve(t, "b", up)}
			},
			want: Counts{Unknown: 1}, says: "unknown, a says: etcdserver: request timed out",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWriter(t, tc.members(t)...)
			step(t, w.write)
			state := w.State()
			if diff := cmp.Diff(tc.want, state.Counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			if !strings.Contains(state.Last, tc.says) {
				t.Errorf("last is %q, want %q", state.Last, tc.says)
			}
		})
	}
}

func TestNoAnswerInTimeIsUnknownAndMayBeStored(t *testing.T) {
	shared := newStore()
	w := newWriter(t, serve(t, "a", member{store: shared, silent: true}), serve(t, "b", member{store: shared}))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	number, err := w.ledger.Begin(unknown)
	if err != nil {
		t.Fatal(err)
	}
	outcome, said := w.put(ctx, number)
	if outcome != unknown || !strings.Contains(said, "no answer in time") {
		t.Errorf("outcome %d, %q", outcome, said)
	}
	step(t, w.write)
	w.options.Members = w.options.Members[1:]
	step(t, w.audit)
	if diff := cmp.Diff(Audit{OK: true, Audited: 1, UnknownStored: 1, FirstMissing: []int{}}, w.State().Audit); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestStreakBeginsAnewWithOtherMembersAndOtherOutcomes(t *testing.T) {
	shared := newStore()
	a, b := serve(t, "a", member{store: shared}), serve(t, "b", member{store: shared})
	w := newWriter(t, a, b)
	step(t, w.look, w.write, w.write)
	if diff := cmp.Diff(Streak{Acknowledged: true, Count: 2, Answering: []string{"a", "b"}}, w.State().Streak); diff != "" {
		t.Errorf("streak (-want +got):\n%s", diff)
	}
	w.options.Members = []Member{a, gone("b")}
	step(t, w.look, w.write)
	if diff := cmp.Diff(Streak{Acknowledged: true, Count: 1, Answering: []string{"a"}}, w.State().Streak); diff != "" {
		t.Errorf("streak (-want +got):\n%s", diff)
	}
	w.options.Members = []Member{serve(t, "a", member{store: shared, refuses: noLeader})}
	step(t, w.write, w.write, w.look)
	state := w.State()
	if diff := cmp.Diff(Streak{Count: 2, Answering: []string{"a"}}, state.Streak); diff != "" {
		t.Errorf("streak (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]Look{"a": {Serializable: Read{OK: true, Entries: 3}, Linearizable: Read{Error: noLeader}}}, state.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	step(t, w.audit)
	if audit := w.State().Audit; audit.OK || audit.Error != noLeader {
		t.Errorf("audit of a cluster without a leader: %+v", audit)
	}
}

func TestLedgerOutlivesItsWriter(t *testing.T) {
	folder := t.TempDir()
	ledger, err := OpenLedger(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, outcome := range []int64{7, refused, 12} {
		number, err := ledger.Begin(unknown)
		if err := errors.Join(err, ledger.End(number, outcome)); err != nil {
			t.Fatal(err)
		}
	}
	// The writer ends while this one is under way.
	if _, err := ledger.Begin(unknown); err != nil {
		t.Fatal(err)
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenLedger(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if diff := cmp.Diff([]int64{7, refused, 12, unknown}, again.All()); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Counts{Acknowledged: 2, Refused: 1, Unknown: 1}, count(again.All())); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestAudit(t *testing.T) {
	for name, tc := range map[string]struct {
		read map[int]int64
		want Audit
	}{
		"all there": {read: map[int]int64{1: 7, 3: 12}, want: Audit{OK: true, Audited: 2, FirstMissing: []int{}}},
		"one lost":  {read: map[int]int64{1: 7}, want: Audit{OK: true, Audited: 2, Missing: 1, FirstMissing: []int{3}}},
		"written once more, by whom ever": {
			read: map[int]int64{1: 2, 3: 3}, want: Audit{OK: true, Audited: 2, Missing: 2, FirstMissing: []int{1, 3}},
		},
		"what was in doubt is there": {
			read: map[int]int64{1: 7, 2: 9, 3: 12, 4: 13}, want: Audit{OK: true, Audited: 2, UnknownStored: 1, RefusedStored: 1, FirstMissing: []int{}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, audit([]int64{7, refused, 12, unknown}, tc.read)); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestServerTellsTheState(t *testing.T) {
	w := newWriter(t, serve(t, "a", member{store: newStore()}))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	server := newServer(w)
	handler := server.Handler()
	get := func(path string) *httptest.ResponseRecorder {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return recorder
	}
	var state State
	for state.Audit.Audited < 2 && t.Context().Err() == nil {
		if err := json.Unmarshal(get("/").Body.Bytes(), &state); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil || state.Acknowledged < 2 || state.Audit.Missing != 0 {
		t.Errorf("%v, %+v", err, state)
	}
	if metrics := get("/metrics").Body.String(); !strings.Contains(metrics, "entries_acknowledged ") {
		t.Errorf("metrics:\n%s", metrics)
	}
	if code := get("/readyz").Code; code != http.StatusOK {
		t.Errorf("ready: %d", code)
	}
	server.Unready()
	if code := get("/readyz").Code; code != http.StatusServiceUnavailable {
		t.Errorf("ready while it stops: %d", code)
	}
}

func TestOptions(t *testing.T) {
	good := []Member{{"a", "http://a:2379"}}
	for name, tc := range map[string]struct {
		options Options
		says    string
	}{
		"no members":  {Options{Pace: time.Second}, "members is empty"},
		"no address":  {Options{Pace: time.Second, Members: []Member{{"a", ""}}}, `member "a" has the address ""`},
		"too quick":   {Options{Members: good}, "pace is 0s"},
		"as it is":    {Options{Members: good, Pace: time.Second}, ""},
		"too leisure": {Options{Members: good, Pace: time.Hour}, "pace is 1h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.options.validate()
			if (err == nil) != (tc.says == "") || (err != nil && !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("error %v, want %q", err, tc.says)
			}
		})
	}
}

func TestWhyAMemberIsNotReachedIsToldInAFewWords(t *testing.T) {
	for want, err := range map[string]error{
		"no pod has the name etcd-0.etcd": &net.DNSError{Err: "no such host", Name: "etcd-0.etcd", Server: "10.96.0.10:53", IsNotFound: true},
		"connection refused":              &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		"the network is down":             errors.New("the network is down"),
	} {
		got := short(&url.Error{Op: "Post", URL: "http://etcd-0.etcd:2379/v3/kv/put", Err: &unreached{err}})
		if got.Error() != want || !definite(got) {
			t.Errorf("%v, definite: %t, want %s", got, definite(got), want)
		}
	}
}
