package shortener

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// The ways to number links.
const (
	// FromProcess counts in the memory of the process, from one: another process, or the same after a restart, gives the
	// same codes again.
	FromProcess = "process"
	// FromStore counts in the store, which is the same for all.
	FromStore = "store"
)

// alphabet of the codes: what can stand in a path as it is. A code is a number to this base.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// first is the number of the first link, so that all codes have four characters at least.
const first = 62 * 62 * 62

// numbering gives every link a number, from one.
type numbering func(context.Context) (int64, error)

func newNumbering(way string, store *redis.Client) (numbering, error) {
	switch way {
	case FromProcess:
		var last atomic.Int64
		return func(context.Context) (int64, error) { return last.Add(1), nil }, nil
	case FromStore:
		return func(ctx context.Context) (int64, error) { return store.Incr(ctx, lastKey).Result() }, nil
	}
	return nil, fmt.Errorf("codes is %q: it must be %s or %s", way, FromProcess, FromStore)
}

// code is a number of a link as it is written in addresses.
func code(number int64) string {
	number += first - 1
	var text []byte
	for ; number > 0; number /= int64(len(alphabet)) {
		text = append([]byte{alphabet[number%int64(len(alphabet))]}, text...)
	}
	return string(text)
}
