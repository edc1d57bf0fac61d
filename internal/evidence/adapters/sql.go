package adapters

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/text"
)

const (
	// maxRows bounds the result of a query.
	maxRows = 100
	// sqlTime is how long the server may work on a statement: less than a probe may take, so that it says itself what
	// it did not get done.
	sqlTime = 3 * time.Second
)

// sqlBegin fences the query. What is in other schemas than public stands in for nothing of the server's, whatever the role's
// settings are. An operator or function in public does where it fits the types of its arguments better.
var sqlBegin = fmt.Sprintf("BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = %d; SET LOCAL search_path = pg_catalog, public",
	sqlTime.Milliseconds())

func sqlAdapter() probe.Adapter {
	template, err := sqlTemplate()
	return probe.Adapter{
		Name: "sql",
		Fields: []probe.Field{
			{Name: "rows", Type: "list", Doc: "the rows of the result, at most 100, each a map"},
			{Name: "rows[].<column>", Type: "dyn", Doc: "an int, a double (numeric, too), a bool, a timestamp (with time zone), decoded JSON, null, or else PostgreSQL's text"},
			{Name: "count", Type: "int", Doc: "how many rows there are"},
			{Name: "code", Type: "string", Doc: "the SQLSTATE that the server answered with, as in 42P01; only where it answered with an error"},
		},
		Probe: func(ctx context.Context, dialer probe.Dialer, spec *v1beta1.ProbeEvidence) (map[string]any, error) {
			if err != nil {
				return nil, &probe.Fault{Message: "the client of PostgreSQL has no configuration: " + err.Error(), Lasting: true}
			}
			return probeSQL(ctx, dialer, *spec.Target, spec.SQL, template.Copy())
		},
	}
}

func probeSQL(ctx context.Context, dialer probe.Dialer, target v1beta1.ProbeTarget, spec *v1beta1.SQLEvidence, config *pgconn.Config) (map[string]any, error) {
	login, err := sqlLogin(ctx, dialer, spec.Secret)
	if err != nil {
		return nil, err
	}
	s := newSession(dialer, target)
	defer s.close()
	conn, err := s.connect(ctx, target, &pgInspector{about: s.about})
	if err != nil {
		return nil, s.failure(ctx, err)
	}
	config.Database, config.User, config.Password = database(spec), login.username, login.password
	config.DialFunc = once(conn)
	rows, err := askSQL(ctx, s, config, spec.Query)
	if err != nil {
		return sqlFailure(ctx, s, login, err)
	}
	values := map[string]any{"rows": rows, "count": int64(len(rows))}
	if err := bound(s.about, values); err != nil {
		return nil, err
	}
	return values, nil
}

// askSQL runs the query in a transaction that cannot write. It is rolled back with the end of the connection.
func askSQL(ctx context.Context, s *session, config *pgconn.Config, query string) ([]any, error) {
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	defer func() {
		conn.Close(ctx) //nolint:errcheck // nothing more is wanted of it
		// What the client still does by itself ends with the connection.
		s.close()
		<-conn.CleanupDone()
	}()
	if err := conn.Exec(ctx, sqlBegin).Close(); err != nil {
		return nil, err
	}
	// With parameters, even without any, the server takes one statement and no more.
	return readRows(s.about, conn.ExecParams(ctx, query, nil, nil, nil, nil))
}

func readRows(about string, result *pgconn.ResultReader) ([]any, error) {
	rows := []any{}
	for result.NextRow() {
		if len(rows) == maxRows {
			return nil, probe.Failf(probe.TooLarge, "%s answers with more than %d rows", about, maxRows)
		}
		columns, cells := result.FieldDescriptions(), result.Values()
		if len(columns) != len(cells) {
			return nil, probe.FailureOf(about, fmt.Errorf("it has %d cells in a row of %d columns", len(cells), len(columns)))
		}
		row := make(map[string]any, len(columns))
		for i, column := range columns {
			name := text.Valid(column.Name)
			if _, taken := row[name]; taken {
				return nil, probe.Failf(probe.Rejected, "%s answers with two columns %s: give each a name of its own with AS", about, name)
			}
			if len(cells[i]) > probe.MaxText {
				return nil, probe.Failf(probe.TooLarge, "%s answers with more than %d KiB in column %s", about, probe.MaxText>>10, name)
			}
			row[name] = sqlValue(column.DataTypeOID, cells[i])
		}
		rows = append(rows, row)
	}
	if _, err := result.Close(); err != nil {
		return nil, err
	}
	return rows, nil
}

// credentials are what a Secret holds to log in with.
type credentials struct{ username, password string }

func sqlLogin(ctx context.Context, dialer probe.Dialer, secret string) (credentials, error) {
	if secret == "" {
		return credentials{username: "postgres"}, nil
	}
	data, err := dialer.Secret(ctx, secret)
	if err != nil {
		return credentials{}, err
	}
	for _, key := range []string{"username", "password"} {
		if len(data[key]) == 0 {
			return credentials{}, probe.Failf(probe.NotFound, "Secret %s has no key %s", secret, key)
		}
	}
	return credentials{string(data["username"]), string(data["password"])}, nil
}

// hide takes the password out of a text of the server.
func (c credentials) hide(message string) string {
	if c.password == "" {
		return message
	}
	return strings.ReplaceAll(message, c.password, "…")
}

// sqlFailure sorts an error. What the server said itself stands beside it.
func sqlFailure(ctx context.Context, s *session, login credentials, err error) (map[string]any, error) {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return nil, s.failure(ctx, cause(err))
	}
	reason, code := probe.Rejected, text.Valid(said.Code[:min(len(said.Code), len("28P01"))])
	if strings.HasPrefix(code, "28") {
		reason = probe.Unauthorized
	}
	return map[string]any{"code": code}, probe.Failf(reason, "%s answers: %s (SQLSTATE %s)", s.about, login.hide(said.Message), code)
}

func database(spec *v1beta1.SQLEvidence) string {
	if spec.Database == "" {
		return "postgres"
	}
	return spec.Database
}
