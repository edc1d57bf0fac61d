package diary

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// fileName is the file in the folder that the diary is kept in.
	fileName = "diary.jsonl"
	// maxText is the largest length of an entry, in bytes.
	maxText = 200
	// maxEntries is how many entries the file may have: an answer of the service holds them all.
	maxEntries = 200
)

var (
	errText = fmt.Errorf("an entry is a text of 1 to %d bytes", maxText)
	errFull = fmt.Errorf("the diary has %d entries and takes no more", maxEntries)
)

// Entry is one line of the diary.
type Entry struct {
	Text string `json:"text"`
	// Pod is the name of the pod that wrote it.
	Pod string `json:"pod"`
	// Life is a name that the writing process gave itself when it started.
	Life string `json:"life"`
	// At is when it was written, in whole seconds as in the times of Kubernetes. An entry that somebody wrote into the
	// file may have none.
	At time.Time `json:"at,omitzero"`
}

// Diary is a file of entries, one JSON object a line. It is safe for concurrent use by one process.
type Diary struct {
	path      string
	pod, life string
	mu        sync.Mutex
}

// Open makes the folder where it is not there. The file is made by the first entry.
func Open(folder, pod, life string) (*Diary, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the diary: %w", err)
	}
	return &Diary{path: filepath.Join(folder, fileName), pod: pod, life: life}, nil
}

// Write appends an entry, and returns when it is on the disk.
func (d *Diary) Write(text string) (Entry, error) {
	if text == "" || len(text) > maxText {
		return Entry{}, errText
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	entries, err := d.read()
	if err != nil {
		return Entry{}, err
	}
	if len(entries) >= maxEntries {
		return Entry{}, errFull
	}
	entry := Entry{Text: text, Pod: d.pod, Life: d.life, At: time.Now().UTC().Truncate(time.Second)}
	line, err := json.Marshal(entry)
	if err != nil {
		return Entry{}, fmt.Errorf("encode an entry: %w", err)
	}
	return entry, appendLine(d.path, line)
}

func appendLine(path string, line []byte) (err error) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open the diary: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write an entry: %w", err)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("write an entry to the disk: %w", err)
	}
	return nil
}

// Read returns all entries, the oldest first. A diary that is not there is empty, a line that is no entry is an error.
func (d *Diary) Read() ([]Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.read()
}

func (d *Diary) read() ([]Entry, error) {
	entries := []Entry{}
	file, err := os.Open(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return entries, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the diary: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var entry Entry
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			return nil, fmt.Errorf("line %d of %s is no entry: %w", len(entries)+1, d.path, err)
		}
		entries = append(entries, entry)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the diary: %w", err)
	}
	return entries, nil
}
