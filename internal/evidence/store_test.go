package evidence

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
)

// storeCase is what happens to a store, and what a lab in namespace a sees then.
type storeCase struct {
	do          func(b *storeFixture)
	want        []string
	wantTold    []string
	wantPending bool
}

// runStoreCases plays each case on a store of its own.
func runStoreCases(t *testing.T, tests map[string]storeCase) {
	t.Helper()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newStoreFixture()
			tc.do(b)
			if diff := cmp.Diff(tc.want, b.holds("a")); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantTold, b.told); diff != "" {
				t.Errorf("labs that were told (-want +got):\n%s", diff)
			}
			if late := len(b.store.pending()) > 0; late != tc.wantPending {
				t.Errorf("waits for a list of its own: %t, want %t", late, tc.wantPending)
			}
		})
	}
}

// What lists and events make of a store.
func TestStore(t *testing.T) {
	runStoreCases(t, map[string]storeCase{
		"nothing is known before the first list": {
			do:   func(b *storeFixture) { b.follow("a") },
			want: []string{"not synced"},
		},
		"the list that began after the registration tells all, and nothing of others": {
			do: func(b *storeFixture) {
				b.follow("a")
				b.ask()
				b.answer("10", pod("a", "x@3"), pod("other", "y@4"))
			},
			want:     []string{"x@3"},
			wantTold: []string{"a"},
		},
		"events of others are dropped": {
			do: func(b *storeFixture) {
				b.follow("a")
				b.ask()
				b.answer("10")
				b.put(pod("other", "y@11"))
				b.put(pod("a", "x@12"))
				b.drop(pod("other", "y@13"))
			},
			want:     []string{"x@12"},
			wantTold: []string{"a", "a"},
		},
		"a change and a deletion are told, the same version again is not": {
			do: func(b *storeFixture) {
				b.follow("a")
				b.ask()
				b.answer("10", pod("a", "x@3"), pod("a", "y@4"))
				b.put(pod("a", "x@11"))
				b.put(pod("a", "x@11"))
				b.drop(pod("a", "y@12"))
				b.drop(pod("a", "y@12"))
			},
			want:     []string{"x@11"},
			wantTold: []string{"a", "a", "a"},
		},
		"a list again without change tells nobody": {
			do: func(b *storeFixture) {
				b.follow("a")
				b.ask()
				b.answer("10", pod("a", "x@3"))
				b.ask()
				b.answer("20", pod("a", "x@3"))
			},
			want:     []string{"x@3"},
			wantTold: []string{"a"},
		},
		"a list again tells the namespace that changed": {
			do: func(b *storeFixture) {
				b.follow("a")
				b.follow("b")
				b.ask()
				b.answer("10", pod("a", "x@3"), pod("b", "y@4"))
				b.told = nil
				b.ask()
				b.answer("20", pod("a", "x@15"), pod("b", "y@4"))
			},
			want:     []string{"x@15"},
			wantTold: []string{"a"},
		},
		"while a list is under way, what was known stays": {
			do: func(b *storeFixture) {
				b.follow("a")
				b.ask()
				b.answer("10", pod("a", "x@3"))
				b.ask()
			},
			want:     []string{"x@3"},
			wantTold: []string{"a"},
		},
		"a namespace that came while the list was under way waits for its own": {
			do: func(b *storeFixture) {
				b.ask()
				b.follow("a")
				b.answer("10", pod("a", "only-a-part@3"))
			},
			want:        []string{"not synced"},
			wantPending: true,
		},
		"a namespace that came late waits for its own list": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10", pod("a", "x@3"))
				b.follow("a")
			},
			want:        []string{"not synced"},
			wantPending: true,
		},
		"a namespace that came late and its own list": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.askOwn()
				b.answerOwn("12", pod("a", "x@3"))
			},
			want:     []string{"x@3"},
			wantTold: []string{"a"},
		},
		"events before its own list is there are told by the list": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.put(pod("a", "x@11"))
			},
			want:        []string{"not synced"},
			wantPending: true,
		},
		"an event that is newer than the list wins": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.askOwn()
				b.put(pod("a", "x@14"))
				b.put(pod("a", "new@15"))
				b.answerOwn("12", pod("a", "x@3"))
			},
			want:     []string{"new@15", "x@14"},
			wantTold: []string{"a"},
		},
		"an event that is older than the list does not overwrite it": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.put(pod("a", "x@11"))
				b.askOwn()
				b.answerOwn("20", pod("a", "x@15"))
				b.put(pod("a", "x@13"))
			},
			want:     []string{"x@15"},
			wantTold: []string{"a"},
		},
		"an object that was deleted while the list was under way is no ghost": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.askOwn()
				b.drop(pod("a", "x@14"))
				b.answerOwn("12", pod("a", "x@3"))
			},
			want:     []string{},
			wantTold: []string{"a"},
		},
		"an object that was deleted and made again while the list was under way is there": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.askOwn()
				b.drop(pod("a", "x@14"))
				b.put(pod("a", "x@15"))
				b.answerOwn("12", pod("a", "x@3"))
			},
			want:     []string{"x@15"},
			wantTold: []string{"a"},
		},
		"a deletion before the list does not hide what was made again after it": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.drop(pod("a", "x@11"))
				b.askOwn()
				b.answerOwn("20", pod("a", "x@15"))
			},
			want:     []string{"x@15"},
			wantTold: []string{"a"},
		},
		"a deletion that the list knows already, and that comes late, deletes nothing": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.askOwn()
				b.answerOwn("20", pod("a", "x@15"))
				b.drop(pod("a", "x@14"))
			},
			want:     []string{"x@15"},
			wantTold: []string{"a"},
		},
		"what the list knows to be gone does not come back by late events": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.put(pod("a", "x@11"))
				b.askOwn()
				b.answerOwn("20")
				b.put(pod("a", "x@13"))
			},
			want:     []string{},
			wantTold: []string{"a"},
		},
		"the list of a namespace that was forgotten and came again is not taken": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.askOwn()
				b.forget("a")
				b.follow("a")
				b.answerOwn("12", pod("a", "x@3"))
			},
			want:        []string{"not synced"},
			wantPending: true,
		},
		"a cluster-wide list that began after the registration makes its own needless": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.askOwn()
				b.ask()
				b.answer("20", pod("a", "x@15"))
				b.answerOwn("12", pod("a", "x@3"))
			},
			want:     []string{"x@15"},
			wantTold: []string{"a"},
		},
		"nobody lists a namespace of its own while the cluster-wide list is under way": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.ask()
				b.follow("a")
			},
			want: []string{"not synced"},
		},
		"a cluster-wide list that lags behind the namespace's own does not go back in time": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.askOwn()
				b.answerOwn("20", pod("a", "x@15"))
				b.ask()
				b.answer("13", pod("a", "x@3"))
			},
			want:        []string{"not synced"},
			wantTold:    []string{"a"},
			wantPending: true,
		},
		"when the kind goes, its objects go": {
			do: func(b *storeFixture) {
				b.follow("a")
				b.ask()
				b.answer("10", pod("a", "x@3"))
				b.unavailable()
				b.unavailable()
			},
			want:     []string{"not synced"},
			wantTold: []string{"a", "a"},
		},
		"when the kind comes back, the list tells all": {
			do: func(b *storeFixture) {
				b.follow("a")
				b.ask()
				b.answer("10", pod("a", "x@3"))
				b.unavailable()
				b.ask()
				b.served()
				b.answer("20", pod("a", "z@15"))
			},
			want:     []string{"z@15"},
			wantTold: []string{"a", "a", "a", "a"},
		},
		"a list that was asked for when the kind went is not taken": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.follow("a")
				b.askOwn()
				b.unavailable()
				b.answerOwn("12", pod("a", "x@3"))
			},
			want:     []string{"not synced"},
			wantTold: []string{"a"},
		},
		"versions that cannot be compared: what comes later is newer": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("")
				b.follow("a")
				b.askOwn()
				b.put(pod("a", "x@later"))
				b.drop(pod("a", "y"))
				b.answerOwn("", pod("a", "x@listed"), pod("a", "y"), pod("a", "z"))
				b.put(pod("a", "z"))
			},
			want:     []string{"x@later", "z@"},
			wantTold: []string{"a", "a"},
		},
	})
}

