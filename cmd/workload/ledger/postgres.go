package ledger

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// whoQuery asks a server who it is, and what it makes a commit wait for. Where it is in recovery there is no timeline to
// write to.
const whoQuery = `select system_identifier, pg_catalog.pg_is_in_recovery(),
  case when pg_catalog.pg_is_in_recovery() then '0'
    else pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8) end,
  pg_catalog.current_setting('synchronous_commit'), pg_catalog.current_setting('synchronous_standby_names')
  from pg_catalog.pg_control_system()`

// who is what a server says of itself.
type who struct {
	history
	recovering bool
	// mode is its synchronous_commit for the writer.
	mode string
	// guarded tells that a commit waits for a standby.
	guarded bool
}

// session is a connection to a server, for one purpose.
type session struct {
	conn *pgconn.PgConn
	// warnings are what the server said beside its answers.
	warnings []string
}

// open connects to a server.
func open(ctx context.Context, address, database string) (*session, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	// What is not said here is taken from the environment.
	config, err := pgconn.ParseConfig(fmt.Sprintf("host=%s port=%s dbname=%s sslmode=disable application_name=ledger", host, port, database))
	if err != nil {
		return nil, err
	}
	s := &session{}
	config.OnNotice = func(_ *pgconn.PgConn, notice *pgconn.Notice) { s.warnings = append(s.warnings, notice.Message) }
	s.conn, err = pgconn.ConnectConfig(ctx, config)
	return s, err
}

// close tells the server and ends the connection.
func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	// Whether the server hears of it or not, the connection is gone.
	_ = s.conn.Close(ctx)
}

// query runs statements and returns the rows and the tag of the last one.
func (s *session) query(ctx context.Context, statements string) (rows [][][]byte, tag string, err error) {
	results, err := s.conn.Exec(ctx, statements).ReadAll()
	if err != nil {
		return nil, "", err
	}
	if len(results) == 0 {
		return nil, "", errors.New("an answer without a result")
	}
	last := results[len(results)-1]
	return last.Rows, last.CommandTag.String(), last.Err
}

// identify asks the server who it is.
func (s *session) identify(ctx context.Context) (w who, err error) {
	rows, _, err := s.query(ctx, whoQuery)
	if err != nil {
		return w, err
	}
	if len(rows) != 1 || len(rows[0]) != 5 {
		return w, errors.New("it does not say who it is")
	}
	row := rows[0]
	system, err := strconv.ParseInt(string(row[0]), 10, 64)
	if err != nil {
		return w, fmt.Errorf("its identifier: %w", err)
	}
	timeline, err := strconv.ParseUint(string(row[2]), 16, 32)
	if err != nil {
		return w, fmt.Errorf("its timeline: %w", err)
	}
	w = who{history: history{system: system, timeline: uint32(timeline)}, recovering: string(row[1]) == "t", mode: string(row[3])}
	w.guarded = string(row[4]) != "" && w.mode != "off" && w.mode != "local"
	return w, nil
}

// insert writes an entry in a transaction that is left open.
func (s *session) insert(ctx context.Context, number int, token uint64) error {
	_, _, err := s.query(ctx, fmt.Sprintf("begin; insert into public.entries (number, token) values (%d, '%016x')", number, token))
	return err
}

// commit tells whether the transaction was committed and not rolled back. Where there is an error nobody knows.
func (s *session) commit(ctx context.Context) (bool, error) {
	s.warnings = nil
	_, tag, err := s.query(ctx, "commit")
	if err != nil {
		return false, err
	}
	// The wait for a standby was cut short: the entry is on the disk of the leader and nowhere else.
	if len(s.warnings) > 0 {
		return false, errors.New(strings.Join(s.warnings, ", "))
	}
	return tag == "COMMIT", nil
}

// read returns the tokens of all entries by their numbers.
func (s *session) read(ctx context.Context) (map[int]uint64, error) {
	rows, _, err := s.query(ctx, "select number, token from public.entries")
	if err != nil {
		return nil, err
	}
	tokens := make(map[int]uint64, len(rows))
	for _, row := range rows {
		number, notNumber := strconv.Atoi(string(row[0]))
		token, notToken := strconv.ParseUint(string(row[1]), 16, 64)
		// What the ledger has not written is not its concern.
		if notNumber == nil && notToken == nil {
			tokens[number] = token
		}
	}
	return tokens, nil
}

// shows returns how many entries a server shows, and the number of the last one.
func (s *session) shows(ctx context.Context) (entries, last int, err error) {
	rows, _, err := s.query(ctx, "select count(*), coalesce(max(number), 0) from public.entries")
	if err != nil {
		return 0, 0, err
	}
	if len(rows) != 1 || len(rows[0]) != 2 {
		return 0, 0, errors.New("it does not say how many entries it has")
	}
	entries, err = strconv.Atoi(string(rows[0][0]))
	if err != nil {
		return 0, 0, err
	}
	last, err = strconv.Atoi(string(rows[0][1]))
	return entries, last, err
}

// short is what a server said, or else the innermost error: the library wraps it in words that mean nothing to learners.
func short(err error) string {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Message
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	for {
		var inner error
		switch e := err.(type) { //nolint:errorlint // it is unwrapped here
		case interface{ Unwrap() error }:
			inner = e.Unwrap()
		case interface{ Unwrap() []error }:
			if all := e.Unwrap(); len(all) > 0 {
				inner = all[0]
			}
		}
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
