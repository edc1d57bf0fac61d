package quorum

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// What is known of an entry is the revision at which it was written, or one of these.
const (
	unknown int64 = 0
	refused int64 = -1
)

// word is how many bytes of the file an entry takes.
const word = 8

// Ledger is what became of each entry, kept in a file. It is safe for concurrent use.
type Ledger struct {
	mu       sync.Mutex
	file     *os.File
	outcomes []int64
}

// OpenLedger opens the ledger in a folder, or begins one.
func OpenLedger(folder string) (*Ledger, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(folder, "ledger"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	l := &Ledger{file: file}
	for ; len(content) >= word; content = content[word:] {
		l.outcomes = append(l.outcomes, int64(binary.BigEndian.Uint64(content)))
	}
	return l, nil
}

// Close closes the file.
func (l *Ledger) Close() error { return l.file.Close() }

// Begin returns the number of a new entry, the first of which is 1. It is noted before anything is sent, so that one whose
// writer ends meanwhile is unknown, and not forgotten.
func (l *Ledger) Begin() (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.write(len(l.outcomes), unknown); err != nil {
		return 0, err
	}
	l.outcomes = append(l.outcomes, unknown)
	return len(l.outcomes), nil
}

// End notes what became of an entry.
func (l *Ledger) End(number int, outcome int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.write(number-1, outcome); err != nil {
		return err
	}
	l.outcomes[number-1] = outcome
	return nil
}

func (l *Ledger) write(i int, outcome int64) error {
	if _, err := l.file.WriteAt(binary.BigEndian.AppendUint64(nil, uint64(outcome)), int64(i)*word); err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return nil
}

// Outcomes returns what became of all entries, the first of which has the number 1.
func (l *Ledger) Outcomes() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]int64(nil), l.outcomes...)
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
