package chaos

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// writesInOneLife is how many writes of a life are answered by a fault, each at its first try. Between two of them
// there are others, so that one fault does not hide what another has broken.
const writesInOneLife = 15

// TestWritesAreRefused has every write refused, lost, never answered or answered late.
func TestWritesAreRefused(t *testing.T) {
	t.Parallel()
	h := enter(t)
	h.campaigns(t, "writes answered", answers, writesInOneLife)
}

// TestReadsAreRefused has the first read of each kind in each step answered so.
func TestReadsAreRefused(t *testing.T) {
	t.Parallel()
	h := enter(t)
	var mu sync.Mutex
	var told []string
	t.Run("by", func(t *testing.T) {
		for _, answer := range answers {
			t.Run(string(answer), func(t *testing.T) {
				t.Parallel()
				gaveUp := 0
				happened := h.insist(t, h.script.reads, func([]point, string) map[point]bool {
					l, err := h.play(t, "reads-"+answer.name(), fate{reads: answer})
					if err != nil {
						t.Fatal(err)
					}
					_, more := l.operators.starts()
					gaveUp += more
					return l.rules.reads.trace()
				})
				mu.Lock()
				defer mu.Unlock()
				told = append(told, fmt.Sprintf("%s %d (%d operators gave up)", answer, len(happened), gaveUp))
			})
		}
	})
	count(t, "reads answered: of %d kinds that every life has: %s", len(h.script.reads), strings.Join(told, "; "))
}
