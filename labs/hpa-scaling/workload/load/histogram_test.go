package load

import (
	"math"
	"testing"
	"time"
)

func TestBucketsCoverAllValuesInOrder(t *testing.T) {
	var h histogram
	values := []uint64{0, 1, 31, 32, 33, 63, 64, 65, 66, 127, 128, 1000, 12_345, 1 << 20, 1<<20 + 1, 1 << 40, math.MaxInt64, math.MaxUint64}
	last := -1
	for _, v := range values {
		i := bucket(v)
		if i < 0 || i >= len(h.counts) {
			t.Fatalf("bucket(%d) = %d, outside of 0..%d", v, i, len(h.counts)-1)
		}
		if i < last {
			t.Errorf("bucket(%d) = %d, before that of a smaller value, %d", v, i, last)
		}
		last = i
		if top := upper(i); top < v || top-v > v/32 {
			t.Errorf("the bucket of %d ends at %d: further off than a 32nd", v, top)
		}
	}
	for i := 1; i < len(h.counts); i++ {
		if bucket(upper(i)) != i || bucket(upper(i-1)+1) != i {
			t.Fatalf("bucket %d does not begin after %d and end at %d", i, upper(i-1), upper(i))
		}
	}
}

func TestQuantiles(t *testing.T) {
	hundred := make([]time.Duration, 0, 100)
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1)*time.Millisecond)
	}
	for name, tc := range map[string]struct {
		durations     []time.Duration
		p50, p95, max time.Duration
	}{
		"none":                  {nil, 0, 0, 0},
		"one":                   {[]time.Duration{7 * time.Millisecond}, 7 * time.Millisecond, 7 * time.Millisecond, 7 * time.Millisecond},
		"even":                  {hundred, 50 * time.Millisecond, 95 * time.Millisecond, 100 * time.Millisecond},
		"one of two is slow":    {[]time.Duration{time.Millisecond, time.Second}, time.Millisecond, time.Second, time.Second},
		"clock that went back":  {[]time.Duration{-time.Second}, 0, 0, 0},
		"smaller than a bucket": {[]time.Duration{3, 3, 3}, 3, 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			// Half of them by another histogram, to see that merging loses nothing.
			var h, other histogram
			for i, d := range tc.durations {
				if i%2 == 0 {
					h.add(d)
				} else {
					other.add(d)
				}
			}
			h.merge(&other)
			for what, got := range map[string][2]time.Duration{
				"p50": {h.quantile(0.50), tc.p50},
				"p95": {h.quantile(0.95), tc.p95},
				"max": {h.max, tc.max},
			} {
				if off := got[0] - got[1]; off < 0 || off > got[1]/32 {
					t.Errorf("%s is %v, want %v or up to a 32nd more", what, got[0], got[1])
				}
			}
			if h.total != uint64(len(tc.durations)) {
				t.Errorf("counted %d, want %d", h.total, len(tc.durations))
			}
		})
	}
}
