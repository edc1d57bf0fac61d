package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		out  string
		err  string
	}{
		"help lists what it can be": {args: []string{"--help"}, out: "  web "},
		"help of web":               {args: []string{"web", "--help"}, out: "--burn duration"},
		"help of diary":             {args: []string{"diary", "--help"}, out: "--folder string"},
		"help of load":              {args: []string{"load", "--help"}, out: "--rate float"},
		"help of broken":            {args: []string{"broken", "--help"}, out: "  garbage    answering"},
		"help of charts":            {args: []string{"charts", "--help"}, out: "--grace duration"},
		"help of a step":            {args: []string{"pipeline", "validate", "--help"}, out: "--max-bad float"},
		"help of shortener":         {args: []string{"shortener", "--help"}, out: "--codes string"},
		"help of its customers":     {args: []string{"shortener", "customers", "--help"}, out: "--workers int"},
		"help of quorum":            {args: []string{"quorum", "--help"}, out: "--members strings"},
		"help of ledger":            {args: []string{"ledger", "--help"}, out: "--leader string"},
		"help of library":           {args: []string{"library", "--help"}, out: "--pages int"},
		"library out of bounds":     {args: []string{"library", "--pages=0"}, err: "pages is 0: it must be from 1 to 100"},
		"help of prices":            {args: []string{"prices", "--help"}, out: "--on-cache-failure string"},
		"prices out of bounds":      {args: []string{"prices", "--ttl=-1s"}, err: "ttl is -1s: it must not be negative"},
		"unknown service":           {args: []string{"mail"}, err: `unknown command "mail" for "workload"`},
		"web takes no arguments":    {args: []string{"web", "now"}, err: `unknown command "now" for "workload web"`},
		"web out of bounds":         {args: []string{"web", "--burn=2m"}, err: "burn is 2m0s: it must be from 0s to 1m"},
		"load out of bounds":        {args: []string{"load", "--rate=0"}, err: "rate is 0: it must be above 0 and at most 1000"},
		"broken in no way":          {args: []string{"broken"}, err: `mode is "": it must be one of slow, garbage, huge, huge-http, close, http-500`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			command := newCommand()
			command.SetArgs(tc.args)
			command.SetOut(&out)
			err := command.ExecuteContext(t.Context())
			if (err == nil) != (tc.err == "") || (err != nil && err.Error() != tc.err) {
				t.Errorf("error %v, want %q", err, tc.err)
			}
			if !strings.Contains(out.String(), tc.out) {
				t.Errorf("no %q in:\n%s", tc.out, out.String())
			}
		})
	}
}
