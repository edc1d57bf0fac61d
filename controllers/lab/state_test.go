package lab

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
)

func TestRememberKeepsWhatWasRightForAMinute(t *testing.T) {
	type look struct {
		at     time.Duration
		values []string
		want   []string
	}
	tests := map[string][]look{
		"the value of now": {{0, []string{"a"}, []string{"a"}}},
		"no value yet":     {{0, nil, []string{}}},
		"a value that changed counts for a minute from when it was last seen": {
			{0, []string{"1"}, []string{"1"}},
			{10 * time.Minute, []string{"2"}, []string{"1", "2"}},
			{10*time.Minute + liveWindow, []string{"2"}, []string{"1", "2"}},
			{10*time.Minute + liveWindow + time.Second, []string{"2"}, []string{"2"}},
		},
		"a value that is gone counts for a minute": {
			{0, []string{"a"}, []string{"a"}},
			{time.Second, nil, []string{"a"}},
			{time.Second + liveWindow, nil, []string{"a"}},
			{2*time.Second + liveWindow, nil, []string{}},
		},
		"a set counts as a whole": {
			{0, []string{"a,b"}, []string{"a,b"}},
			{time.Second, []string{"b"}, []string{"a,b", "b"}},
			{time.Second + liveWindow, []string{"b"}, []string{"a,b", "b"}},
			{2*time.Second + liveWindow, []string{"b"}, []string{"b"}},
		},
		"a value that comes back stands there once": {
			{0, []string{"a"}, []string{"a"}},
			{time.Second, []string{"b"}, []string{"a", "b"}},
			{2 * time.Second, []string{"a"}, []string{"b", "a"}},
			{2*time.Second + liveWindow, []string{"a"}, []string{"b", "a"}},
			{3*time.Second + liveWindow, []string{"a"}, []string{"a"}},
		},
	}
	for name, looks := range tests {
		t.Run(name, func(t *testing.T) {
			m := &localState{}
			start := time.Unix(1000, 0)
			for i, look := range looks {
				if diff := cmp.Diff(look.want, m.remember("q", look.values, start.Add(look.at))); diff != "" {
					t.Errorf("look %d (-want +got):\n%s", i, diff)
				}
			}
			if got := m.remember("another", nil, start); len(got) != 0 {
				t.Errorf("another question has the values %v", got)
			}
			m.forget()
			if got := m.remember("q", nil, start); len(got) != 0 {
				t.Errorf("after forgetting there are the values %v", got)
			}
		})
	}
}

func TestRememberIsBounded(t *testing.T) {
	m := &localState{}
	var got []string
	for i := range 2 * liveKept {
		got = m.remember("q", []string{strconv.Itoa(i)}, time.Unix(1000, 0))
	}
	if len(got) != liveKept || len(m.live["q"]) != liveKept || got[liveKept-1] != strconv.Itoa(2*liveKept-1) {
		t.Errorf("%d values are kept, the last is %s; want the newest %d", len(got), got[len(got)-1], liveKept)
	}
}

func TestMemoriesAreOfOneLab(t *testing.T) {
	var all stateByLab
	key := types.NamespacedName{Namespace: "default", Name: "hpa"}
	first := all.get(key, "uid-1", time.Unix(1000, 0))
	if all.get(key, "uid-1", time.Unix(1000, 0)) != first {
		t.Error("the same Lab has two stateByLab")
	}
	second := all.get(key, "uid-2", time.Unix(1000, 0))
	if second == first {
		t.Error("a Lab that was made anew has the memory of the one before")
	}
	all.drop(key)
	if all.get(key, "uid-2", time.Unix(1000, 0)) == second {
		t.Error("a memory that was dropped is still there")
	}
}
