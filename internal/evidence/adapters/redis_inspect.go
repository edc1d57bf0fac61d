package adapters

import (
	"errors"
	"strconv"
	"strings"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// respInspector follows the second version of Redis' protocol, and refuses what the library would set aside memory
// for: the length of texts and lists stands before them. It stops where the library would stop reading.
type respInspector struct {
	about string
	// line is the beginning of a line that is not complete.
	line []byte
	// skip is how many bytes of a text are still to come, with the end of its line.
	skip int
	// open is how many items are still to come of each list that is not complete, the innermost last.
	open []int
}

const (
	// respDepth is how deep lists may stand in lists; CLUSTER SLOTS needs four.
	respDepth = 6
	// respLine bounds how much of a line is kept. No length is that long.
	respLine = 32
)

// inspect implements inspector.
func (r *respInspector) inspect(piece []byte) error {
	for len(piece) > 0 {
		if r.skip > 0 {
			skipped := min(r.skip, len(piece))
			r.skip -= skipped
			piece = piece[skipped:]
			continue
		}
		next := piece[0]
		piece = piece[1:]
		if len(r.line) == 0 && !strings.ContainsRune("+-:$*", rune(next)) {
			return r.malformed()
		}
		if next != '\n' {
			if len(r.line) < respLine {
				r.line = append(r.line, next)
			}
			continue
		}
		line := strings.TrimSuffix(string(r.line), "\r")
		r.line = r.line[:0]
		if err := r.begin(line); err != nil {
			return err
		}
	}
	return nil
}

// begin takes the first line of a value.
func (r *respInspector) begin(line string) error {
	for len(r.open) > 0 && r.open[len(r.open)-1] == 0 {
		r.open = r.open[:len(r.open)-1]
	}
	if len(r.open) > 0 {
		r.open[len(r.open)-1]--
	}
	if line[0] != '$' && line[0] != '*' {
		return nil
	}
	// Of a line that was not kept to its end, the length is not known.
	length, err := strconv.Atoi(line[1:])
	switch {
	case err != nil || length < -1 || len(line) == respLine:
		return r.malformed()
	case length == -1:
		return nil
	case line[0] == '$' && length > probe.MaxText:
		return probe.Failf(probe.TooLarge, "%s answers with a text of more than %d KiB", r.about, probe.MaxText>>10)
	case line[0] == '$':
		r.skip = length + len("\r\n")
	case length > 2*maxItems:
		return probe.Failf(probe.TooLarge, "%s answers with more than %d items", r.about, maxItems)
	case len(r.open) == respDepth:
		return probe.Failf(probe.TooLarge, "%s answers with lists in more than %d lists", r.about, respDepth)
	default:
		r.open = append(r.open, length)
	}
	return nil
}

func (r *respInspector) malformed() error {
	return probe.FailureOf(r.about, errors.New("it is not in the protocol of Redis"))
}
