package quorum

import (
	"encoding/binary"
	"path/filepath"

	"github.com/lab-operator/lab-operator/internal/workload/writelog"
)

// What is known of an entry is the revision at which it was written, or one of these.
const (
	unknown int64 = 0
	refused int64 = -1
)

// Ledger is what became of each entry, kept in a file. It is safe for concurrent use.
type Ledger = writelog.Log[int64]

// OpenLedger opens the ledger in a folder, or begins one.
func OpenLedger(folder string) (*Ledger, error) {
	return writelog.Open(filepath.Join(folder, "ledger"), writelog.Codec[int64]{
		Size:   8,
		Encode: func(outcome int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(outcome)) },
		Decode: func(data []byte) int64 { return int64(binary.BigEndian.Uint64(data)) },
	})
}

// Counts are how many entries there are of each outcome.
type Counts struct {
	Acknowledged int `json:"acknowledged"`
	Refused      int `json:"refused"`
	Unknown      int `json:"unknown"`
}

func count(outcomes []int64) (c Counts) {
	for _, outcome := range outcomes {
		switch outcome {
		case unknown:
			c.Unknown++
		case refused:
			c.Refused++
		default:
			c.Acknowledged++
		}
	}
	return c
}

// Audit is what came of reading all entries back, from a majority of the members.
type Audit struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"`
	// Audited is how many entries had been acknowledged before the reading, and Missing how many of those were not there, or
	// not with the revision that they had been acknowledged with. FirstMissing are some of their numbers.
	Audited      int   `json:"audited"`
	Missing      int   `json:"missing"`
	FirstMissing []int `json:"firstMissing"`
	// UnknownStored and RefusedStored are how many of the others are there nevertheless.
	UnknownStored int `json:"unknownStored"`
	RefusedStored int `json:"refusedStored"`
}

// audit compares what was noted before a reading with what was read.
func audit(outcomes []int64, read map[int]int64) Audit {
	a := Audit{OK: true, FirstMissing: []int{}}
	for i, outcome := range outcomes {
		number := i + 1
		revision, stored := read[number]
		switch {
		case outcome == unknown && stored:
			a.UnknownStored++
		case outcome == refused && stored:
			a.RefusedStored++
		case outcome > 0:
			a.Audited++
			if revision != outcome {
				a.Missing++
				if len(a.FirstMissing) < 5 {
					a.FirstMissing = append(a.FirstMissing, number)
				}
			}
		}
	}
	return a
}
