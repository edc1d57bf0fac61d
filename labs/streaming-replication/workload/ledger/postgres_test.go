package ledger

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// store is what fake servers keep, and may share.
type store struct {
	mu   sync.Mutex
	rows map[int]string
}

func newStore() *store { return &store{rows: map[int]string{}} }

// fake speaks as much of PostgreSQL's protocol as the ledger hears. It behaves as it is told.
type fake struct {
	*store
	timeline   int
	recovering bool
	// mode and names are its synchronous_commit and synchronous_standby_names.
	mode, names string
	// replaced are functions of PostgreSQL's own that its superuser has replaced.
	replaced string
	// commit is how it answers a commit: as it should where it is empty, or warning, rollback, silence, hangup.
	commit string
}

// listen serves connections until the test ends, and returns the address.
func (f *fake) listen(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go f.serve(conn)
		}
	}()
	return listener.Addr().String()
}

func (f *fake) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	backend := pgproto3.NewBackend(conn, conn)
	startup, err := backend.ReceiveStartupMessage()
	if err != nil {
		return
	}
	if _, ok := startup.(*pgproto3.StartupMessage); !ok {
		return // A request to cancel.
	}
	backend.Send(&pgproto3.AuthenticationOk{})
	backend.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte("1234")})
	backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	var number int
	var token string
	for backend.Flush() == nil {
		message, err := backend.Receive()
		if err != nil {
			return
		}
		query, ok := message.(*pgproto3.Query)
		if !ok {
			return
		}
		switch text := query.String; {
		case text == whoQuery:
			standby := "off"
			if f.recovering {
				standby = "on"
			}
			for _, shown := range []string{standby, f.mode, f.names} {
				answer(backend, "SHOW", []string{shown})
			}
			answer(backend, "SELECT 1", []string{"77", fmt.Sprintf("%08X", f.timeline), f.replaced})
		case strings.HasPrefix(text, "begin; insert"):
			if f.recovering {
				backend.Send(&pgproto3.ErrorResponse{Severity: "ERROR", Code: "25006", Message: "cannot execute INSERT in a read-only transaction"})
				break
			}
			_, values, _ := strings.Cut(text, "values ")
			if _, err := fmt.Sscanf(values, "(%d, '%16s')", &number, &token); err != nil {
				return
			}
			answer(backend, "INSERT 0 1")
		case text == "commit":
			if !f.end(backend, number, token) {
				_, _ = io.Copy(io.Discard, conn)
				return
			}
		default:
			f.read(backend, strings.Contains(text, "count"))
		}
		backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	}
}

// end answers a commit, and tells whether it did.
func (f *fake) end(backend *pgproto3.Backend, number int, token string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.commit == "rollback" {
		answer(backend, "ROLLBACK")
		return true
	}
	f.rows[number] = token
	switch f.commit {
	case "silence":
		return false
	case "hangup":
		backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P01", Message: "terminating connection due to administrator command"})
		return true
	case "warning":
		backend.Send(&pgproto3.NoticeResponse{Severity: "WARNING", Code: "01000", Message: "canceling wait for synchronous replication due to user request"})
	}
	answer(backend, "COMMIT")
	return true
}

func (f *fake) read(backend *pgproto3.Backend, sums bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var rows [][]string
	for number, token := range f.rows {
		row := []string{fmt.Sprint(number), token}
		if sums {
			row = append(row, fmt.Sprint(len(f.rows)))
		}
		rows = append(rows, row)
	}
	answer(backend, "SELECT", rows...)
}

func answer(backend *pgproto3.Backend, tag string, rows ...[]string) {
	if len(rows) > 0 {
		description := &pgproto3.RowDescription{}
		for range rows[0] {
			description.Fields = append(description.Fields, pgproto3.FieldDescription{Name: []byte("c"), DataTypeOID: 25})
		}
		backend.Send(description)
	}
	for _, row := range rows {
		data := &pgproto3.DataRow{}
		for _, cell := range row {
			data.Values = append(data.Values, []byte(cell))
		}
		backend.Send(data)
	}
	backend.Send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
}
