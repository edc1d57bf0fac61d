package recording

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/internal/check"
)

var start = time.Date(2026, 11, 29, 12, 0, 0, 123456789, time.UTC)

// run is a lab whose evidence changes, whose probe finds the same twice, and whose learner answers.
func run() []Moment {
	seen := func(value any, at time.Time) check.Observation {
		return check.Observation{State: check.Seen, Value: value, At: at, Since: start}
	}
	web := func(replicas int64) check.Observation {
		return check.Observation{State: check.Seen, Value: map[string]any{
			"spec": map[string]any{"replicas": replicas, "ratio": 2.0, "part": 0.5, "none": nil, "on": true, "at": start, "text": start.Format(time.RFC3339), "ports": []any{int64(80), "http"}},
		}, Since: start}
	}
	missing := check.Observation{State: check.Missing, Detail: "there is no HorizontalPodAutoscaler <web>"}
	answer := map[string]intstr.IntOrString{"k8s-01": intstr.FromString("b"), "k8s-02": intstr.FromInt32(3)}
	probe := map[string]any{"ok": true, "count": int64(1)}
	return []Moment{
		{Now: start, Environment: "one", Evidence: check.Snapshot{"web": web(1), "hpa": missing, "probe": {State: check.NotSynced, Detail: "not looked at"}}},
		{Now: start.Add(time.Second), Environment: "one", StartedAt: start, Evidence: check.Snapshot{"web": web(1), "hpa": missing, "probe": seen(probe, start)}},
		{Now: start.Add(2 * time.Second), Environment: "one", StartedAt: start, Answers: answer, Evidence: check.Snapshot{"web": web(2), "hpa": missing, "probe": seen(probe, start.Add(time.Second))}},
		{Now: start.Add(9 * time.Second), Environment: "two", Answers: answer, Evidence: check.Snapshot{"web": web(2), "hpa": missing, "probe": seen(probe, start.Add(time.Second))}},
	}
}

func record(t *testing.T, moments []Moment) *Recording {
	t.Helper()
	const lab = types.UID("lab")
	r := &Recorder{}
	for _, m := range moments {
		r.See(lab, m)
		// What the operator watches besides, and another lab.
		m.Evidence = maps.Clone(m.Evidence)
		m.Evidence["guardrail:quota"] = check.Observation{State: check.Seen, Value: m.Now.String()}
		r.See(lab, m)
		r.See("another", m)
	}
	frames, err := r.Take(lab)
	if err != nil {
		t.Fatal(err)
	}
	return &Recording{Frames: frames, Head: Head{
		Exercise: "hpa-scaling", Topic: "kubernetes", Script: "solution.sh", Origin: "0123", Learner: "default/lab", Namespace: "lab-lab",
		Params: map[string]string{"rate": "3"}, End: start.Add(20 * time.Second),
	}}
}

func TestARecordingIsPlayedAsItWasSeen(t *testing.T) {
	want := run()
	data, err := record(t, want).Encode()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	var got []Moment
	if err := decoded.Play(func(m Moment) (time.Duration, error) {
		got = append(got, m)
		return 0, nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is played is not what was seen (-want +got)\n%s", diff)
	}
	again, err := record(t, run()).Encode()
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("the same run gives other bytes: %v", err)
	}
}

func TestWhatDidNotChangeIsKeptOnce(t *testing.T) {
	moments := run()
	same := moments[2]
	same.Now = same.Now.Add(time.Second)
	r := record(t, append(slices.Clone(moments[:3]), same))
	if len(r.Frames) != 3 {
		t.Errorf("%d frames, want one for each moment with something new: 3", len(r.Frames))
	}
	last := r.Frames[2].Evidence
	if probe := last["probe"]; !probe.Same || probe.Value != nil || probe.At == nil {
		t.Errorf("a probe that finds the same is %+v, want that it is the same, and when", probe)
	}
	if _, kept := last["hpa"]; kept {
		t.Error("what is still missing is told again")
	}
	for _, frame := range r.Frames {
		for name := range frame.Evidence {
			if strings.Contains(name, ":") {
				t.Errorf("%s is kept, which no expression sees", name)
			}
		}
	}
}

