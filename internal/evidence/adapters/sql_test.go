package adapters

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

func sqlSpec(query string) *v1beta1.ProbeEvidence {
	return &v1beta1.ProbeEvidence{Target: theServer(), SQL: &v1beta1.SQLEvidence{Query: query}}
}

func TestSQLRows(t *testing.T) {
	plan := `[{"Plan": {"Node Type": "Index Scan", "Plan Rows": 12, "Total Cost": 8.29, "Filter": null}}]`
	server := &pgServer{answer: result(
		column{"id", pgInt8, []string{"1", "9223372036854775807"}},
		column{"small", pgInt2, []string{"-7", null}},
		column{"price", pgNumeric, []string{"12.50", "NaN"}},
		column{"share", pgFloat8, []string{"0.1", "Infinity"}},
		column{"paid", pgBool, []string{"t", "f"}},
		column{"name", pgText, []string{"ada", ""}},
		column{"at", pgTimestamptz, []string{"2026-11-23 13:43:38.5+00", "infinity"}},
		column{"day", 1082, []string{"2026-11-23", null}},
		column{"QUERY PLAN", pgJSON, []string{plan, `{"a": [true, "b"]}`}},
		column{"extra", pgJSONB, []string{`3`, null}},
	)}
	got, err := probeOnce(t, sqlAdapter(), reaching(t, serve(t, server.serve)), sqlSpec("SELECT * FROM orders"), patient)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"count": int64(2), "rows": []any{
		map[string]any{
			"id": int64(1), "small": int64(-7), "price": 12.5, "share": 0.1, "paid": true, "name": "ada",
			"at": time.Date(2026, 11, 23, 13, 43, 38, 500_000_000, time.UTC), "day": "2026-11-23", "extra": int64(3),
			"QUERY PLAN": []any{map[string]any{"Plan": map[string]any{
				"Node Type": "Index Scan", "Plan Rows": int64(12), "Total Cost": 8.29, "Filter": nil,
			}}},
		},
		map[string]any{
			"id": int64(9223372036854775807), "small": nil, "price": "NaN", "share": "Infinity", "paid": false, "name": "",
			"at": "infinity", "day": nil, "extra": nil, "QUERY PLAN": map[string]any{"a": []any{true, "b"}},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	begin := "BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = 3000; SET LOCAL search_path = pg_catalog, public"
	if diff := cmp.Diff([]string{begin, "SELECT * FROM orders"}, server.heard); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

func TestSQLResultOfNoRows(t *testing.T) {
	server := &pgServer{answer: result(column{"id", pgInt4, nil})}
	got, err := probeOnce(t, sqlAdapter(), reaching(t, serve(t, server.serve)), sqlSpec("SELECT 1 WHERE false"), patient)
	if diff := cmp.Diff(map[string]any{"rows": []any{}, "count": int64(0)}, got); diff != "" || err != nil {
		t.Errorf("error %v; values (-want +got):\n%s", err, diff)
	}
}

// asksForPassword lets those in who say the password, and repeats it to others.
func asksForPassword(password string) func(*pgproto3.Backend) {
	return func(backend *pgproto3.Backend) {
		backend.Send(&pgproto3.AuthenticationCleartextPassword{})
		if backend.Flush() != nil || backend.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
			return
		}
		message, err := backend.Receive()
		if err != nil {
			return
		}
		said := message.(*pgproto3.PasswordMessage).Password
		if said != password {
			refusal("FATAL", "28P01", fmt.Sprintf("password %s is wrong for user \"app\"", said))(backend)
			return
		}
		backend.Send(&pgproto3.AuthenticationOk{})
		backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	}
}

func TestSQLFailures(t *testing.T) {
	tests := map[string]struct {
		server *pgServer
		secret map[string][]byte
		want   failed
		// wantCode is what checks see.
		wantCode any
	}{
		"a table that is not there": {
			server:   &pgServer{answer: refusal("ERROR", "42P01", `relation "orders" does not exist`)},
			want:     failed{probe.Rejected, `server:1234 answers: relation "orders" does not exist (SQLSTATE 42P01)`},
			wantCode: "42P01",
		},
		"an error after some rows": {
			server: &pgServer{answer: func(backend *pgproto3.Backend) {
				backend.Send(&pgproto3.RowDescription{})
				backend.Send(&pgproto3.DataRow{})
				refusal("ERROR", "57014", "canceling statement due to statement timeout")(backend)
			}},
			want:     failed{probe.Rejected, "server:1234 answers: canceling statement due to statement timeout (SQLSTATE 57014)"},
			wantCode: "57014",
		},
		"a database that is not there": {
			server:   &pgServer{greet: refusal("FATAL", "3D000", `database "shop" does not exist`)},
			want:     failed{probe.Rejected, `server:1234 answers: database "shop" does not exist (SQLSTATE 3D000)`},
			wantCode: "3D000",
		},
		"a server that starts up": {
			server:   &pgServer{greet: refusal("FATAL", "57P03", "the database system is starting up")},
			want:     failed{probe.Rejected, "server:1234 answers: the database system is starting up (SQLSTATE 57P03)"},
			wantCode: "57P03",
		},
		"the right password": {
			server: &pgServer{greet: asksForPassword("s3cret"), answer: result(column{"id", pgInt4, nil})},
			secret: login("app", "s3cret"),
		},
		"a wrong password": {
			server: &pgServer{greet: asksForPassword("s3cret")}, secret: login("app", "wr0ng"),
			want:     failed{probe.Unauthorized, `server:1234 answers: password … is wrong for user "app" (SQLSTATE 28P01)`},
			wantCode: "28P01",
		},
		"a user without a right to connect": {
			server:   &pgServer{greet: refusal("FATAL", "28000", "no pg_hba.conf entry")},
			want:     failed{probe.Unauthorized, "server:1234 answers: no pg_hba.conf entry (SQLSTATE 28000)"},
			wantCode: "28000",
		},
		"a Secret without a user": {
			server: &pgServer{}, secret: login("", "s3cret"),
			want: failed{probe.NotFound, "Secret login has no key username"},
		},
		"a code that is none": {
			server:   &pgServer{answer: refusal("ERROR", "\xff\xff\xff\xff\xff\xff\xff", "no")},
			want:     failed{probe.Rejected, "server:1234 answers: no (SQLSTATE \uFFFD)"},
			wantCode: "\uFFFD",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dialer := reaching(t, serve(t, tc.server.serve))
			spec := sqlSpec("SELECT * FROM orders")
			if tc.secret != nil {
				dialer.secrets = map[string]map[string][]byte{"login": tc.secret}
				spec.SQL.Secret = "login"
			}
			got, err := probeOnce(t, sqlAdapter(), dialer, spec, patient)
			if diff := cmp.Diff(tc.want, failedWith(t, err), cmp.AllowUnexported(failed{})); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if got["code"] != tc.wantCode {
				t.Errorf("the code is %v, want %v", got["code"], tc.wantCode)
			}
		})
	}
}

func TestSQLAnswersThatAreTooMuch(t *testing.T) {
	tests := map[string]struct {
		server *pgServer
		want   failed
	}{
		"rows": {
			server: &pgServer{answer: result(column{"id", pgInt4, make([]string, 1_000_000)})},
			want:   failed{probe.TooLarge, "server:1234 answers with more than 100 rows"},
		},
		"a cell": {
			server: &pgServer{answer: result(column{"name", pgText, []string{strings.Repeat("a", probe.MaxText+1)}})},
			want:   failed{probe.TooLarge, "server:1234 answers with more than 64 KiB in column name"},
		},
		"cells": {
			server: &pgServer{answer: result(column{"name", pgText, slicesOf(60, strings.Repeat("a", 8<<10))})},
			want:   failed{probe.TooLarge, "server:1234 answers with more than 256 KiB"},
		},
		"a row that is announced": {
			server: &pgServer{answer: result(column{"name", pgText, []string{strings.Repeat("a", 1<<20)}})},
			want:   failed{probe.TooLarge, "server:1234 answers with more than 256 KiB"},
		},
		"notices": {
			server: &pgServer{answer: func(backend *pgproto3.Backend) {
				for backend.Flush() == nil {
					backend.Send(&pgproto3.NoticeResponse{Message: strings.Repeat("a", 4<<10)})
				}
			}},
			want: failed{probe.TooLarge, "server:1234 answers with more than 1024 KiB"},
		},
		"rounds of hashing": {
			server: &pgServer{greet: wantsRounds(10_000_000)},
			want:   failed{probe.TooLarge, "server:1234 wants the password hashed more than 100000 times"},
		},
		"columns of one name": {
			server: &pgServer{answer: result(column{"id", pgInt4, []string{"1"}}, column{"id", pgInt4, []string{"2"}})},
			want:   failed{probe.Rejected, "server:1234 answers with two columns id: give each a name of its own with AS"},
		},
		"cells without columns": {
			server: &pgServer{answer: func(backend *pgproto3.Backend) {
				backend.Send(&pgproto3.RowDescription{})
				backend.Send(&pgproto3.DataRow{Values: [][]byte{[]byte("1")}})
			}},
			want: failed{probe.Malformed, "server:1234 gives an answer that is not understood: it has 1 cells in a row of 0 columns"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dialer := reaching(t, serve(t, tc.server.serve))
			_, err := probeOnce(t, sqlAdapter(), dialer, sqlSpec("SELECT * FROM orders"), patient)
			if diff := cmp.Diff(tc.want, failedWith(t, err), cmp.AllowUnexported(failed{})); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if read := dialer.read.Load(); read > maxRead+64<<10 {
				t.Errorf("%d bytes were read", read)
			}
		})
	}
}

func slicesOf(count int, text string) []string {
	all := make([]string, count)
	for i := range all {
		all[i] = text
	}
	return all
}

// wantsRounds asks for a password, hashed that often.
func wantsRounds(rounds int) func(*pgproto3.Backend) {
	return func(backend *pgproto3.Backend) {
		backend.Send(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{"SCRAM-SHA-256"}})
		if backend.Flush() != nil || backend.SetAuthType(pgproto3.AuthTypeSASL) != nil {
			return
		}
		message, err := backend.Receive()
		if err != nil {
			return
		}
		_, nonce, _ := strings.Cut(string(message.(*pgproto3.SASLInitialResponse).Data), "r=")
		backend.Send(&pgproto3.AuthenticationSASLContinue{Data: fmt.Appendf(nil, "r=%sserver,s=c2FsdA==,i=%d", nonce, rounds)})
	}
}

