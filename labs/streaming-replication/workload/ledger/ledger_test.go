package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func newWriter(t *testing.T, leader string, servers ...Database) *Writer {
	t.Helper()
	t.Setenv("PGUSER", "ledger")
	t.Setenv("PGPASSWORD", "secret")
	ledger, err := OpenLedger(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ledger.Close(); err != nil {
			t.Error(err)
		}
	})
	w, err := NewWriter(Options{Leader: leader, Servers: servers, Database: "bank", Pace: 10 * time.Millisecond}, ledger, io.Discard)
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

// nobody is an address that nothing listens on.
func nobody(*testing.T) string { return "127.0.0.1:1" }

func TestWhatBecomesOfAnEntry(t *testing.T) {
	for name, tc := range map[string]struct {
		leader func(t *testing.T) string
		want   Counts
		streak Streak
		says   string
	}{
		"acknowledged": {
			leader: (&fake{store: newStore(), timeline: 1, mode: "on"}).listen,
			want:   Counts{Acknowledged: 1}, streak: Streak{History: History{"77", 1}, Acknowledged: 1},
			says: "entry 1 was acknowledged on timeline 1, waiting for the disk of no standby",
		},
		"acknowledged by two": {
			leader: (&fake{store: newStore(), timeline: 31, mode: "on", names: "beta"}).listen,
			want:   Counts{Acknowledged: 1}, streak: Streak{History: History{"77", 31}, Acknowledged: 1, Guarded: 1},
			says: "on timeline 31, after a standby had confirmed it",
		},
		"acknowledged without waiting for the standby there is": {
			leader: (&fake{store: newStore(), timeline: 1, mode: "local", names: "beta"}).listen,
			want:   Counts{Acknowledged: 1}, streak: Streak{History: History{"77", 1}, Acknowledged: 1},
			says: "waiting for the disk of no standby",
		},
		"in the memory of a standby, and not on its disk": {
			leader: (&fake{store: newStore(), timeline: 1, mode: "remote_write", names: "beta"}).listen,
			want:   Counts{Acknowledged: 1}, streak: Streak{History: History{"77", 1}, Acknowledged: 1},
			says: "waiting for the disk of no standby",
		},
		"applied by a standby": {
			leader: (&fake{store: newStore(), timeline: 1, mode: "remote_apply", names: "beta"}).listen,
			want:   Counts{Acknowledged: 1}, streak: Streak{History: History{"77", 1}, Acknowledged: 1, Guarded: 1},
			says: "after a standby had confirmed it",
		},
		"refused by a server whose functions were replaced": {
			leader: (&fake{store: newStore(), timeline: 1, mode: "on", replaced: "pg_is_in_recovery"}).listen,
			want:   Counts{Refused: 1}, says: "own functions were replaced: pg_is_in_recovery",
		},
		"refused by a follower": {
			leader: (&fake{store: newStore(), recovering: true, mode: "on"}).listen,
			want:   Counts{Refused: 1}, says: "entry 1 was refused: cannot execute INSERT in a read-only transaction",
		},
		"nobody there": {leader: nobody, want: Counts{Refused: 1}, says: "connection refused"},
		"rolled back": {
			leader: (&fake{store: newStore(), timeline: 1, mode: "on", commit: "rollback"}).listen,
			want:   Counts{Refused: 1}, says: "the server rolled it back",
		},
		"broken off in the commit": {
			leader: (&fake{store: newStore(), timeline: 1, mode: "on", commit: "hangup"}).listen,
			want:   Counts{Unknown: 1}, says: "unknown: terminating connection",
		},
		"on one disk alone": {
			leader: (&fake{store: newStore(), timeline: 1, mode: "on", names: "beta", commit: "warning"}).listen,
			want:   Counts{Unknown: 1}, says: "unknown: canceling wait for synchronous replication",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWriter(t, tc.leader(t))
			step(t, w.write)
			state := w.State()
			if diff := cmp.Diff(tc.want, state.Counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.streak, state.Streak); diff != "" {
				t.Errorf("streak (-want +got):\n%s", diff)
			}
			if !strings.Contains(state.Last, tc.says) {
				t.Errorf("last is %q, want %q", state.Last, tc.says)
			}
		})
	}
}