func TestLooksBetweenMoments(t *testing.T) {
	r := record(t, run()[:2])
	r.Head.End = start.Add(4 * time.Second)
	var at []time.Duration
	if err := r.Play(func(m Moment) (time.Duration, error) {
		at = append(at, m.Now.Sub(start))
		return 400 * time.Millisecond, nil
	}); err != nil {
		t.Fatal(err)
	}
	ms := time.Millisecond
	want := []time.Duration{0, 400 * ms, 800 * ms, 1000 * ms, 1400 * ms, 1800 * ms, 2200 * ms, 2600 * ms, 3000 * ms, 3400 * ms, 3800 * ms}
	if diff := cmp.Diff(want, at); diff != "" {
		t.Errorf("it is looked at (-want +got)\n%s", diff)
	}
}

func TestBrokenRecordings(t *testing.T) {
	whole, err := record(t, run()).Encode()
	if err != nil {
		t.Fatal(err)
	}
	headOnly, err := (&Recording{}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	unknown := record(t, run())
	unknown.Frames[0].Evidence["web"] = Item{State: "Guessed"}
	guessed, err := unknown.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":          {nil, "this is no recording"},
		"text":             {[]byte("{}\n"), "this is no recording"},
		"cut off":          {whole[:len(whole)/2], "unexpected EOF"},
		"no frame":         {headOnly, "there is no frame"},
		"an unknown state": {guessed, `frame 1: web: there is no state "Guessed"`},
	} {
		r, err := Decode(tc.data)
		if err == nil {
			err = r.Play(func(Moment) (time.Duration, error) { return 0, nil })
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: the error is %v, want %q in it", name, err, tc.want)
		}
	}
}

func TestOrigin(t *testing.T) {
	const exercise = "spec:\n  title: One\n  setup: [{kind: ConfigMap}]\n  tasks: [{name: a, checks: []}]\n"
	base := map[string]string{
		"exercise.yaml": exercise, "mutants/near.sh": "#!/usr/bin/env bash\n# says: no\nsource \"$(dirname \"${BASH_SOURCE[0]}\")/../shop.sh\"\nkubectl get pods\n",
		"shop.sh": "source \"$(dirname \"${BASH_SOURCE[0]}\")/../common.sh\"\n", "../common.sh": "echo common\n",
		"workload/shop.go": "package shop\n", "workload/shop_test.go": "package shop\n", "solution.sh": "true\n",
	}
	origin := func(changed map[string]string) string {
		t.Helper()
		folder := filepath.Join(t.TempDir(), "labs", "shop")
		for _, files := range []map[string]string{base, changed} {
			for name, text := range files {
				path := filepath.Join(folder, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		sum, err := Origin(folder, "mutants/near.sh")
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	first := origin(nil)
	for name, tc := range map[string]struct {
		changed map[string]string
		stale   bool
	}{
		"nothing":              {nil, false},
		"words and checks":     {map[string]string{"exercise.yaml": strings.NewReplacer("One", "Two", "checks: []", "checks: [{}]").Replace(exercise)}, false},
		"the setup":            {map[string]string{"exercise.yaml": strings.Replace(exercise, "ConfigMap", "Secret", 1)}, true},
		"evidence":             {map[string]string{"exercise.yaml": exercise + "  evidence: [{name: web}]\n"}, true},
		"the script":           {map[string]string{"mutants/near.sh": base["mutants/near.sh"] + "kubectl get nodes\n"}, true},
		"what it claims":       {map[string]string{"mutants/near.sh": strings.Replace(base["mutants/near.sh"], "says: no", "says: never", 1)}, false},
		"what it sources":      {map[string]string{"shop.sh": base["shop.sh"] + "true\n"}, true},
		"what that sources":    {map[string]string{"../common.sh": "echo other\n"}, true},
		"another script":       {map[string]string{"solution.sh": "false\n"}, false},
		"what workloads share": {map[string]string{"../../internal/workload/log.go": "package workload\n"}, true},
		"the workload":         {map[string]string{"workload/shop.go": "package shop // changed\n"}, true},
		"tests of a workload":  {map[string]string{"workload/shop_test.go": "package shop // changed\n"}, false},
	} {
		if stale := origin(tc.changed) != first; stale != tc.stale {
			t.Errorf("after a change of %s, stale is %t, want %t", name, stale, tc.stale)
		}
	}
}
