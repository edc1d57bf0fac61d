package recording

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	// Folder within that of an exercise holds its recordings, each under the path of its script.
	Folder = "recordings"
	// Extension is that of a recording, in place of that of its script.
	Extension = ".jsonl.gz"
)

// Recording is one run of a script, as the operator saw it.
type Recording struct {
	Head   Head
	Frames []Frame
}

// Head says what was recorded.
type Head struct {
	// Exercise and topic of the Lab.
	Exercise string `json:"exercise"`
	Topic    string `json:"topic"`
	// Script is the path of what was run, from the folder of the exercise.
	Script string `json:"script"`
	// Origin is the hash of what the recording was made from.
	Origin string `json:"origin"`
	// Learner is namespace/name of the Lab: the letters of options are drawn by it.
	Learner string `json:"learner"`
	// Namespace in which the learner worked.
	Namespace string `json:"namespace"`
	// Params are the values that were drawn for the learner.
	Params map[string]string `json:"params,omitempty"`
	// End is until when the lab was watched.
	End time.Time `json:"end"`
}

// Frame is what changed at a moment: what it does not mention is as it was.
type Frame struct {
	// Now is when it was.
	Now time.Time `json:"now"`
	// Environment, StartedAt and Answers are those of Moment. That all answers were withdrawn is not kept.
	Environment string                        `json:"environment,omitempty"`
	StartedAt   *time.Time                    `json:"startedAt,omitempty"`
	Answers     map[string]intstr.IntOrString `json:"answers,omitempty"`
	// Evidence that is otherwise, by name.
	Evidence map[string]Item `json:"evidence,omitempty"`
}

// Item is a piece of evidence. Its fields are those of check.Observation.
type Item struct {
	// Same says that state, value and detail are as they were.
	Same   bool            `json:"same,omitempty"`
	State  string          `json:"state,omitempty"`
	Value  json.RawMessage `json:"value,omitempty"`
	Detail string          `json:"detail,omitempty"`
	At     *time.Time      `json:"at,omitempty"`
	Since  *time.Time      `json:"since,omitempty"`
}

// maxLine is the most that a line may hold, in bytes: evidence is bounded, and this is far above its bound.
const maxLine = 64 << 20

// Encode writes a recording. The same recording gives the same bytes.
func (r *Recording) Encode() ([]byte, error) {
	var out bytes.Buffer
	packed, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	lines := json.NewEncoder(packed)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(&r.Head); err != nil {
		return nil, fmt.Errorf("write the head: %w", err)
	}
	for i := range r.Frames {
		if err := lines.Encode(&r.Frames[i]); err != nil {
			return nil, fmt.Errorf("write frame %d: %w", i+1, err)
		}
	}
	if err := packed.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return out.Bytes(), nil
}

// Decode reads what Encode wrote.
func Decode(data []byte) (*Recording, error) {
	packed, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("this is no recording: %w", err)
	}
	lines := bufio.NewScanner(packed)
	lines.Buffer(nil, maxLine)
	r := &Recording{}
	for n := 0; lines.Scan(); n++ {
		var into any = &r.Head
		if n > 0 {
			r.Frames = append(r.Frames, Frame{})
			into = &r.Frames[n-1]
		}
		strict := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		strict.DisallowUnknownFields()
		if err := strict.Decode(into); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the lines: %w", err)
	}
	if len(r.Frames) == 0 {
		return nil, fmt.Errorf("there is no frame: %w", io.ErrUnexpectedEOF)
	}
	return r, nil
}
