package ledger

import (
	"encoding/binary"
	"path/filepath"
	"strconv"

	"github.com/lab-operator/lab-operator/internal/workload/writelog"
)

// What became of an entry. One that is begun and never ended is unknown, and so is one that is held: its commit waited for
// a standby until the writer gave up.
const (
	begun uint32 = iota
	unknown
	acknowledged
	refused
	held
)

// record is what is known of an entry.
type record struct {
	// token is known to nobody who has not read the entry.
	token uint64
	// history is that of the server which was asked for the commit; none where it did not come to that.
	history history
	outcome uint32
	// guarded says that the commit had to wait until a standby confirmed it.
	guarded bool
}

// history is one line of changes: that of a cluster, until somebody is promoted and another line begins.
type history struct {
	system   int64
	timeline uint32
}

// History is how a history is told.
type History struct {
	// System is the identifier of the cluster, a text since it is too long for a number of JSON.
	System   string `json:"system"`
	Timeline int    `json:"timeline"`
}

func (h history) tell() History { return History{strconv.FormatInt(h.system, 10), int(h.timeline)} }

// size is how many bytes of the file a record takes.
const size = 25

func (r record) encode() []byte {
	data := binary.BigEndian.AppendUint64(nil, r.token)
	data = binary.BigEndian.AppendUint64(data, uint64(r.history.system))
	data = binary.BigEndian.AppendUint32(data, r.history.timeline)
	data = binary.BigEndian.AppendUint32(data, r.outcome)
	if r.guarded {
		return append(data, 1)
	}
	return append(data, 0)
}

func decode(data []byte) record {
	return record{
		token: binary.BigEndian.Uint64(data),
		history: history{
			system:   int64(binary.BigEndian.Uint64(data[8:])),
			timeline: binary.BigEndian.Uint32(data[16:]),
		},
		outcome: binary.BigEndian.Uint32(data[20:]),
		guarded: data[24] == 1,
	}
}

// Ledger is what became of each entry, kept in a file. It is safe for concurrent use.
type Ledger = writelog.Log[record]

// OpenLedger opens the ledger in a folder, or begins one.
func OpenLedger(folder string) (*Ledger, error) {
	return writelog.Open(filepath.Join(folder, "entries"), writelog.Codec[record]{Size: size, Encode: record.encode, Decode: decode})
}

// Counts are how many entries there are of each outcome.
type Counts struct {
	Acknowledged int `json:"acknowledged"`
	Refused      int `json:"refused"`
	Unknown      int `json:"unknown"`
	// Held are those of the unknown ones whose commit waited for a standby until the writer gave up.
	Held int `json:"held"`
}

// Reign is what a history has acknowledged.
type Reign struct {
	History
	Acknowledged int `json:"acknowledged"`
	// Guarded are the last of them in a row whose commits had waited for a standby.
	Guarded int `json:"guarded"`
}

// count sums up, with the histories in the order in which they first acknowledged something.
func count(records []record) (c Counts, reigns []Reign) {
	reigns = []Reign{}
	places := map[history]int{}
	for _, r := range records {
		switch r.outcome {
		case acknowledged:
			c.Acknowledged++
		case refused:
			c.Refused++
		case held:
			c.Held++
			c.Unknown++
		default:
			c.Unknown++
		}
		if r.outcome != acknowledged {
			continue
		}
		place, known := places[r.history]
		if !known {
			place = len(reigns)
			places[r.history] = place
			reigns = append(reigns, Reign{History: r.history.tell()})
		}
		reigns[place].Acknowledged++
		if reigns[place].Guarded++; !r.guarded {
			reigns[place].Guarded = 0
		}
	}
	return c, reigns
}

// ended leaves out the last entry where it is under way.
func ended(records []record) []record {
	if last := len(records) - 1; last >= 0 && records[last].outcome == begun {
		return records[:last]
	}
	return records
}

// Streak are the last entries in a row that were acknowledged by one and the same history.
type Streak struct {
	History
	Acknowledged int `json:"acknowledged"`
	// Guarded are the last of those in a row whose commits had waited for a standby.
	Guarded int `json:"guarded"`
}

// streak looks at the entries from the last one backwards. One that is under way does not count.
func streak(records []record) (s Streak) {
	records = ended(records)
	guarded := true
	for i := len(records) - 1; i >= 0 && records[i].outcome == acknowledged; i-- {
		r := records[i]
		if s.Acknowledged > 0 && r.history.tell() != s.History {
			break
		}
		s.History = r.history.tell()
		s.Acknowledged++
		if guarded = guarded && r.guarded; guarded {
			s.Guarded++
		}
	}
	return s
}

// Audit is what came of reading all entries back from the leader.
type Audit struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"`
	// History is that of the server that was read.
	History
	// Audited is how many entries had been acknowledged before the reading, and Missing how many of those were not there, or
	// not as they had been written. FirstMissing are some of their numbers.
	Audited      int   `json:"audited"`
	Missing      int   `json:"missing"`
	FirstMissing []int `json:"firstMissing"`
	// UnknownStored and RefusedStored are how many of the others are there nevertheless.
	UnknownStored int `json:"unknownStored"`
	RefusedStored int `json:"refusedStored"`
}

// audit compares what was noted before a reading with the tokens that were read. The entry that was under way then does not
// count.
func audit(records []record, read map[int]uint64) Audit {
	a := Audit{OK: true, FirstMissing: []int{}}
	records = ended(records)
	for i, r := range records {
		number := i + 1
		token, stored := read[number]
		stored = stored && token == r.token
		switch {
		case r.outcome == acknowledged:
			a.Audited++
			if !stored {
				a.Missing++
				if len(a.FirstMissing) < 5 {
					a.FirstMissing = append(a.FirstMissing, number)
				}
			}
		case stored && r.outcome == refused:
			a.RefusedStored++
		case stored:
			a.UnknownStored++
		}
	}
	return a
}

// last is the highest number among those that were read whose entry is the ledger's: 0 where there is none.
func last(records []record, read map[int]uint64) (highest int) {
	for number, token := range read {
		if number > highest && number <= len(records) && records[number-1].token == token {
			highest = number
		}
	}
	return highest
}

// behind is how many of the acknowledged entries have a number after the last one that a server shows.
func behind(records []record, last int) (count int) {
	for _, r := range records[min(last, len(records)):] {
		if r.outcome == acknowledged {
			count++
		}
	}
	return count
}
