package adapters

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// sqlTemplate is a configuration that takes nothing from the environment or from files. The library makes one by
// parsing only, where the environment fills what the text leaves out; every field of it is replaced afterwards.
func sqlTemplate() (*pgconn.Config, error) {
	// A text can say nothing against PGSERVICE, which makes the library read a file.
	if service, ok := os.LookupEnv("PGSERVICE"); ok {
		if err := os.Unsetenv("PGSERVICE"); err != nil {
			return nil, fmt.Errorf("unset PGSERVICE: %w", err)
		}
		defer os.Setenv("PGSERVICE", service) //nolint:errcheck // it was there before
	}
	// With a password the library probes for none in a file.
	parsed, err := pgconn.ParseConfig("host=server port=5432 user=none password=none dbname=none sslmode=disable sslcertmode=disable " +
		"sslnegotiation=postgres connect_timeout=0 target_session_attrs=any min_protocol_version=3.0 max_protocol_version=3.0 " +
		"channel_binding=disable require_auth='' sslrootcert='' sslcert='' sslkey='' sslpassword='' passfile=''")
	if err != nil {
		return nil, fmt.Errorf("parse a configuration: %w", err)
	}
	parsed.TLSConfig, parsed.Fallbacks, parsed.ConnectTimeout = nil, nil, 0
	parsed.KerberosSrvName, parsed.KerberosSpn = "", ""
	parsed.RuntimeParams = map[string]string{
		"application_name": "lab-operator", "client_encoding": "UTF8", "DateStyle": "ISO", "TimeZone": "UTC",
	}
	parsed.MaxProtocolMessageBodyLen = probe.MaxValue
	parsed.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
	return parsed, nil
}

// once gives a connection that is made already to the first who dials.
func once(conn net.Conn) func(context.Context, string, string) (net.Conn, error) {
	given := make(chan net.Conn, 1)
	given <- conn
	return func(context.Context, string, string) (net.Conn, error) {
		select {
		case conn := <-given:
			return conn, nil
		default:
			return nil, errors.New("there is one connection a probe")
		}
	}
}

// cause is the innermost error: libraries wrap it in words that mean nothing to learners.
func cause(err error) error {
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
			return err
		}
		err = inner
	}
}
