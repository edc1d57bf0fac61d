package adapters

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

const (
	// pgRounds bounds how often a password is hashed for a server, which says how often: it is time that nothing can
	// interrupt. PostgreSQL itself asks for 4096.
	pgRounds = 100_000
	// pgAuthentication bounds a message about logging in, in bytes.
	pgAuthentication = 4 << 10
	// pgHeader is the length of what stands before each message: its kind and its length.
	pgHeader = 5
)

// pgInspector follows PostgreSQL's protocol, and refuses what the library would set aside memory or time for.
type pgInspector struct {
	about string
	// header of the message, as far as it has come.
	header []byte
	// left is how much of the message is still to come.
	left int
	// body of a message about logging in, as far as it has come.
	body []byte
	// ready tells whether the server has begun to take queries.
	ready bool
	// rounds is how often a password was hashed.
	rounds int
}

// inspect implements inspector.
func (p *pgInspector) inspect(piece []byte) error {
	for len(piece) > 0 {
		if len(p.header) < pgHeader {
			taken := min(pgHeader-len(p.header), len(piece))
			p.header = append(p.header, piece[:taken]...)
			piece = piece[taken:]
			if err := p.begin(); err != nil {
				return err
			}
		}
		taken := min(p.left, len(piece))
		if p.header[0] == 'R' {
			p.body = append(p.body, piece[:taken]...)
		}
		p.left -= taken
		piece = piece[taken:]
		if len(p.header) == pgHeader && p.left == 0 {
			if err := p.end(); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin probes at a header, as far as it has come.
func (p *pgInspector) begin() error {
	// Before it takes queries, a server says few kinds of things.
	if kind := rune(p.header[0]); !p.ready && !strings.ContainsRune("RENSKvZ", kind) {
		return p.malformed()
	}
	if len(p.header) < pgHeader {
		return nil
	}
	length := int64(binary.BigEndian.Uint32(p.header[1:])) - int64(pgHeader-1)
	switch {
	case length < 0, p.header[0] == 'R' && length > pgAuthentication:
		return p.malformed()
	case length > probe.MaxValue:
		return probe.Failf(probe.TooLarge, "%s answers with more than %d KiB", p.about, probe.MaxValue>>10)
	}
	p.left = int(length)
	return nil
}

// end probes at a message that is complete.
func (p *pgInspector) end() error {
	body := p.body
	switch p.header[0] {
	case 'R':
		p.rounds += pgRoundsOf(body)
	case 'Z':
		p.ready = true
	}
	p.header, p.body = p.header[:0], p.body[:0]
	if p.rounds > pgRounds {
		return probe.Failf(probe.TooLarge, "%s wants the password hashed more than %d times", p.about, pgRounds)
	}
	return nil
}

// pgRoundsOf is how often a message about logging in wants a password hashed: in its text, as r=...,s=...,i=4096.
func pgRoundsOf(body []byte) int {
	const saslContinue = 11
	if len(body) < 4 || binary.BigEndian.Uint32(body) != saslContinue {
		return 0
	}
	_, iterations, found := bytes.Cut(body[4:], []byte(",i="))
	if !found {
		return 0
	}
	rounds, err := strconv.Atoi(string(iterations))
	if err != nil || rounds < 0 {
		return 0
	}
	return min(rounds, pgRounds+1)
}

func (p *pgInspector) malformed() error {
	return probe.FailureOf(p.about, errors.New("it is not in the protocol of PostgreSQL"))
}
