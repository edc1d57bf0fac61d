package evidence

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

// What a store makes of namespaces that are expected, confirmed or reserved.
func TestStoreOfNamespaces(t *testing.T) {
	runStoreCases(t, map[string]storeCase{
		"a namespace that is not there yet gets no list": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.expect("a")
			},
			want: []string{"not synced"},
		},
		"a namespace that is created is known, by its events alone": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.expect("a")
				b.put(pod("a", "x@12"))
				b.confirm("a", "11")
				b.put(pod("a", "y@13"))
			},
			want:     []string{"x@12", "y@13"},
			wantTold: []string{"a", "a"},
		},
		"a namespace that was there before is listed": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.expect("a")
				b.forget("a")
				b.follow("a")
				b.askOwn()
				b.answerOwn("12", pod("a", "x@3"))
			},
			want:     []string{"x@3"},
			wantTold: []string{"a"},
		},
		"a namespace that is created while the cluster-wide list is under way is known, and told by that of what came since": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.expect("a")
				b.ask()
				b.confirm("a", "11")
				b.answer("12", pod("a", "x@12"))
			},
			want:     []string{"x@12"},
			wantTold: []string{"a", "a"},
		},
		"a list that began before the namespace was expected tells all of it": {
			do: func(b *storeFixture) {
				b.ask()
				b.expect("a")
				b.confirm("a", "11")
				b.answer("12", pod("a", "x@12"))
			},
			want:     []string{"x@12"},
			wantTold: []string{"a", "a"},
		},
		"a list that is older than the namespace does not tell of it": {
			do: func(b *storeFixture) {
				b.ask()
				b.expect("a")
				b.confirm("a", "11")
				b.answer("10", pod("a", "x@9"))
			},
			want:        []string{"not synced"},
			wantTold:    []string{"a"},
			wantPending: true,
		},
		"nothing is known of a namespace before it is created, whatever is listed": {
			do: func(b *storeFixture) {
				b.expect("a")
				b.ask()
				b.answer("10", pod("a", "x@9"))
			},
			want: []string{"not synced"},
		},
		"what was listed and is older than the namespace is of an earlier one": {
			do: func(b *storeFixture) {
				b.expect("a")
				b.ask()
				b.answer("10", pod("a", "x@9"))
				b.confirm("a", "11")
			},
			want:        []string{"not synced"},
			wantPending: true,
		},
		"a list that does not reach the creation is no reason to begin anew": {
			do: func(b *storeFixture) {
				b.expect("a")
				b.ask()
				b.answer("10")
				b.confirm("a", "11")
				b.put(pod("a", "x@12"))
			},
			want:     []string{"x@12"},
			wantTold: []string{"a", "a"},
		},
		"what was listed and is newer than the namespace is its own": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.expect("a")
				b.ask()
				b.answer("12", pod("a", "x@12"))
				b.confirm("a", "11")
			},
			want:     []string{"x@12"},
			wantTold: []string{"a"},
		},
		"a list that lags behind a creation that was doubted does not fill it": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("8")
				b.expect("a")
				b.put(pod("a", "x@9"))
				b.confirm("a", "11")
				b.ask()
				b.answer("10", pod("a", "x@9"))
			},
			want:        []string{"not synced"},
			wantPending: true,
		},
		"events while a doubted namespace waits for its list do not begin that anew": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("8")
				b.expect("a")
				b.put(pod("a", "x@9"))
				b.confirm("a", "11")
				b.askOwn()
				b.drop(pod("a", "x@10"))
				b.put(pod("a", "y@13"))
				b.answerOwn("12")
			},
			want:     []string{"y@13"},
			wantTold: []string{"a"},
		},
		"a namespace that stood before the start is told by the first list, and to its lab by claiming it": {
			do: func(b *storeFixture) {
				b.reserve("a")
				b.ask()
				b.answer("10", pod("a", "x@3"))
				b.put(pod("a", "y@11"))
				b.follow("a")
				b.unreserve("a")
			},
			want: []string{"x@3", "y@11"},
		},
		"a namespace that another lab sees is listed again when it is expected": {
			do: func(b *storeFixture) {
				b.follow("a")
				b.ask()
				b.answer("10", pod("a", "x@3"))
				b.register("a", types.NamespacedName{Name: "second"}, true, true)
				b.confirm("a", "11")
			},
			want:        []string{"not synced"},
			wantTold:    []string{"a"},
			wantPending: true,
		},
		"a namespace that no lab claims is dropped": {
			do: func(b *storeFixture) {
				b.reserve("a")
				b.ask()
				b.answer("10", pod("a", "x@3"))
				b.unreserve("a")
				b.follow("a")
			},
			want:        []string{"not synced"},
			wantPending: true,
		},
		"what an earlier namespace of that name held is doubted when it comes before the creation": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.expect("a")
				b.put(pod("a", "x@8"))
				b.confirm("a", "11")
			},
			want:        []string{"not synced"},
			wantPending: true,
		},
		"so is its deletion": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.expect("a")
				b.drop(pod("a", "x@8"))
				b.confirm("a", "11")
			},
			want:        []string{"not synced"},
			wantPending: true,
		},
		"what an earlier namespace of that name held is doubted when it comes after the creation": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.expect("a")
				b.confirm("a", "11")
				b.put(pod("a", "x@8"))
				b.askOwn()
				b.answerOwn("14", pod("a", "y@13"))
			},
			want:     []string{"y@13"},
			wantTold: []string{"a", "a"},
		},
		"a cluster-wide list that lags behind the creation does not go back in time": {
			do: func(b *storeFixture) {
				b.ask()
				b.answer("10")
				b.expect("a")
				b.confirm("a", "11")
				b.ask()
				b.answer("9", pod("a", "x@8"))
			},
			want:        []string{"not synced"},
			wantTold:    []string{"a"},
			wantPending: true,
		},
	})
}
