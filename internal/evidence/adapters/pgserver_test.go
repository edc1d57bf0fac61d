package adapters

import (
	"context"
	"net"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"
)

// pgServer speaks the server's side of PostgreSQL's protocol.
type pgServer struct {
	// greet logs a client in; nil lets everybody in.
	greet func(*pgproto3.Backend)
	// answer answers a query.
	answer func(backend *pgproto3.Backend)

	mu sync.Mutex
	// startup is what the client said first.
	startup map[string]string
	// heard are its statements.
	heard []string
}

func (p *pgServer) serve(_ context.Context, conn net.Conn) {
	backend := pgproto3.NewBackend(conn, conn)
	startup, err := backend.ReceiveStartupMessage()
	if err != nil {
		return
	}
	p.mu.Lock()
	p.startup = startup.(*pgproto3.StartupMessage).Parameters
	p.mu.Unlock()
	if p.greet != nil {
		p.greet(backend)
	} else {
		backend.Send(&pgproto3.AuthenticationOk{})
		backend.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: "17.0"})
		backend.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte("1234")})
		backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	}
	for backend.Flush() == nil {
		message, err := backend.Receive()
		if err != nil {
			return
		}
		switch m := message.(type) {
		case *pgproto3.Query:
			p.hear(m.String)
			backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("BEGIN")})
			backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'T'})
		case *pgproto3.Parse:
			p.hear(m.Query)
			backend.Send(&pgproto3.ParseComplete{})
		case *pgproto3.Bind:
			backend.Send(&pgproto3.BindComplete{})
		case *pgproto3.Execute:
			p.answer(backend)
		case *pgproto3.Sync:
			backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'T'})
		}
	}
}

func (p *pgServer) hear(statement string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, statement)
}

// column is a column of a result, with a cell for each row.
type column struct {
	name  string
	oid   uint32
	cells []string
}

const pgText = 25

// null is a cell that is NULL.
const null = "\x00"

// result answers with the rows of some columns.
func result(columns ...column) func(*pgproto3.Backend) {
	return func(backend *pgproto3.Backend) {
		description := &pgproto3.RowDescription{}
		for _, c := range columns {
			description.Fields = append(description.Fields, pgproto3.FieldDescription{Name: []byte(c.name), DataTypeOID: c.oid})
		}
		backend.Send(description)
		for i := range columns[0].cells {
			row := &pgproto3.DataRow{}
			for _, c := range columns {
				cell := []byte(c.cells[i])
				if c.cells[i] == null {
					cell = nil
				}
				row.Values = append(row.Values, cell)
			}
			backend.Send(row)
			if backend.Flush() != nil {
				return
			}
		}
		backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT")})
	}
}

// refusal answers with an error.
func refusal(severity, code, message string) func(*pgproto3.Backend) {
	return func(backend *pgproto3.Backend) {
		backend.Send(&pgproto3.ErrorResponse{Severity: severity, SeverityUnlocalized: severity, Code: code, Message: message})
	}
}
