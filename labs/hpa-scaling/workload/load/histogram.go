package load

import (
	"math"
	"math/bits"
	"time"
)

// subBits is the number of bits of a duration that a bucket tells apart below its leading one: what a histogram
// says of a duration is wrong by 1/32 at most.
const subBits = 5

// histogram counts durations in the memory of a fixed number of buckets, however many there are.
type histogram struct {
	counts [(64 - subBits + 1) << subBits]uint64
	total  uint64
	max    time.Duration
}

// add counts one duration. What is negative counts as zero.
func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d))]++
	h.total++
	h.max = max(h.max, d)
}

// merge adds what another histogram has counted.
func (h *histogram) merge(other *histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
	h.max = max(h.max, other.max)
}

// quantile is the smallest duration that at least the part q of all is not above, with q from 0 to 1; zero for none.
func (h *histogram) quantile(q float64) time.Duration {
	rank := max(uint64(math.Ceil(q*float64(h.total))), 1)
	seen := uint64(0)
	for i, n := range h.counts {
		if seen += n; n > 0 && seen >= rank {
			return min(time.Duration(upper(i)), h.max)
		}
	}
	return 0
}

// bucket is the index for a value: the values below 1<<subBits have one each, and above every power of two is cut into
// 1<<subBits equal parts.
func bucket(v uint64) int {
	shift := max(bits.Len64(v)-1-subBits, 0)
	return shift<<subBits + int(v>>shift)
}

// upper is the largest value of a bucket.
func upper(index int) uint64 {
	shift := max(index>>subBits-1, 0)
	return uint64(index-shift<<subBits+1)<<shift - 1
}
