package chaos

import "testing"

// freezesInOneLife keeps freezes apart, so that informers know everything before the next.
const freezesInOneLife = 10

// TestInformersAreFrozen has every write go out and no watch tell of anything for a while.
func TestInformersAreFrozen(t *testing.T) {
	t.Parallel()
	h := enter(t)
	h.campaigns(t, "watches held back", []mishap{frozen}, freezesInOneLife)
}
