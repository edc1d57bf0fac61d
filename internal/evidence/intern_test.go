package evidence

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// fresh is a text that shares its memory with no other.
func fresh(text string) string { return strings.Clone(text) }

func same(a, b any) bool { return unsafe.StringData(a.(string)) == unsafe.StringData(b.(string)) }

func TestShareKeepsWhatIsEqual(t *testing.T) {
	make1 := func() map[string]any {
		return map[string]any{
			fresh("kind"): fresh("Pod"), "replicas": int64(3), "weight": 0.5, "paused": true, "nothing": nil,
			"list": []any{fresh("Pod"), map[string]any{fresh("kind"): fresh("Pod")}, []any{}},
			"long": strings.Repeat("x", internedSize+1),
		}
	}
	var i interner
	first, _ := i.share(make1()).(map[string]any)
	second, _ := i.share(make1()).(map[string]any)
	if diff := cmp.Diff(make1(), second); diff != "" {
		t.Errorf("a value after it was shared (-want +got):\n%s", diff)
	}
	if !same(first["kind"], second["kind"]) || !same(first["kind"], first["list"].([]any)[0]) {
		t.Error("equal values of fields are not shared")
	}
	for a := range first {
		for b := range second {
			if a == b && !same(a, b) {
				t.Errorf("the name %s is not shared", a)
			}
		}
	}
	if same(first["long"], second["long"]) {
		t.Error("a long text is remembered")
	}
}

func TestShareRemembersWhatComesAgain(t *testing.T) {
	var i interner
	first := i.share(fresh("Pod"))
	for n := range 10 * internedTexts {
		i.share(fmt.Sprint("once ", n))
		if n%(internedTexts/2) == 0 && !same(first, i.share(fresh("Pod"))) {
			t.Fatalf("forgotten after %d other texts", n+1)
		}
	}
	if held := len(i.young) + len(i.old); held > 2*internedTexts {
		t.Errorf("%d texts are remembered, want at most %d", held, 2*internedTexts)
	}
}
