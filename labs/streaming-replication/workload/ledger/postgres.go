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

// whoQuery asks a server who it is, and what it makes a commit wait for. SHOW is answered by the server itself: its superuser
// can replace functions in pg_catalog by others in SQL, so the last statement names those that were. A server in recovery has no
// timeline to write to.
const whoQuery = `show in_hot_standby; show synchronous_commit; show synchronous_standby_names;
select system_identifier, case when pg_catalog.pg_is_in_recovery() then '0'
    else pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8) end,
  (select coalesce(pg_catalog.string_agg(p.proname::pg_catalog.text, ', '), '') from pg_catalog.pg_proc p
    join pg_catalog.pg_language l on l.oid = p.prolang where p.pronamespace = 11 and l.lanname <> 'internal' and p.proname in
    ('pg_is_in_recovery', 'pg_control_system', 'pg_walfile_name', 'pg_current_wal_insert_lsn', 'string_agg', 'nameeq', 'namene', 'oideq'))
  from pg_catalog.pg_control_system()`

// who is what a server says of itself.
type who struct {
	history
	recovering bool
	// mode is its synchronous_commit for the writer.
	mode string
	// guarded tells that a commit waits until a standby has it on its disk.
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
	// A role can have another search_path, with functions and operators that stand in for those of the server.
	config.RuntimeParams["search_path"] = "pg_catalog"
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
	answers, err := s.conn.Exec(ctx, whoQuery).ReadAll()
	if err != nil {
		return w, err
	}
	var cells []string
	for _, answer := range answers {
		for _, row := range answer.Rows {
			for _, cell := range row {
				cells = append(cells, string(cell))
			}
		}
	}
	if len(cells) != 6 {
		return w, errors.New("it does not say who it is")
	}
	if replaced := cells[5]; replaced != "" {
		return w, fmt.Errorf("PostgreSQL's own functions were replaced: %s", replaced)
	}
	system, err := strconv.ParseInt(cells[3], 10, 64)
	if err != nil {
		return w, fmt.Errorf("its identifier: %w", err)
	}
	timeline, err := strconv.ParseUint(cells[4], 16, 32)
	if err != nil {
		return w, fmt.Errorf("its timeline: %w", err)
	}
	w = who{history: history{system: system, timeline: uint32(timeline)}, recovering: cells[0] == "on", mode: cells[1]}
	w.guarded = cells[2] != "" && (w.mode == "on" || w.mode == "remote_apply")
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
	return decodeTokens(rows), nil
}

// decodeTokens reads rows that begin with a number and a token.
func decodeTokens(rows [][][]byte) map[int]uint64 {
	tokens := make(map[int]uint64, len(rows))
	for _, row := range rows {
		number, notNumber := strconv.Atoi(string(row[0]))
		token, notToken := strconv.ParseUint(string(row[1]), 16, 64)
		// What the ledger has not written is not its concern.
		if notNumber == nil && notToken == nil {
			tokens[number] = token
		}
	}
	return tokens
}

// newest is how many of the entries that a server shows are compared with the ledger.
const newest = 100

// shows returns how many entries a server shows, and the tokens of the newest ones by their numbers.
func (s *session) shows(ctx context.Context) (entries int, tokens map[int]uint64, err error) {
	rows, _, err := s.query(ctx, fmt.Sprintf("select number, token, count(*) over () from public.entries order by number desc limit %d", newest))
	if err != nil {
		return 0, nil, err
	}
	if len(rows) > 0 && len(rows[0]) == 3 {
		if entries, err = strconv.Atoi(string(rows[0][2])); err != nil {
			return 0, nil, err
		}
	}
	return entries, decodeTokens(rows), nil
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