func TestStoreHoldsNothingOfNobody(t *testing.T) {
	b := newStoreFixture()
	b.follow("a")
	b.follow("b")
	b.ask()
	b.answer("10", pod("a", "x@3"), pod("b", "y@4"), pod("other", "z@5"))
	if got, want := b.count(), 2; got != want {
		t.Errorf("%d objects are held, want %d", got, want)
	}
	b.forget("a")
	if got, want := b.count(), 1; got != want {
		t.Errorf("%d objects are held after one lab was forgotten, want %d", got, want)
	}
	b.register("b", types.NamespacedName{Name: "second"}, false, true)
	b.forget("b")
	if got, want := b.count(), 1; got != want {
		t.Errorf("%d objects are held while another lab sees them, want %d", got, want)
	}
}

func TestStoreWakesTheOneWhoLists(t *testing.T) {
	woken := func(b *storeFixture) bool {
		select {
		case <-b.wake:
			return true
		default:
			return false
		}
	}
	b := newStoreFixture()
	b.follow("a")
	b.ask()
	if woken(b) {
		t.Error("woken while the cluster-wide list is under way")
	}
	b.follow("b")
	b.answer("10")
	if !woken(b) {
		t.Error("not woken for the namespace that came during the list")
	}
	b.follow("c")
	if !woken(b) {
		t.Error("not woken for the namespace that came late")
	}
	b.expect("d")
	<-b.wake
	b.put(pod("d", "x@11"))
	b.confirm("d", "12")
	if !woken(b) {
		t.Error("not woken for the namespace that is doubted")
	}
	names := []string{}
	for _, l := range b.store.pending() {
		names = append(names, l.namespace)
	}
	if want := []string{"b", "c", "d"}; !slices.Equal(names, want) {
		t.Errorf("%v wait for a list, want %v", names, want)
	}
}

func TestAListIsAGap(t *testing.T) {
	b := newStoreFixture()
	b.follow("a")
	seen := func() time.Time {
		return b.observe(Source{Name: "web", GVK: pods, ObjectName: "web"}, "a").Since
	}
	start := b.clock.Now()
	b.replace([]any{pod("a", "web@1")}, "1", b.begin())
	b.clock.Step(time.Minute)
	b.put(pod("a", "web@2"))
	if got := seen(); !got.Equal(start) {
		t.Errorf("after an event it is seen without a gap since %v, want since the list at %v", got, start)
	}
	b.replace([]any{pod("a", "web@2")}, "3", b.begin())
	if got := seen(); !got.Equal(start.Add(time.Minute)) {
		t.Errorf("after another list it is seen without a gap since %v, want since that list", got)
	}
}
