package lab

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
)

func TestRememberKeepsWhatWasRightForAMinute(t *testing.T) {
	type look struct {
		at     time.Duration
		values []any
		want   []any
	}
	tests := map[string][]look{
		"the value of now": {{0, []any{"a"}, []any{"a"}}},
		"no value yet":     {{0, nil, []any{}}},
		"a value that changed counts for a minute from when it was last seen": {
			{0, []any{int64(1)}, []any{int64(1)}},
			{10 * time.Minute, []any{int64(2)}, []any{int64(1), int64(2)}},
			{10*time.Minute + liveWindow, []any{int64(2)}, []any{int64(1), int64(2)}},
			{10*time.Minute + liveWindow + time.Second, []any{int64(2)}, []any{int64(2)}},
		},
		"a value that is gone counts for a minute": {
			{0, []any{"a"}, []any{"a"}},
			{time.Second, nil, []any{"a"}},
			{time.Second + liveWindow, nil, []any{"a"}},
			{2*time.Second + liveWindow, nil, []any{}},
		},
		"a value that comes back stands there once": {
			{0, []any{"a"}, []any{"a"}},
			{time.Second, []any{"b"}, []any{"a", "b"}},
			{2 * time.Second, []any{"a"}, []any{"b", "a"}},
			{2*time.Second + liveWindow, []any{"a"}, []any{"b", "a"}},
			{3*time.Second + liveWindow, []any{"a"}, []any{"a"}},
		},
	}
	for name, looks := range tests {
		t.Run(name, func(t *testing.T) {
			m := &memory{}
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

func TestMemoriesAreOfOneLab(t *testing.T) {
	var all memories
	key := types.NamespacedName{Namespace: "default", Name: "hpa"}
	first := all.get(key, "uid-1")
	if all.get(key, "uid-1") != first {
		t.Error("the same Lab has two memories")
	}
	second := all.get(key, "uid-2")
	if second == first {
		t.Error("a Lab that was made anew has the memory of the one before")
	}
	all.drop(key)
	if all.get(key, "uid-2") == second {
		t.Error("a memory that was dropped is still there")
	}
}