func TestCommitThatNobodyConfirmsIsHeldAndMayBeStored(t *testing.T) {
	shared := newStore()
	w := newWriter(t, (&fake{store: shared, timeline: 1, mode: "on", names: "beta", commit: "silence"}).listen(t))
	// It takes all of the time that an attempt has.
	step(t, w.write)
	state := w.State()
	if diff := cmp.Diff(Counts{Unknown: 1, Held: 1}, state.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if !strings.Contains(state.Last, "waited for a standby") {
		t.Errorf("last is %q", state.Last)
	}
	w.options.Leader = (&fake{store: shared, timeline: 2, mode: "on"}).listen(t)
	step(t, w.write, w.audit)
	want := Audit{OK: true, History: History{"77", 2}, Audited: 1, UnknownStored: 1, FirstMissing: []int{}}
	if diff := cmp.Diff(want, w.State().Audit); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestFailoverFromWhatTheFollowerHad(t *testing.T) {
	old, late := newStore(), newStore()
	alpha := Database{"alpha", (&fake{store: old, timeline: 1, mode: "on"}).listen(t)}
	beta := Database{"beta", (&fake{store: late, recovering: true, mode: "on"}).listen(t)}
	w := newWriter(t, alpha.Address, alpha, beta, Database{"gamma", nobody(t)})
	step(t, w.write, w.write)
	late.rows[1] = old.rows[1]
	step(t, w.look)
	state := w.State()
	if diff := cmp.Diff(map[string]Look{
		"alpha": {OK: true, Entries: 2}, "beta": {OK: true, Recovering: true, Entries: 1, Behind: 1}, "gamma": {Error: "connection refused"},
	}, state.Servers); diff != "" {
		t.Errorf("servers (-want +got):\n%s", diff)
	}
	w.options.Leader = (&fake{store: late, timeline: 2, mode: "on", names: "*"}).listen(t)
	step(t, w.write, w.audit)
	state = w.State()
	if diff := cmp.Diff([]Reign{
		{History: History{"77", 1}, Acknowledged: 2}, {History: History{"77", 2}, Acknowledged: 1, Guarded: 1},
	}, state.Reigns); diff != "" {
		t.Errorf("reigns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Streak{History: History{"77", 2}, Acknowledged: 1, Guarded: 1}, state.Streak); diff != "" {
		t.Errorf("streak (-want +got):\n%s", diff)
	}
	want := Audit{OK: true, History: History{"77", 2}, Audited: 3, Missing: 1, FirstMissing: []int{2}}
	if diff := cmp.Diff(want, state.Audit); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	w.options.Leader = nobody(t)
	step(t, w.audit)
	if audit := w.State().Audit; audit.OK || audit.Error != "connection refused" {
		t.Errorf("audit of nobody: %+v", audit)
	}
}

func TestServerIsBehindUntilItShowsTheVeryEntries(t *testing.T) {
	made := newStore()
	alpha := Database{"alpha", (&fake{store: newStore(), timeline: 1, mode: "on"}).listen(t)}
	beta := Database{"beta", (&fake{store: made, recovering: true, mode: "on"}).listen(t)}
	w := newWriter(t, alpha.Address, beta)
	step(t, w.write, w.write)
	made.rows[1], made.rows[2], made.rows[900] = "0000000000000001", "0000000000000002", "0000000000000003"
	step(t, w.look)
	want := Look{OK: true, Recovering: true, Entries: 3, Behind: 2}
	if diff := cmp.Diff(want, w.State().Servers["beta"]); diff != "" {
		t.Errorf("beta (-want +got):\n%s", diff)
	}
}

func TestStreakEndsWithAnotherOutcomeAndWithAWaitThatIsLeftOut(t *testing.T) {
	one, two := history{system: 77, timeline: 1}, history{system: 77, timeline: 2}
	entry := func(outcome uint32, h history, guarded bool) record {
		return record{outcome: outcome, history: h, guarded: guarded}
	}
	for name, tc := range map[string]struct {
		records []record
		want    Streak
	}{
		"none":           {},
		"one under way":  {[]record{entry(acknowledged, one, true), entry(begun, history{}, false)}, Streak{one.tell(), 1, 1}},
		"after a no":     {[]record{entry(acknowledged, one, true), entry(refused, one, true), entry(acknowledged, one, true)}, Streak{one.tell(), 1, 1}},
		"before a wait":  {[]record{entry(acknowledged, one, true), entry(held, one, true)}, Streak{}},
		"before a doubt": {[]record{entry(acknowledged, one, true), entry(unknown, one, true)}, Streak{}},
		"after a wait":   {[]record{entry(acknowledged, one, true), entry(held, one, true), entry(acknowledged, one, true)}, Streak{one.tell(), 1, 1}},
		"of one history": {[]record{entry(acknowledged, one, true), entry(acknowledged, two, true)}, Streak{two.tell(), 1, 1}},
		"alone for once": {
			[]record{entry(acknowledged, one, true), entry(acknowledged, one, false), entry(acknowledged, one, true)}, Streak{one.tell(), 3, 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, streak(tc.records)); diff != "" {
				t.Errorf("streak (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLedgerOutlivesItsWriter(t *testing.T) {
	folder := t.TempDir()
	ledger, err := OpenLedger(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := []record{
		{token: 1 << 63, history: history{system: 7 << 40, timeline: 1}, outcome: acknowledged, guarded: true},
		{token: 5, history: history{system: 7 << 40, timeline: 2}, outcome: held}, {token: 6, outcome: refused},
		// The writer ends while this one is under way.
		{token: 7},
	}
	for i, r := range want {
		number, err := ledger.Begin(record{token: r.token})
		if err != nil || number != i+1 {
			t.Fatal(number, err)
		}
		if r.token != 7 {
			if err := ledger.End(number, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenLedger(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if diff := cmp.Diff(want, again.All(), cmp.AllowUnexported(record{}, history{})); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if counts, _ := count(again.All()); counts != (Counts{Acknowledged: 1, Refused: 1, Unknown: 2, Held: 1}) {
		t.Errorf("counts %+v", counts)
	}
}

func TestAuditWantsTheVeryEntries(t *testing.T) {
	records := []record{
		{token: 1, outcome: acknowledged}, {token: 2, outcome: acknowledged}, {token: 3, outcome: held}, {token: 4, outcome: refused},
		// This one is under way.
		{token: 5},
	}
	for name, tc := range map[string]struct {
		read map[int]uint64
		want Audit
	}{
		"all there":        {map[int]uint64{1: 1, 2: 2}, Audit{OK: true, Audited: 2, FirstMissing: []int{}}},
		"one lost":         {map[int]uint64{2: 2}, Audit{OK: true, Audited: 2, Missing: 1, FirstMissing: []int{1}}},
		"one made up":      {map[int]uint64{1: 9, 2: 2}, Audit{OK: true, Audited: 2, Missing: 1, FirstMissing: []int{1}}},
		"and others, too":  {map[int]uint64{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 9: 9}, Audit{OK: true, Audited: 2, UnknownStored: 1, RefusedStored: 1, FirstMissing: []int{}}},
		"others, not ours": {map[int]uint64{1: 1, 2: 2, 3: 9, 4: 9}, Audit{OK: true, Audited: 2, FirstMissing: []int{}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, audit(records, tc.read)); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestServerTellsTheState(t *testing.T) {
	w := newWriter(t, (&fake{store: newStore(), timeline: 1, mode: "on"}).listen(t))
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
	if err := <-ended; err != nil || state.Acknowledged < 2 || state.Audit.Missing != 0 || len(state.Reigns) != 1 {
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
	good := Options{Leader: "primary:5432", Servers: []Database{{"alpha", "alpha:5432"}}, Database: "bank", Pace: time.Second}
	for name, tc := range map[string]struct {
		change func(o *Options)
		says   string
	}{
		"as it is":     {func(*Options) {}, ""},
		"no port":      {func(o *Options) { o.Leader = "primary" }, `leader is "primary"`},
		"no address":   {func(o *Options) { o.Servers = []Database{{"alpha", ""}} }, `server "alpha" has the address ""`},
		"no database":  {func(o *Options) { o.Database = "" }, "database is empty"},
		"too leisured": {func(o *Options) { o.Pace = time.Hour }, "pace is 1h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			options := good
			tc.change(&options)
			err := options.validate()
			if (err == nil) != (tc.says == "") || (err != nil && !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("error %v, want %q", err, tc.says)
			}
		})
	}
}

func TestShortLeavesOutWhatLibrariesAdd(t *testing.T) {
	if said := short(errors.Join(context.DeadlineExceeded)); said != "no answer in time" {
		t.Error(said)
	}
}