func TestSQLTakesNothingFromTheEnvironment(t *testing.T) {
	for _, name := range []string{
		"PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGAPPNAME", "PGCONNECT_TIMEOUT", "PGSSLMODE", "PGSSLKEY", "PGSSLCERT",
		"PGSSLCERTMODE", "PGSSLSNI", "PGSSLROOTCERT", "PGSSLPASSWORD", "PGSSLNEGOTIATION", "PGTARGETSESSIONATTRS", "PGSERVICE", "PGSERVICEFILE", "PGTZ",
		"PGOPTIONS", "PGMINPROTOCOLVERSION", "PGMAXPROTOCOLVERSION", "PGCHANNELBINDING", "PGREQUIREAUTH", "PGKRBSRVNAME",
	} {
		t.Setenv(name, "nonsense")
	}
	server := &pgServer{answer: result(column{"id", pgInt4, nil})}
	spec := sqlSpec("SELECT 1")
	spec.SQL.Database = "shop"
	if _, err := probeOnce(t, sqlAdapter(), reaching(t, serve(t, server.serve)), spec, patient); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"user": "postgres", "database": "shop", "application_name": "lab-operator", "client_encoding": "UTF8", "DateStyle": "ISO", "TimeZone": "UTC",
	}
	if diff := cmp.Diff(want, server.startup); diff != "" {
		t.Errorf("what the client says first (-want +got):\n%s", diff)
	}
	if got := os.Getenv("PGSERVICE"); got != "nonsense" {
		t.Errorf("PGSERVICE is %q afterwards", got)
	}
}
