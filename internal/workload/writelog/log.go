// Package writelog keeps what became of numbered entries that a service wrote elsewhere, and tells it over HTTP.
package writelog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Codec says how a record is kept in a file.
type Codec[T any] struct {
	// Size is how many bytes a record takes.
	Size   int
	Encode func(T) []byte
	Decode func([]byte) T
}

// Log is what became of each entry, kept in a file. It is safe for concurrent use.
type Log[T any] struct {
	codec Codec[T]

	// mu guards the file and the records.
	mu      sync.Mutex
	file    *os.File
	records []T
}

// Open opens the log in a file, or begins one. A record that was written in part is not there.
func Open[T any](path string, codec Codec[T]) (*Log[T], error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	l := &Log[T]{codec: codec, file: file}
	for ; len(content) >= codec.Size; content = content[codec.Size:] {
		l.records = append(l.records, codec.Decode(content))
	}
	return l, nil
}

// Close closes the file.
func (l *Log[T]) Close() error { return l.file.Close() }

// Begin returns the number of a new entry, the first of which is 1. It is noted before anything is sent, so that an entry
// whose writer ends meanwhile is unknown, and not forgotten.
func (l *Log[T]) Begin(record T) (number int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.write(len(l.records), record); err != nil {
		return 0, err
	}
	l.records = append(l.records, record)
	return len(l.records), nil
}

// End notes what became of an entry.
func (l *Log[T]) End(number int, record T) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.write(number-1, record); err != nil {
		return err
	}
	l.records[number-1] = record
	return nil
}

// write needs the lock.
func (l *Log[T]) write(i int, record T) error {
	if _, err := l.file.WriteAt(l.codec.Encode(record), int64(i)*int64(l.codec.Size)); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	return nil
}

// All returns a copy of what is known of all entries, the first of which has the number 1.
func (l *Log[T]) All() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.records)
}
