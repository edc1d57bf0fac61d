package broken

import (
	"bytes"
	"encoding/binary"
	"math"
	"regexp"
)

// hugeHTTP begins an answer whose body ends only with the connection.
const hugeHTTP = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"

// PostgreSQL's client begins with a length and one of these numbers.
const (
	postgresTLS     = 80877103
	postgresGSS     = 80877104
	postgresStartup = 3 << 16
)

var httpRequest = regexp.MustCompile(`^[A-Z]+ \S+ HTTP/1\.`)

// promise tells from what a client says first which language it speaks, and begins an answer of two gigabytes in it.
// More is true where the client is told to ask on first.
func promise(question []byte) (answer []byte, more bool) {
	size := binary.BigEndian.AppendUint32(nil, math.MaxInt32)
	switch {
	case httpRequest.Match(question):
		return []byte(hugeHTTP), false
	case bytes.HasPrefix(question, []byte("*")):
		// Redis: a string of that many bytes.
		return []byte("$2147483647\r\n"), false
	}
	if len(question) >= 8 {
		switch binary.BigEndian.Uint32(question[4:]) {
		case postgresTLS, postgresGSS:
			return []byte("N"), true
		case postgresStartup:
			// A notice can come at any time.
			return append([]byte("N"), size...), false
		}
	}
	// Kafka, and whatever else puts the size first.
	return size, false
}
